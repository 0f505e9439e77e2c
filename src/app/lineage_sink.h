#pragma once

#include <string>
#include <vector>

#include "app/config.h"
#include "base/cancel.h"

namespace claimlake::app {

// Where events of runs go, as claimlake.yml says: `lineage_file` and `lineage_url`.

inline bool wants_lineage(const Config& config) {
  return !config.lineage_file.empty() || !config.lineage_url.empty();
}

// Appends `events` to the file, and posts them one by one. A place that cannot be reached is told
// in the log, with how many did not get there, and is no error: a run does not fail by it.
// `folder`: what a relative file name starts from.
void send_lineage(const Config& config, const std::string& folder,
                  const std::vector<std::string>& events, const Cancel& cancel);

}  // namespace claimlake::app
