#pragma once

#include <string>
#include <vector>

#include "app/output.h"
#include "schedule/flow.h"
#include "schedule/live.h"

namespace claimlake::app {

// What flows through the tables: rows in, waiting, refused, lag, version.
TextRows flow_rows(const std::vector<schedule::TableFlow>& flows, Timestamp now);
nlohmann::json to_json(const std::vector<schedule::TableFlow>& flows, Timestamp now);

// What `event` did and what is wrong, a line each, for a pipe. "" if there is nothing to say.
std::string event_lines(const schedule::LiveEvent& event);
// Where the pipeline stands, for people: mode, files that wait, files that are being written or
// were refused, problems.
std::string state_lines(const schedule::LiveState& state);
nlohmann::json to_json(const schedule::LiveState& state);
nlohmann::json to_json(const schedule::Schedule& schedule);
// One line of `watch --json`.
nlohmann::json to_json(const schedule::LiveEvent& event,
                       const std::vector<schedule::TableFlow>& flows);

}  // namespace claimlake::app
