#include "schedule/control.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "refresh/ops.h"
#include "schedule/live_json.h"
#include "schedule/waiting.h"

namespace claimlake::schedule {
namespace {

// Looking again at all refused rows of a table takes less, unless something is wrong.
constexpr std::chrono::seconds kQuarantineTimeMax{60};

std::string text_of(const nlohmann::json& json) {
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

Result<std::map<std::string, LastRun>> last_runs(lake::Lake& lake, engine::Engine& engine) {
  std::map<std::string, LastRun> runs;
  const auto snapshot = lake.snapshot_if_any({"ops", "runs"});
  if (!snapshot) return snapshot.error();
  if (*snapshot == nullptr) return runs;
  TRY(const auto session, engine.session({.access = engine::Access::kInternal}));
  TRY(const auto rows,
      session->query(
          "SELECT table_name, arg_max(run_id, started_at), arg_max(outcome, started_at), "
          "epoch_us(arg_max(finished_at, started_at)) FROM ops.runs GROUP BY table_name"));
  TRY(const engine::TextTable table, engine::read_all(*rows));
  for (const auto& row : table.rows) {
    const std::int64_t at = whole_number(row[3].value_or("")).value_or(0);
    runs[row[0].value_or("")] = {row[1].value_or(""), row[2].value_or(""),
                                 Timestamp(std::chrono::microseconds(at))};
  }
  return runs;
}

}  // namespace

nlohmann::json mode_json(const Schedule& schedule, const std::optional<Owner>& owner) {
  nlohmann::json json = to_json(schedule);
  json["run_by"] = owner ? nlohmann::json(owner->text()) : nlohmann::json();
  return json;
}

nlohmann::json to_json(const PipelineStatus& status) {
  nlohmann::json tables = to_json(status.tables, status.looked_at);
  for (nlohmann::json& table : tables) {
    const auto run = status.last_runs.find(table["table"]);
    table["last_run"] =
        run == status.last_runs.end()
            ? nlohmann::json()
            : nlohmann::json({{"run", run->second.run},
                              {"outcome", run->second.outcome},
                              {"finished_at", to_rfc3339(run->second.finished_at)}});
  }
  return {{"pipeline", to_json(status.schedule)},
          {"run_by", status.owner ? nlohmann::json(status.owner->text()) : nlohmann::json()},
          {"next_due",
           status.next_due ? nlohmann::json(to_rfc3339(*status.next_due)) : nlohmann::json()},
          {"state", status.live ? to_json(*status.live) : nlohmann::json()},
          {"tables", std::move(tables)}};
}

std::vector<std::string> with_readers(const pack::Pack& pack, const std::string& table) {
  std::vector<std::string> tables = {table};
  // The pack's order puts what a model reads before it.
  for (const pack::Model& model : pack.models) {
    const auto reads_one = [&tables](const std::vector<std::string>& inputs) {
      return std::find_first_of(inputs.begin(), inputs.end(), tables.begin(), tables.end()) !=
             inputs.end();
    };
    if (reads_one(model.inputs) || reads_one(model.rule_inputs)) tables.push_back(model.name);
  }
  return tables;
}

Control::Control(Context context) : context_(std::move(context)) {
  looking_.with([this](Looking& looking) {
    looking.flow = std::make_unique<Flow>(context_.lake, context_.engine, context_.pack);
  });
}

std::optional<Owner> Control::owner() const { return Ownership::holder(context_.lock_path); }

Result<Schedule> Control::schedule() const { return read_schedule(context_.store); }

Result<Schedule> Control::set_schedule(Schedule wanted) {
  wanted.changed_at = context_.clock.now();
  wanted.changed_by = context_.lake.context().user;
  TRY_DONE(write_schedule(context_.store, wanted));
  return wanted;
}

Result<PipelineStatus> Control::status() {
  PipelineStatus status;
  TRY(status.schedule, schedule());
  status.owner = owner();
  status.looked_at = context_.clock.now();
  if (status.schedule.mode == Mode::kScheduled) {
    EngineZone zone(context_.engine, context_.pack.time_zone);
    TRY(status.next_due, next_time(status.schedule, zone, status.looked_at));
  }
  status.live = live_.with([](const auto& live) { return live; });
  status.tables = looking_.with([](Looking& looking) { return looking.flow->look(); });
  TRY(status.last_runs, last_runs(context_.lake, context_.engine));
  return status;
}

Result<refresh::RunReport> Control::step(const std::string& step, const Cancel& cancel) {
  TRY_DONE(check_step(step));
  CHECK(context_.make_run != nullptr, "who offers steps says how one is taken");
  refresh::RunOptions options;
  options.layer = step;
  return context_.make_run(std::move(options), cancel);
}

Result<std::unique_ptr<engine::Session>> Control::quarantine_session() {
  TRY_DONE(refresh::Ops(context_.lake, context_.clock).prepare());
  return context_.engine.session(
      {.access = engine::Access::kInternal, .time_limit = kQuarantineTimeMax});
}

template <class T>
Result<T> Control::on_quarantine(const std::function<Result<T>(engine::Session&)>& use) {
  TRY(const auto session, quarantine_session());
  const bool goes = asked_.with([&](Asked& asked) {
    asked.sessions.insert(session.get());
    return !asked.stopped;
  });
  Result<T> result = goes ? use(*session) : Error{Fault::kCancelled, "The server is stopping"};
  asked_.with([&](Asked& asked) { asked.sessions.erase(session.get()); });
  return result;
}

void Control::stop() {
  asked_.with([](Asked& asked) {
    asked.stopped = true;
    for (engine::Session* session : asked.sessions) session->interrupt();
  });
}

Result<std::vector<refresh::WaiverChange>> Control::waive(refresh::WaiverRequest& request) {
  if (request.by.empty()) request.by = context_.lake.context().user;
  return on_quarantine<std::vector<refresh::WaiverChange>>([&](engine::Session& session) {
    return refresh::waive(
        {context_.lake, session, context_.pack, context_.clock, context_.lake.context().random},
        request);
  });
}

Result<std::vector<refresh::WaiverChange>> Control::withdraw(refresh::WaiverRequest& request) {
  if (request.by.empty()) request.by = context_.lake.context().user;
  return on_quarantine<std::vector<refresh::WaiverChange>>([&](engine::Session& session) {
    return refresh::withdraw(
        {context_.lake, session, context_.pack, context_.clock, context_.lake.context().random},
        request);
  });
}

Result<refresh::Rechecked> Control::recheck(const refresh::RecheckRequest& request) {
  EngineZone zone(context_.engine, context_.pack.time_zone);
  TRY(const Day today, day_of(zone, context_.clock.now()));
  return on_quarantine<refresh::Rechecked>([&](engine::Session& session) {
    return refresh::recheck({context_.lake, session, context_.pack, context_.clock, today.date},
                            request);
  });
}

// A table is at each version what its model gives, so that no row can go in alone.
Result<Control::Replayed> Control::replay(const refresh::RecheckRequest& request,
                                          const Cancel& cancel) {
  CHECK(context_.make_run != nullptr, "who offers a replay says how a run is made");
  Replayed replayed;
  TRY(replayed.found, recheck(request));
  if (!replayed.found.any_changes()) return replayed;
  refresh::RunOptions options;
  options.tables = with_readers(context_.pack, to_lower(request.table));
  TRY(replayed.run, context_.make_run(options, cancel));
  return replayed;
}

// Returns whether one differs from what was noted before.
bool Control::note_versions(Looking& looking, const std::vector<TableFlow>& flows) {
  bool changed = false;
  for (const TableFlow& flow : flows) {
    auto& before = looking.versions[flow.table];
    changed = changed || before != flow.version;
    before = flow.version;
  }
  return changed;
}

void Control::tell(const LiveEvent& event) {
  live_.with([&](auto& live) { live = event.state; });
  if (!events_.has_listeners()) return;
  const nlohmann::json json = looking_.with([&](Looking& looking) {
    const auto flows = looking.flow->look();
    note_versions(looking, flows);
    return to_json(event, flows);
  });
  events_.add(json["event"], text_of(json));
}

void Control::look() {
  const bool listened = events_.has_listeners();
  looking_.with([&](Looking& looking) {
    const bool began = listened && !looking.listened;
    looking.listened = listened;
    if (!listened) return;
    const auto flows = looking.flow->look();
    // What was there before anybody listened is no event.
    if (!note_versions(looking, flows) || began) return;
    const Timestamp now = context_.clock.now();
    events_.add("commits", text_of({{"event", "commits"},
                                    {"finished_at", to_rfc3339(now)},
                                    {"tables", to_json(flows, now)}}));
  });
}

}  // namespace claimlake::schedule
