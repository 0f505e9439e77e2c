#pragma once

namespace duckdb {
class DatabaseInstance;
}

namespace claimlake::engine {

// LIMIT straight above a scan of the lake then opens the first files that have enough rows, where
// each thread would otherwise open one of its own.
void register_limit_files(duckdb::DatabaseInstance& database);

}  // namespace claimlake::engine
