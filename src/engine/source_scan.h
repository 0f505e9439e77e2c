#pragma once

#include <duckdb/function/table_function.hpp>
#include <memory>

#include "engine/row_source.h"

namespace claimlake::engine {

// The scan of rows that our own code makes: by several threads, only the columns that are read.
// `entry` is what the plan calls the source; it outlives the query.
duckdb::TableFunction make_source_scan(duckdb::TableCatalogEntry& entry,
                                       std::shared_ptr<const RowSource> source,
                                       duckdb::unique_ptr<duckdb::FunctionData>& bind_data);

duckdb::LogicalType source_type(SourceType type);

}  // namespace claimlake::engine
