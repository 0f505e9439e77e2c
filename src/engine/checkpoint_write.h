#pragma once

#include <string>

#include "delta/parquet_io.h"

namespace duckdb {
class ClientContext;
}

namespace claimlake::engine {

// Writes `content` as one Parquet file at `url`, within a transaction of `context`. Throws what
// DuckDB throws.
void write_checkpoint(duckdb::ClientContext& context, const std::string& url,
                      const delta::CheckpointContent& content);

}  // namespace claimlake::engine
