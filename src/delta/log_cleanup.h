#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "delta/action.h"
#include "store/store.h"

namespace claimlake::delta {

// What may be deleted of a log ("Metadata Cleanup" of the protocol). Pure; `listing` is that of
// `_delta_log`.

// The version before which all may go: a version stays readable if it was the table's at `cutoff`
// or later, so it is that of the newest checkpoint that is not newer than the last commit up to
// `cutoff`. Absent: all is needed.
std::optional<LogVersion> expired_before(const std::vector<store::ObjectInfo>& listing,
                                         Timestamp cutoff);

// The paths of commits, checkpoints and other files of versions before `first_kept`, as listed.
std::vector<std::string> log_before(const std::vector<store::ObjectInfo>& listing,
                                    LogVersion first_kept);

// The paths of sidecars that no checkpoint names (`named`: paths) and that are old enough not to
// belong to one that is being written: a day, counted from midnight.
std::vector<std::string> orphan_sidecars(const std::vector<store::ObjectInfo>& sidecars,
                                         const std::set<std::string>& named, Timestamp now);

// Where they lie.
std::string sidecar_folder(std::string_view table_path);

}  // namespace claimlake::delta
