#pragma once

#include <duckdb/common/types/value.hpp>
#include <duckdb/main/database.hpp>
#include <optional>
#include <vector>

#include "delta/column_mapping.h"
#include "engine/file_stats.h"

namespace claimlake::engine {

// How the columns of a select stand in the Parquet files that are written of them.
struct FileLayout {
  std::vector<ResultColumn> columns;  // of the select
  std::vector<ResultColumn> stored;   // the same under their names in files, fields included
  std::optional<duckdb::Value> ids;   // COPY's FIELD_IDS; absent: no ids are written
};

// `partition_columns` are in the layout, but have no ids: they are not in files. Throws an Error of
// ours for a column that the table does not have, or has in another shape.
FileLayout file_layout(std::vector<ResultColumn> columns, const delta::StoredColumns& table,
                       const std::vector<std::string>& partition_columns);

// The format of COPY that writes Parquet files in the layout of the session's write: DuckDB's own
// takes the names from the select, and a cast of structs matches fields by their names.
inline constexpr const char* kLayoutFormat = "lake_parquet";
void register_layout_format(duckdb::DatabaseInstance& database);

}  // namespace claimlake::engine
