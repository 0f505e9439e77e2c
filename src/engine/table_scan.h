#pragma once

#include <duckdb/function/table_function.hpp>
#include <memory>

#include "engine/scan_counter.h"
#include "engine/table_files.h"

namespace claimlake::engine {

// The scan of a lake table: DuckDB's own Parquet reader over the files of one version, with
// partition values as constants and files left out by their bounds. `entry` is what the plan
// calls the table; it outlives the query.
duckdb::TableFunction make_table_scan(duckdb::ClientContext& context,
                                      duckdb::TableCatalogEntry& entry,
                                      std::shared_ptr<const TableFiles> files,
                                      std::shared_ptr<ScanCounter> counter,
                                      duckdb::unique_ptr<duckdb::FunctionData>& bind_data);

// What plans call the scan.
inline constexpr const char* kScanName = "lake_scan";

// DuckDB's Parquet reader asks for a setting of this name, which it leaves to others to make known.
inline constexpr const char* kVariantSetting = "__delta_only_variant_encoding_enabled";

// Columns that a table has beside its own: names of virtual columns by their identifier.
duckdb::virtual_column_map_t table_virtual_columns();
duckdb::vector<duckdb::column_t> table_row_id_columns();

}  // namespace claimlake::engine
