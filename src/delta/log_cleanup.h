#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "delta/action.h"
#include "store/store.h"

namespace claimlake::delta {

// What may be deleted of a log ("Metadata Cleanup" of the protocol). Pure; `listing` is that of
// `_delta_log`. The files of `_sidecars` are not looked at.

// The version before which all may go: a version stays readable if it was the table's at `cutoff`
// or later, so it is that of the newest checkpoint that is not newer than the last commit up to
// `cutoff`. Absent: all is needed.
std::optional<LogVersion> expired_before(const std::vector<store::ObjectInfo>& listing,
                                         Timestamp cutoff);

// The paths of commits, checkpoints and other files of versions before `first_kept`, as listed.
std::vector<std::string> log_before(const std::vector<store::ObjectInfo>& listing,
                                    LogVersion first_kept);

}  // namespace claimlake::delta
