#pragma once

#include "delta/action.h"
#include "engine/engine.h"
#include "lake/table_name.h"

namespace claimlake::lake {

// What the log says of a file that write_parquet made below the table's folder.
delta::AddFile add_file(const engine::WrittenFile& file, const TableName& table, Timestamp now);

// The same of a file that holds changed rows and is no part of the table.
delta::CdcFile change_file(const engine::WrittenFile& file, const TableName& table);

// That a file, with its deletion vector, is no longer in the table.
delta::RemoveFile remove_file(const delta::AddFile& add, Timestamp now);

}  // namespace claimlake::lake
