#pragma once

#include <string>

#include "delta/parquet_io.h"

namespace duckdb {
class Connection;
}

namespace claimlake::engine {

// Writes `content` as one Parquet file at `url`. Throws what DuckDB throws.
void copy_checkpoint(duckdb::Connection& connection, const std::string& url,
                     const delta::CheckpointContent& content);

}  // namespace claimlake::engine
