#pragma once

#include <string>
#include <vector>

#include "refresh/prove.h"

namespace claimlake::refresh {

// Compares a version of a Bronze table with the raw files that it took in: those that are still
// there are read again. Fills `proof`, without the commits that rows are from. Errors are why the
// table is not proved.
Done prove_raw(const ProveContext& context, const ProveOptions& options, const pack::Source& source,
               const delta::SnapshotPtr& table, TableProof& proof);

}  // namespace claimlake::refresh
