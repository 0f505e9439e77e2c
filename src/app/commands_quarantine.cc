// What a person does about refused rows: look again, try again, let them in, take that back.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "app/interrupt.h"
#include "app/progress_line.h"
#include "app/run_output.h"
#include "base/text.h"
#include "refresh/quarantine_json.h"
#include "refresh/recheck.h"
#include "refresh/waivers.h"
#include "schedule/control.h"

namespace claimlake::app {
namespace {

using refresh::Recheck;
using refresh::RecheckedRow;

Result<refresh::Rechecked> check_again(Home& home, const refresh::RecheckRequest& request) {
  NoProgress quiet;
  TRY_DONE(home.pipeline(quiet, Cancel()));  // the quarantine is there
  TRY(const auto session, home.engine().session({.access = engine::Access::kInternal}));
  TRY(const Date today, home.today());
  const Interrupt interrupt(Cancel(), [&session] { session->interrupt(); });
  return refresh::recheck({home.lake(), *session, home.pack(), home.clock(), today}, request);
}

// The rows and how many there are of each outcome.
void print_rechecked(const refresh::Rechecked& found, const Output& output) {
  constexpr std::size_t kShown = 1'000;
  TextRows shown{{{"key"}, {"outcome"}, {"reason"}}, {}};
  for (const RecheckedRow& row : found.rows) {
    if (shown.rows.size() >= kShown) break;
    shown.rows.push_back({row.key.empty() ? row.quarantine_id : row.key,
                          refresh::recheck_name(row.outcome), row.reason});
  }
  if (found.rows.empty()) {
    output.text("No row is refused.");
    return;
  }
  output.table(shown);
  std::string said;
  const auto say = [&](Recheck outcome, const char* what) {
    const auto count = found.counts.find(outcome);
    if (count == found.counts.end()) return;
    said += fmt::format("{}{} {}", said.empty() ? "" : ", ", human_count(count->second), what);
  };
  say(Recheck::kRefused, "refused still");
  say(Recheck::kGoesIn, "to go in with the next run");
  say(Recheck::kIsWaived, "to go in by waiver");
  say(Recheck::kIsGone, "of which the inputs know nothing any more");
  output.text(said);
}

Result<Exit> recheck(const Globals& globals, const refresh::RecheckRequest& request) {
  TRY(const auto home, globals.open());
  TRY(const auto found, check_again(*home, request));
  print_rechecked(found, globals.output);
  globals.output.value(refresh::to_json(found.rows, request.table));
  return Exit::kDone;
}

// A table is at each version what its model gives, so that no row can be let in alone: where one
// of the rows would go in, the table is brought up to date, and what reads it.
Result<Exit> replay_rows(const Globals& globals, const refresh::RecheckRequest& request) {
  TRY(const auto home, globals.open());
  TRY(const auto found, check_again(*home, request));
  const bool any = found.any_changes();
  refresh::RunReport made;
  if (any) {
    const Cancel cancel;
    ProgressLine line(home->clock());
    TRY(const auto pipeline, home->pipeline(line, cancel));
    const Interrupt interrupt(cancel, [&pipeline] { pipeline->interrupt(); });
    TRY(const Date today, home->today());
    const auto tables = schedule::with_readers(home->pack(), to_lower(request.table));
    TRY(made, pipeline->run({today, tables, false}));
    print_report(made, globals.output);
  }
  print_rechecked(found, globals.output);
  globals.output.value({{"rows", refresh::to_json(found.rows, request.table)},
                        {"run", any ? to_json(made) : nlohmann::json()}});
  return made.ok() ? Exit::kDone : Exit::kFailed;
}

// Refused rows are tried again by computing the tables that refused them; the run says how many
// came back.
Result<Exit> replay_tables(const Globals& globals, const std::string& table) {
  TRY(const auto home, globals.open());
  const Cancel cancel;
  ProgressLine line(home->clock());
  TRY(const auto pipeline, home->pipeline(line, cancel));
  const Interrupt interrupt(cancel, [&pipeline] { pipeline->interrupt(); });
  refresh::RunOptions options;
  options.force = true;
  TRY(options.as_of, home->today());
  if (!table.empty()) {
    options.tables = {table};
  } else {
    TRY(const auto session, home->engine().session({}));
    TRY(const auto rows,
        session->query("SELECT DISTINCT table_name FROM ops.quarantine WHERE state "
                       "= 'open' AND table_name NOT LIKE 'bronze.%' ORDER BY 1"));
    TRY(const auto tables, engine::read_all(*rows));
    for (const auto& row : tables.rows) options.tables.push_back(row[0].value_or(""));
    if (options.tables.empty()) {
      globals.output.text("Nothing waits in quarantine that could be tried again.");
      globals.output.value(nlohmann::json::object());
      return Exit::kDone;
    }
  }
  TRY(auto made, pipeline->run(options));
  // What they read downstream changed with them.
  const auto tables = made.tables;
  options.tables.clear();
  options.force = false;
  TRY(const auto after, pipeline->run(options));
  for (const refresh::TableReport& table : after.tables) {
    const bool told = std::any_of(tables.begin(), tables.end(),
                                  [&](const auto& each) { return each.table == table.table; });
    if (!told && table.outcome != refresh::TableOutcome::kSkipped) made.tables.push_back(table);
  }
  print_report(made, globals.output);
  globals.output.value(to_json(made));
  return made.ok() ? Exit::kDone : Exit::kFailed;
}

Result<Exit> change_waivers(const Globals& globals, refresh::WaiverRequest request, bool waives) {
  TRY(const auto home, globals.open());
  if (request.by.empty()) request.by = home->lake().context().user;
  TRY(const auto session, home->engine().session({.access = engine::Access::kInternal}));
  const refresh::WaiverContext context{home->lake(), *session, home->pack(), home->clock(),
                                       home->random()};
  NoProgress quiet;
  TRY_DONE(home->pipeline(quiet, Cancel()));  // the quarantine is there
  TRY(const auto changes,
      waives ? refresh::waive(context, request) : refresh::withdraw(context, request));
  for (const refresh::WaiverChange& change : changes) {
    const std::string& name = change.key.empty() ? change.quarantine_id : change.key;
    globals.output.text(fmt::format("{} of {}: {} {} by {}", name, to_lower(request.table),
                                    fmt::join(change.rules, ", "),
                                    waives ? "waived" : "holds again, said", request.by));
    if (change.still_refuses.empty()) continue;
    globals.output.text(
        fmt::format("  refused still, by {}", fmt::join(change.still_refuses, ", ")));
  }
  const std::string table = to_lower(request.table);
  globals.output.text(
      waives
          ? fmt::format("The next run takes in what no rule refuses now: claimlake run\nTo take it "
                        "back: claimlake quality withdraw {} --key KEY --why WHY",
                        table)
          : fmt::format("The next run judges it by all rules of {} again: claimlake run", table));
  globals.output.value(refresh::to_json(changes, request));
  return Exit::kDone;
}

void add_waiver_command(CLI::App& quality, Globals& globals, Command& command, bool waives) {
  CLI::App* app =
      waives ? quality.add_subcommand(
                   "waive",
                   "Let a refused row in, in spite of the rule; who says so and why is kept\n"
                   "  claimlake quality waive silver.fact_claims --key CLM-000001 \\\n"
                   "      --why \"the amount is right, see the invoice\"")
             : quality.add_subcommand(
                   "withdraw",
                   "Take a waiver back; the next run judges the row by all rules again\n"
                   "  claimlake quality withdraw silver.fact_claims --key CLM-000001 \\\n"
                   "      --why \"the invoice was forged\"");
  auto request = std::make_shared<refresh::WaiverRequest>();
  app->add_option("TABLE", request->table, "The table that refused the row")->required();
  app->add_option("--key", request->keys, "Its key, or its id in the quarantine; several times")
      ->type_name("KEY")
      ->allow_extra_args(false);
  app->add_option("--rule", request->rules,
                  waives ? "Only this rule, else all that refuse it; several times"
                         : "Only this rule, else all that are waived; several times")
      ->type_name("RULE")
      ->allow_extra_args(false);
  app->add_option("--why", request->why, "The reason, for those who read the table later")
      ->type_name("TEXT");
  app->add_option("--by", request->by, "Who says so, else the user of this system")
      ->type_name("NAME");
  app->callback([&globals, &command, request, waives] {
    command = [&globals, request, waives] { return change_waivers(globals, *request, waives); };
  });
}

}  // namespace

void add_quarantine_commands(CLI::App& quality, Globals& globals, Command& command) {
  auto request = std::make_shared<refresh::RecheckRequest>();
  const auto add_options = [&request](CLI::App& app) {
    app.add_option("--key", request->keys, "Only this row: its key or its id; several times")
        ->type_name("KEY")
        ->allow_extra_args(false);
    app.add_option("--rule", request->rule, "Only rows that break this rule")->type_name("RULE");
  };
  CLI::App* recheck_app = quality.add_subcommand(
      "recheck",
      "What the present rules and parents say of refused rows; changes nothing\n"
      "  claimlake quality recheck silver.fact_claims\n"
      "  claimlake quality recheck silver.fact_claims --rule policy_exists");
  recheck_app->add_option("TABLE", request->table, "The table that refused them")->required();
  add_options(*recheck_app);
  recheck_app->callback([&globals, &command, request] {
    command = [&globals, request] { return recheck(globals, *request); };
  });

  CLI::App* replay_app = quality.add_subcommand(
      "replay",
      "Try refused rows again\n"
      "  claimlake quality replay silver.fact_claims    computes the table anew\n"
      "  claimlake quality replay silver.fact_claims --key CLM-000001");
  replay_app->add_option("TABLE", request->table, "Only those of one table");
  add_options(*replay_app);
  replay_app->callback([&globals, &command, request] {
    command = [&globals, request]() -> Result<Exit> {
      if (request->keys.empty() && request->rule.empty()) {
        return replay_tables(globals, request->table);
      }
      if (!request->table.empty()) return replay_rows(globals, *request);
      return Error{Fault::kInvalidInput, "Of which table the rows are is not said", "",
                   "claimlake quality replay TABLE --key KEY"};
    };
  });
  add_waiver_command(quality, globals, command, true);
  add_waiver_command(quality, globals, command, false);
}

}  // namespace claimlake::app
