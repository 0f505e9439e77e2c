#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "delta/action.h"
#include "store/store.h"

namespace claimlake::delta {

// What may be deleted of a log ("Metadata Cleanup" of the protocol).
struct ExpiredLog {
  LogVersion first_kept = 0;       // a checkpoint with all of the table; older versions end
  std::vector<std::string> files;  // paths of commits, checkpoints and others of older versions
};

// `listing`: of `_delta_log`. A version stays readable if it was the table's at `cutoff` or later:
// so the newest checkpoint stays that is not newer than the last commit up to `cutoff`. Absent: all
// is needed. Pure. The files of `_sidecars` are not looked at.
std::optional<ExpiredLog> expired_log(const std::vector<store::ObjectInfo>& listing,
                                      Timestamp cutoff);

}  // namespace claimlake::delta
