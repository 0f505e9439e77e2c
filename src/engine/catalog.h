#pragma once

#include "engine/instance.h"

namespace duckdb {
class DatabaseInstance;
}

namespace claimlake::engine {

inline constexpr const char* kCatalogType = "claimlake";

// Lets ATTACH '' AS lake (TYPE claimlake) show the tables of `slot`. Both arguments outlive
// `database`.
void register_lake_catalog(duckdb::DatabaseInstance& database, store::Store& store,
                           DirectorySlot& slot);

}  // namespace claimlake::engine
