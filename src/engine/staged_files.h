#pragma once

#include <vector>

#include "delta/snapshot.h"
#include "engine/engine.h"

namespace claimlake::engine {

// Files that no table has committed, in the form of a table's version, so that they are read,
// pruned and counted exactly as they will be after the commit.
delta::SnapshotPtr staged_snapshot(const delta::Schema& schema,
                                   const std::vector<WrittenFile>& files);

}  // namespace claimlake::engine
