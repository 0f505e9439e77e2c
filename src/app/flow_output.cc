#include "app/flow_output.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "app/run_output.h"

namespace claimlake::app {
namespace {

using schedule::LiveEvent;
using schedule::LiveState;
using schedule::TableFlow;

double seconds_of(std::chrono::microseconds time) {
  return std::chrono::duration<double>(time).count();
}

std::string clock_text(Timestamp time) { return to_text(time).substr(11, 8); }

// The time of day, or the day if it is another one: at a terminal every column counts.
std::string when_text(Timestamp time, Timestamp now) {
  const std::string day = to_text(time).substr(0, 10);
  return day == to_text(now).substr(0, 10) ? clock_text(time) : day;
}

std::string lag_text(const TableFlow& flow, Timestamp now) {
  return flow.waiting_since ? human_seconds(seconds_of(flow.lag(now))) : "";
}

std::string plural(std::int64_t count, const char* what) {
  return fmt::format("{} {}{}", human_count(count), what, count == 1 ? "" : "s");
}

// Files that wait for their turn.
std::int64_t files_in_line(const LiveState& state) {
  return static_cast<std::int64_t>(state.files_waiting - state.being_written.size());
}

// When it is tried again, as errors say what to do next: on a line of its own; or nothing.
std::string again_line(const schedule::Problem& problem) {
  if (!problem.again_at) return "";
  return fmt::format("\n  again  at {}", clock_text(*problem.again_at));
}

// "bronze.claims_raw 1, bronze.pets_raw 2": the tables that were written.
std::string built_text(const refresh::RunReport& report) {
  std::string text;
  for (const refresh::TableReport& table : report.tables) {
    if (table.outcome != refresh::TableOutcome::kBuilt && table.rows == 0) continue;
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", table.table, human_count(table.rows));
  }
  return text;
}

}  // namespace

TextRows flow_rows(const std::vector<TableFlow>& flows, Timestamp now) {
  TextRows shown{{{"table"},
                  {"rows in", Align::kRight},
                  {"waiting", Align::kRight},
                  {"refused", Align::kRight},
                  {"lag", Align::kRight},
                  {"version", Align::kRight},
                  {"committed"}},
                 {}};
  for (const TableFlow& flow : flows) {
    shown.rows.push_back({flow.table, human_count(flow.rows_in), human_count(flow.waiting),
                          human_count(flow.refused), lag_text(flow, now),
                          flow.version ? std::to_string(*flow.version) : "none",
                          flow.committed_at ? when_text(*flow.committed_at, now) : ""});
  }
  return shown;
}

std::string stale_lines(const std::vector<TableFlow>& flows) {
  std::string text;
  for (const TableFlow& flow : flows) {
    if (flow.stale && flow.stale->because_of == flow.table) text += flow.stale->text() + "\n";
  }
  for (const TableFlow& flow : flows) {
    if (!flow.stale || flow.stale->because_of == flow.table) continue;
    text += fmt::format("{} is stale because of {}\n", flow.table, flow.stale->because_of);
  }
  return text;
}

std::string event_line(const LiveEvent& event) {
  std::string in = event.ingested ? built_text(*event.ingested) : "";
  const std::string out = event.refreshed ? built_text(*event.refreshed) : "";
  if (in.empty() && out.empty()) return "";
  // How many rows of a table are refused in all, the flow says.
  const std::int64_t broken = event.ingested ? event.ingested->refused_rows() : 0;
  if (!in.empty() && !out.empty()) in += " -> ";
  const auto waiting = files_in_line(event.state);
  return fmt::format("{}{}{} in {}{}", in, out,
                     broken > 0 ? ", " + plural(broken, "broken record") : "",
                     human_seconds(seconds_of(event.finished_at - event.noticed_at)),
                     waiting > 0 ? "; " + plural(waiting, "file") + " waiting" : "");
}

std::map<std::string, std::string> notes(const LiveState& state) {
  std::map<std::string, std::string> notes;
  for (const auto& [of, problem] : state.problems) {
    notes[of] = of + ": " + problem.what + again_line(problem);
  }
  for (const schedule::WaitingFile& file : state.being_written) {
    notes[file.name] = fmt::format("{} is still being written (since {}, {} by now): it waits",
                                   file.name, clock_text(file.since), human_bytes(file.size));
  }
  for (const schedule::WaitingFile& file : state.files_refused) {
    notes[file.name] = fmt::format("{} is left out: {}", file.name, file.reason);
  }
  return notes;
}

std::string state_lines(const LiveState& state) {
  std::string text = state.schedule.text();
  if (state.next_due) text += ", next at " + to_text(*state.next_due).substr(0, 19) + " UTC";
  const std::int64_t waiting = files_in_line(state);
  if (waiting > 0) text += ", " + plural(waiting, "file") + " waiting";
  text += "\n";
  for (const schedule::WaitingFile& file : state.being_written) {
    text += fmt::format("  being written since {}: {} ({})\n", clock_text(file.since), file.name,
                        human_bytes(file.size));
  }
  constexpr std::size_t kShown = 5;
  for (std::size_t i = 0; i < std::min(kShown, state.files_refused.size()); ++i) {
    text += fmt::format("  left out: {}: {}\n", state.files_refused[i].name,
                        state.files_refused[i].reason);
  }
  if (state.files_refused.size() > kShown) {
    text += fmt::format("  and {} more files left out\n", state.files_refused.size() - kShown);
  }
  for (const auto& [of, problem] : state.problems) {
    text += fmt::format("  {} since {}: {}{}\n", of, clock_text(problem.since), problem.what,
                        again_line(problem));
  }
  return text;
}

}  // namespace claimlake::app
