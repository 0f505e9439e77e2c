#pragma once

#include "delta/action.h"
#include "engine/engine.h"
#include "lake/table_name.h"

namespace claimlake::lake {

// True if a path below a table's folder is not of its rows: a part of it begins with '.' or '_'.
bool is_hidden(std::string_view path);

// What the log says of a file that write_parquet made below the table's folder.
delta::AddFile add_file(const engine::WrittenFile& file, const TableName& table, Timestamp now);

// The same of a file that holds changed rows and is no part of the table.
delta::CdcFile change_file(const engine::WrittenFile& file, const TableName& table);

// What identifies a file in the log: its path, with that of its deletion vector.
template <class File>  // AddFile or RemoveFile
std::string key_of(const File& file) {
  return file.path + (file.deletion_vector ? "\n" + file.deletion_vector->unique_id() : "");
}

// That a file, with its deletion vector, is no longer in the table.
delta::RemoveFile remove_file(const delta::AddFile& add, Timestamp now);

// The add of a file that keeps its rows but those of `vector`. Its bounds stay true of what is
// left, but need not be reached any more.
delta::AddFile with_wide_vector(const delta::AddFile& file, delta::DeletionVector vector);

}  // namespace claimlake::lake
