#pragma once

#include <map>
#include <string>
#include <vector>

#include "app/output.h"
#include "schedule/flow.h"
#include "schedule/live_json.h"

namespace claimlake::app {

// What flows through the tables: rows in, waiting, refused, lag, version.
TextRows flow_rows(const std::vector<schedule::TableFlow>& flows, Timestamp now);

// Which tables are older than they should be and why, a line each; "" if none is.
std::string stale_lines(const std::vector<schedule::TableFlow>& flows);

// What `event` did, in one line; "" if nothing was written.
std::string event_line(const schedule::LiveEvent& event);
// What keeps a part of the pipeline or a file from going on, by its name.
std::map<std::string, std::string> notes(const schedule::LiveState& state);
// Where the pipeline stands, for people: mode, files that wait, files that are being written or
// were refused, problems.
std::string state_lines(const schedule::LiveState& state);

}  // namespace claimlake::app
