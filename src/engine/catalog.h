#pragma once

#include "engine/instance.h"

namespace duckdb {
class DatabaseInstance;
}

namespace claimlake::engine {

inline constexpr const char* kCatalogType = "claimlake";

// Lets ATTACH '' AS lake (TYPE claimlake) show the tables of `slot`, which like `store` outlives
// `database`. `table_bytes`: as in EngineConfig.
void register_lake_catalog(duckdb::DatabaseInstance& database, store::Store& store,
                           DirectorySlot& slot, std::int64_t table_bytes);

}  // namespace claimlake::engine
