#pragma once

#include <string>

#include "base/result.h"
#include "delta/snapshot.h"
#include "refresh/publish.h"

namespace claimlake::refresh {

// A table that is to be brought up to date by key. All outlive it.
struct KeyRefreshInput {
  const TableRefreshContext& context;
  const pack::Model& model;
  const Inputs& inputs;     // the versions that it is to be computed from
  delta::SnapshotPtr base;  // its newest version, or null
  std::int64_t state = 0;   // that it will be in (fingerprint.h)
  Past past;
};

// Brings a table up to date by the keys that changes of its inputs since its last refresh touch
// (docs/formats/refresh.md): these alone are computed and checked, and what differs is committed as
// one version with the positions. Fills `report` and returns "". Where it cannot be done so, or
// would cost more than building the table as a whole, returns the reason: the table is as it was,
// the quarantine may hold what the whole will put there too. The session must read the inputs at
// their versions. Errors: kConflict (to be tried again), kCancelled.
Result<std::string> refresh_by_key(const KeyRefreshInput& input, TableReport& report);

}  // namespace claimlake::refresh
