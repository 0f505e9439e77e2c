#pragma once

#include <vector>

#include "delta/snapshot.h"

namespace claimlake::delta {

// The newest txn action of each application, as Snapshot::txn finds them one by one. `table`: of a
// Log.
std::vector<Txn> txns_of(const Snapshot& table);

}  // namespace claimlake::delta
