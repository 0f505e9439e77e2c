#pragma once

#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "schedule/flow.h"
#include "schedule/live.h"

namespace claimlake::schedule {

// The pipeline as commands and the API tell it: docs/reference/cli.md, `watch`.
nlohmann::json to_json(const Schedule& schedule);
nlohmann::json to_json(const std::vector<TableFlow>& flows, Timestamp now);
nlohmann::json to_json(const LiveState& state);
// One line of `watch --json`, one event of the API.
nlohmann::json to_json(const LiveEvent& event, const std::vector<TableFlow>& flows);

}  // namespace claimlake::schedule
