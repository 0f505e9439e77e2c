#include <fmt/format.h>

#include <condition_variable>
#include <cstdio>
#include <deque>
#include <mutex>
#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "app/flow_output.h"
#include "app/interrupt.h"
#include "app/live_host.h"
#include "app/progress_line.h"
#include "app/rows_output.h"
#include "app/run_output.h"
#include "base/text.h"
#include "schedule/control.h"
#include "schedule/waiting.h"

namespace claimlake::app {
namespace {

using namespace std::chrono_literals;

// What the pipeline's thread tells, until the shown one takes it.
class Told {
 public:
  void add(const schedule::LiveEvent& event) {
    const std::lock_guard lock(mutex_);
    events_.push_back(event);
    if (events_.size() > kEventsMax) events_.pop_front();
    changed_.notify_all();
  }
  void stop() {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    changed_.notify_all();
  }
  bool stopped() {
    const std::lock_guard lock(mutex_);
    return stopped_;
  }
  // The next event; nothing after `at_most`, or if it was stopped.
  std::optional<schedule::LiveEvent> next(std::chrono::milliseconds at_most) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, at_most, [this] { return stopped_ || !events_.empty(); });
    if (events_.empty()) return std::nullopt;
    schedule::LiveEvent event = std::move(events_.front());
    events_.pop_front();
    return event;
  }

 private:
  static constexpr std::size_t kEventsMax = 1'000;  // of one who does not look
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<schedule::LiveEvent> events_;
  bool stopped_ = false;
};

// Shows the flow: drawn anew at a terminal, else a line or a JSON value per refresh.
class Shown {
 public:
  Shown(Home& home, const Globals& globals)
      : home_(home), output_(globals.output), flow_(home.lake(), home.engine(), home.pack()) {
    flow_.look();
  }

  void show(const schedule::LiveEvent& event) {
    state_ = event.state;
    if (output_.json) {
      std::puts(line(to_json(event, flow_.look())).c_str());
    } else if (is_drawn()) {
      draw();
    } else {
      say(event);
    }
    std::fflush(stdout);
  }
  // Nothing happened for a while.
  void look() {
    if (is_drawn()) {
      draw();
    } else if (!owns_) {
      show_commits_of_others();
    }
    std::fflush(stdout);
  }
  void observe() { owns_ = false; }
  bool is_drawn() const { return !output_.json && stdout_is_terminal(); }

 private:
  static std::string line(const nlohmann::json& json) {
    return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  }

  // A line for what was done, and one for each thing that is wrong since, or no more.
  void say(const schedule::LiveEvent& event) {
    const std::string at = to_text(event.finished_at).substr(11, 8) + "  ";
    if (const std::string done = event_line(event); !done.empty()) std::puts((at + done).c_str());
    auto now = notes(event.state);
    for (const auto& [of, note] : now) {
      if (!said_.contains(of)) std::puts((at + note).c_str());
    }
    for (const auto& [of, note] : said_) {
      if (!now.contains(of)) std::puts((at + of + ": goes on").c_str());
    }
    said_ = std::move(now);
  }

  void draw() {
    const auto flows = flow_.look();
    const int width = terminal_width();
    std::string text;
    // A line that wraps would be two of the picture.
    for (const std::string& line : split(state_ ? state_lines(*state_) : "", '\n')) {
      if (!line.empty()) text += fit(line, width) + "\n";
    }
    for (const std::string& line : split(stale_lines(flows), '\n')) {
      if (!line.empty()) text += fit(line, width) + "\n";
    }
    text += render(flow_rows(flows, home_.clock().now()), width);
    // From where the last picture began, to the end of the screen.
    if (lines_ > 0) std::fputs(fmt::format("\x1b[{}A\x1b[J", lines_).c_str(), stdout);
    std::fputs(text.c_str(), stdout);
    if (!text.ends_with('\n')) std::fputc('\n', stdout);
    lines_ = std::count(text.begin(), text.end(), '\n') + (text.ends_with('\n') ? 0 : 1);
  }

  void show_commits_of_others() {
    const auto flows = flow_.look();
    std::string built;
    for (const schedule::TableFlow& flow : flows) {
      auto& before = versions_[flow.table];
      if (before != flow.version && !versions_seen_first_) {
        built += fmt::format("{}{} version {}", built.empty() ? "" : ", ", flow.table,
                             flow.version.value_or(0));
      }
      before = flow.version;
    }
    versions_seen_first_ = false;
    if (built.empty()) return;
    const Timestamp now = home_.clock().now();
    if (output_.json) {
      std::puts(line({{"event", "commits"},
                      {"finished_at", to_rfc3339(now)},
                      {"tables", to_json(flows, now)}})
                    .c_str());
    } else {
      std::puts((to_text(now).substr(11, 8) + "  " + built).c_str());
    }
  }

  Home& home_;
  const Output output_;
  schedule::Flow flow_;
  std::optional<schedule::LiveState> state_;
  std::map<std::string, std::string> said_;
  std::int64_t lines_ = 0;
  bool owns_ = true;
  bool versions_seen_first_ = true;
  std::map<std::string, std::optional<delta::LogVersion>> versions_;
};

Result<Exit> watch(const Globals& globals) {
  TRY(const auto home, globals.open());
  Told told;
  // Before the pipeline starts: what it does first is seen.
  Shown shown(*home, globals);
  TRY(const auto host,
      LiveHost::start(*home, "watch", [&told](const auto& event) { told.add(event); }));
  const Interrupt interrupt(Cancel(), [&] {
    if (host != nullptr) host->stop();
    told.stop();
  });
  if (host == nullptr) {
    shown.observe();
    const auto owner = LiveHost::owner(*home);
    globals.output.text(fmt::format("{} runs the pipeline; this only shows it. Ctrl-C ends.",
                                    owner ? owner->text() : "Another process"));
    if (globals.output.json) {
      std::puts(nlohmann::json({{"event", "observing"}, {"owner", owner ? owner->text() : ""}})
                    .dump()
                    .c_str());
    }
    shown.look();
  } else {
    globals.output.text(fmt::format("Watching {}/raw. Ctrl-C ends.", home->folder()));
  }
  std::fflush(stdout);
  while (!told.stopped()) {
    if (const auto event = told.next(1s)) {
      shown.show(*event);
    } else if (!told.stopped()) {
      shown.look();
    }
  }
  return Exit::kDone;
}

struct ModeArguments {
  std::string mode;
  std::string every;
  std::string cron;
};

// Without steps; step() has its own.
schedule::Control control_of(Home& home, schedule::Control::MakeRun make_run = {}) {
  return schedule::Control({home.lake(), home.engine(), home.pack(), home.clock(), home.store(),
                            LiveHost::lock_path(home), std::move(make_run)});
}

Result<Exit> mode(const Globals& globals, const ModeArguments& arguments) {
  TRY(const auto home, globals.open());
  schedule::Control control = control_of(*home);
  if (!arguments.mode.empty() || !arguments.every.empty() || !arguments.cron.empty()) {
    TRY(auto wanted, schedule::make_schedule(arguments.mode, arguments.every, arguments.cron));
    TRY_DONE(control.set_schedule(std::move(wanted)));
  }
  TRY(const auto now, control.schedule());
  const auto owner = control.owner();
  globals.output.text(fmt::format(
      "{}{}\n{}", now.text(),
      now.changed_at
          ? fmt::format(", since {} by {}", to_text(*now.changed_at).substr(0, 19), now.changed_by)
          : "",
      owner ? "run by " + owner->text()
            : "nobody runs it: claimlake watch or claimlake serve does, claimlake run once"));
  globals.output.value(schedule::mode_json(now, owner));
  return Exit::kDone;
}

// What the owner told, but for the mode, which is said already.
std::string told_lines(const std::string& lines, const std::string& mode) {
  std::string text = lines.starts_with(mode) ? lines.substr(mode.size()) : lines;
  while (text.starts_with(", ") || text.starts_with("\n")) text.erase(0, text[0] == ',' ? 2 : 1);
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

Result<Exit> status(const Globals& globals) {
  TRY(const auto home, globals.open());
  TRY(const auto now, control_of(*home).status());
  TextRows rows = flow_rows(now.tables, now.looked_at);
  // Nothing came in since this command began.
  rows.columns.erase(rows.columns.begin() + 1);
  for (auto& row : rows.rows) row.erase(row.begin() + 1);
  rows.columns.push_back({"last run"});
  for (std::size_t i = 0; i < rows.rows.size(); ++i) {
    const auto run = now.last_runs.find(now.tables[i].table);
    rows.rows[i].push_back(run == now.last_runs.end() ? "" : run->second.outcome);
  }
  globals.output.text(
      now.schedule.text() +
      (now.next_due ? ", next at " + to_text(*now.next_due).substr(0, 19) + " UTC" : "") +
      (now.owner ? ", run by " + now.owner->text() : ", run by nobody"));
  const auto told = LiveHost::state(*home);
  if (const std::string lines = told ? told_lines(told->lines, now.schedule.text()) : "";
      !lines.empty()) {
    globals.output.text(lines);
  }
  globals.output.table(rows);
  if (const std::string stale = stale_lines(now.tables); !stale.empty()) {
    globals.output.text(stale.substr(0, stale.size() - 1));
  }
  nlohmann::json value = to_json(now);
  if (told) value["state"] = nlohmann::json::parse(told->json);
  globals.output.value(value);
  return Exit::kDone;
}

struct WaitingArguments {
  std::string layer;
  bool rows = false;
};

Result<Exit> waiting(const Globals& globals, const WaitingArguments& arguments) {
  if (!arguments.layer.empty()) {
    TRY_DONE(schedule::check_step(arguments.layer));
  }
  TRY(const auto home, globals.open());
  TRY(const std::string select, schedule::all_waiting(home->lake(), home->pack(), arguments.layer));
  const char* nothing = "Nothing waits.";
  if (select.empty()) {
    globals.output.text(nothing);
    globals.output.value(nlohmann::json::array());
    return Exit::kDone;
  }
  TRY(const auto session, home->engine().session({}));
  const std::string sql =
      arguments.rows ? schedule::waiting_rows(select, 1'000, 0) : schedule::waiting_counts(select);
  TRY(const auto rows, session->query(sql));
  const RowFormat format = globals.output.json ? RowFormat::kJson : RowFormat::kBox;
  TRY(const std::int64_t count, print_rows(*rows, format, 1'000));
  if (count == 0) globals.output.text(nothing);
  return Exit::kDone;
}

Result<Exit> step(const Globals& globals, const std::string& layer) {
  TRY_DONE(schedule::check_step(layer));  // before the lake is opened
  TRY(const auto home, globals.open());
  ProgressLine line(home->clock());
  schedule::Control control = control_of(
      *home, [&](refresh::RunOptions wanted, const Cancel& stop) -> Result<refresh::RunReport> {
        TRY(const auto pipeline, home->pipeline(line, stop));
        const Interrupt interrupt(stop, [&pipeline] { pipeline->interrupt(); });
        TRY(wanted.as_of, home->today());
        return pipeline->run(wanted);
      });
  TRY(const auto made, control.step(layer, Cancel()));
  print_report(made, globals.output);
  globals.output.value(to_json(made));
  return made.ok() ? Exit::kDone : Exit::kFailed;
}

void add_mode_command(CLI::App& group, Globals& globals, Command& command) {
  CLI::App* mode_app =
      group.add_subcommand("mode",
                           "When the pipeline works: says it, or changes it while it runs\n"
                           "  claimlake pipeline mode\n"
                           "  claimlake pipeline mode manual\n"
                           "  claimlake pipeline mode scheduled --cron \"0 6 * * 1-5\"");
  auto arguments = std::make_shared<ModeArguments>();
  mode_app->add_option("MODE", arguments->mode, "continuous, scheduled or manual");
  mode_app->add_option("--every", arguments->every, "Scheduled: so often, 30s, 5m, 2h or 1d")
      ->type_name("TIME");
  mode_app
      ->add_option("--cron", arguments->cron, "Scheduled: at these times in the pack's time zone")
      ->type_name("TIMES");
  mode_app->callback([&globals, &command, arguments] {
    command = [&globals, arguments] { return mode(globals, *arguments); };
  });
}

void add_waiting_command(CLI::App& group, Globals& globals, Command& command) {
  CLI::App* waiting_app =
      group.add_subcommand("waiting",
                           "Rows that wait for a step: of Bronze for Silver, of Silver for Gold\n"
                           "  claimlake pipeline waiting\n"
                           "  claimlake pipeline waiting silver --rows");
  auto arguments = std::make_shared<WaitingArguments>();
  waiting_app->add_option("STEP", arguments->layer, "silver or gold (default: both)");
  waiting_app->add_flag("--rows", arguments->rows, "Row by row, the first 1,000");
  waiting_app->callback([&globals, &command, arguments] {
    command = [&globals, arguments] { return waiting(globals, *arguments); };
  });
}

}  // namespace

void add_live_commands(CLI::App& app, Globals& globals, Command& command) {
  app.add_subcommand("watch",
                     "Run the pipeline by itself and show what flows: rows in, waiting, refused\n"
                     "  claimlake watch             what is dropped into LAKE/raw goes to Gold\n"
                     "  claimlake watch --json      one JSON value per line and refresh")
      ->callback([&globals, &command] { command = [&globals] { return watch(globals); }; });

  CLI::App* group = app.add_subcommand("pipeline",
                                       "When the pipeline works, what waits, and steps by hand\n"
                                       "  claimlake pipeline status");
  group->require_subcommand(1);
  group
      ->add_subcommand("status",
                       "Mode, who runs it, and per table: waiting, refused, lag, version\n"
                       "  claimlake pipeline status --json")
      ->callback([&globals, &command] { command = [&globals] { return status(globals); }; });
  add_mode_command(*group, globals, command);
  add_waiting_command(*group, globals, command);
  CLI::App* step_app =
      group->add_subcommand("step",
                            "Bring one layer up to date with the one before it, as it stands\n"
                            "  claimlake pipeline step silver\n"
                            "  claimlake pipeline step gold");
  auto layer = std::make_shared<std::string>();
  step_app->add_option("STEP", *layer, "silver or gold")->required();
  step_app->callback([&globals, &command, layer] {
    command = [&globals, layer] { return step(globals, *layer); };
  });
}

}  // namespace claimlake::app
