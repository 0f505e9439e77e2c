#include "schedule/live_json.h"

#include <nlohmann/json.hpp>

#include "refresh/report_json.h"

namespace claimlake::schedule {
namespace {

double seconds_of(std::chrono::microseconds time) {
  return std::chrono::duration<double>(time).count();
}

nlohmann::json to_json(const std::vector<WaitingFile>& files) {
  nlohmann::json list = nlohmann::json::array();
  for (const WaitingFile& file : files) {
    list.push_back({{"file", file.name},
                    {"bytes", file.size},
                    {"since", to_rfc3339(file.since)},
                    {"reason", file.reason}});
  }
  return list;
}

}  // namespace

nlohmann::json to_json(const std::vector<TableFlow>& flows, Timestamp now) {
  nlohmann::json tables = nlohmann::json::array();
  for (const TableFlow& flow : flows) {
    nlohmann::json table = {
        {"table", flow.table},
        {"version", flow.version ? nlohmann::json(*flow.version) : nlohmann::json()},
        {"committed_at",
         flow.committed_at ? nlohmann::json(to_rfc3339(*flow.committed_at)) : nlohmann::json()},
        {"rows", flow.rows},
        {"rows_in", flow.rows_in},
        {"waiting", flow.waiting},
        {"refused", flow.refused},
        {"lag_seconds", seconds_of(flow.lag(now))}};
    if (!flow.problem.empty()) table["problem"] = flow.problem;
    table["stale"] =
        flow.stale ? nlohmann::json::parse(refresh::to_json(*flow.stale)) : nlohmann::json();
    tables.push_back(std::move(table));
  }
  return tables;
}

nlohmann::json to_json(const Schedule& schedule) {
  nlohmann::json json = {{"mode", mode_name(schedule.mode)}};
  if (schedule.mode == Mode::kScheduled && schedule.cron) {
    json["cron"] = schedule.cron->text();
  } else if (schedule.mode == Mode::kScheduled) {
    json["every"] = every_text(schedule.every);
  }
  if (schedule.changed_at) json["changed_at"] = to_rfc3339(*schedule.changed_at);
  if (!schedule.changed_by.empty()) json["changed_by"] = schedule.changed_by;
  return json;
}

nlohmann::json to_json(const LiveState& state) {
  nlohmann::json problems = nlohmann::json::array();
  for (const auto& [of, problem] : state.problems) {
    problems.push_back(
        {{"of", of},
         {"message", problem.what},
         {"since", to_rfc3339(problem.since)},
         {"again_at",
          problem.again_at ? nlohmann::json(to_rfc3339(*problem.again_at)) : nlohmann::json()}});
  }
  return {
      {"pipeline", to_json(state.schedule)},
      {"today", to_text(state.today)},
      {"next_due", state.next_due ? nlohmann::json(to_rfc3339(*state.next_due)) : nlohmann::json()},
      {"files_waiting", state.files_waiting},
      {"being_written", to_json(state.being_written)},
      {"files_refused", to_json(state.files_refused)},
      {"problems", problems}};
}

nlohmann::json to_json(const LiveEvent& event, const std::vector<TableFlow>& flows) {
  nlohmann::json json = to_json(event.state);
  json["event"] = event.ingested || event.refreshed ? "refresh" : "state";
  json["noticed_at"] = to_rfc3339(event.noticed_at);
  json["finished_at"] = to_rfc3339(event.finished_at);
  json["seconds"] = seconds_of(event.finished_at - event.noticed_at);
  json["ingest"] = event.ingested ? to_json(*event.ingested) : nlohmann::json();
  json["run"] = event.refreshed ? to_json(*event.refreshed) : nlohmann::json();
  json["tables"] = to_json(flows, event.finished_at);
  return json;
}

}  // namespace claimlake::schedule
