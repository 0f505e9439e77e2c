#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "app/interrupt.h"
#include "app/progress_line.h"
#include "refresh/index_upkeep.h"
#include "refresh/upkeep.h"

namespace claimlake::app {
namespace {

using nlohmann::json;

struct Due {
  std::int64_t files = 0;
  refresh::IndexState index;
};

Result<std::map<std::string, Due>> all_due(Home& home) {
  std::map<std::string, Due> all;
  TRY(const auto debts, refresh::debts(home.lake()));
  for (const refresh::Debt& debt : debts) all[debt.table].files = debt.files;
  TRY(const auto indexes, refresh::index_states(home.lake(), home.engine(), home.pack()));
  for (const refresh::IndexState& index : indexes) all[index.table].index = index;
  return all;
}

Result<Exit> upkeep(const Globals& globals, bool now) {
  TRY(const auto home, globals.open());
  const Cancel cancel;
  if (now) {
    ProgressLine line(home->clock());
    TRY(const auto pipeline, home->pipeline(line, cancel));
    const Interrupt interrupt(cancel, [&pipeline] { pipeline->interrupt(); });
    TRY_DONE(pipeline->keep_up());
  }
  TRY(const auto all, all_due(*home));
  TextRows shown{{{"table"},
                  {"files to write anew", Align::kRight},
                  {"indexes to make", Align::kRight},
                  {"indexes", Align::kRight},
                  {"their size", Align::kRight}},
                 {}};
  json values = json::array();
  bool any = false;
  for (const auto& [table, due] : all) {
    any = any || due.files > 0 || due.index.missing > 0;
    shown.rows.push_back({table, human_count(due.files), human_count(due.index.missing),
                          human_count(due.index.files), human_bytes(due.index.bytes)});
    values.push_back({{"table", table},
                      {"files_due", due.files},
                      {"indexes_due", due.index.missing},
                      {"indexes", due.index.files},
                      {"index_bytes", due.index.bytes}});
  }
  globals.output.table(shown);
  globals.output.text(any ? "\nclaimlake upkeep --now does it now; else it is done after a run"
                          : "\nNothing is due");
  globals.output.value(values);
  return Exit::kDone;
}

}  // namespace

void add_upkeep_command(CLI::App& app, Globals& globals, Command& command) {
  CLI::App* add = app.add_subcommand(
      "upkeep",
      "What many small commits leave to be done, and the key indexes: per table\n"
      "  claimlake upkeep\n"
      "  claimlake upkeep --now     writes small files anew and makes the indexes");
  auto now = std::make_shared<bool>(false);
  add->add_flag("--now", *now, "Do it now");
  add->callback(
      [&globals, &command, now] { command = [&globals, now] { return upkeep(globals, *now); }; });
}

}  // namespace claimlake::app
