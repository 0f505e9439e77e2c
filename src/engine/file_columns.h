#pragma once

#include <duckdb/common/multi_file/multi_file_data.hpp>

#include "delta/column_mapping.h"
#include "delta/schema.h"

namespace claimlake::engine {

// Finds the columns of a table in one of its files. DuckDB maps all columns of a file either by
// name or by field id; here each is found on its own, down to the fields of structs in lists and
// maps, and DuckDB is told the names that the file happens to have: parts of lists and maps have
// no ids of their own, other writers leave ids out, and a miss would be a silent null.
class FileColumns {
 public:
  // `columns`: of the file, which outlive this. Parts of lists and maps get the names that DuckDB
  // looks for, whatever the file calls them.
  FileColumns(delta::ColumnMapping mapping,
              duckdb::vector<duckdb::MultiFileColumnDefinition>& columns);

  struct Place {
    // The column of the table; the `identifier` of it and of each of its fields is the name in the
    // file, or one that the file has not.
    duckdb::MultiFileColumnDefinition wanted;
    const duckdb::MultiFileColumnDefinition* found = nullptr;  // null: the file has no such column
  };
  // `type`: of `field` in the engine. Fastest if asked in the order of the file.
  Place find(const delta::Field& field, const duckdb::LogicalType& type);

 private:
  delta::ColumnMapping mapping_;
  duckdb::vector<duckdb::MultiFileColumnDefinition>& columns_;
  std::size_t next_ = 0;  // after the column found last: mostly the one that is asked for
};

}  // namespace claimlake::engine
