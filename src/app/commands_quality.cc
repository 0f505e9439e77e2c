#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "app/interrupt.h"
#include "app/progress_line.h"
#include "app/rows_output.h"
#include "app/run_output.h"
#include "base/text.h"

namespace claimlake::app {
namespace {

// A lake with its ops tables in place, and the rows of a query over them.
Result<Exit> print_query(const Globals& globals, const std::string& sql,
                         const std::vector<std::string>& parameters, const char* empty) {
  TRY(const auto home, globals.open());
  NoProgress quiet;
  TRY_DONE(home->pipeline(quiet, Cancel()));
  TRY(const auto session, home->engine().session({}));
  TRY(const auto rows, session->query(sql, parameters));
  const RowFormat format = globals.output.json ? RowFormat::kJson : RowFormat::kBox;
  TRY(const std::int64_t count, print_rows(*rows, format, 1'000));
  if (count == 0) globals.output.text(empty);
  return Exit::kDone;
}

Result<Exit> show(const Globals& globals, const std::string& table, bool all) {
  std::string where = all ? "TRUE" : "(r.outcome <> 'pass' OR r.failed > 0)";
  std::vector<std::string> parameters;
  if (!table.empty()) {
    TRY(const auto name, lake::TableName::parse(table));
    where = "r.table_name = $1";
    parameters.push_back(name.text());
  }
  // Of each table only what its last run said.
  const std::string sql =
      "WITH latest AS (SELECT table_name, MAX(evaluated_at) AS at FROM ops.quality_results "
      "GROUP BY table_name) SELECT r.table_name AS \"table\", r.rule, r.kind, r.checked, r.failed, "
      "r.outcome, r.message FROM ops.quality_results r JOIN latest l ON l.table_name = "
      "r.table_name AND l.at = r.evaluated_at WHERE " +
      where + " ORDER BY r.table_name, r.failed DESC, r.rule";
  return print_query(globals, sql, parameters,
                     "Every rule holds (or none has run yet: claimlake run). All rules: claimlake "
                     "quality show --all");
}

Result<Exit> show_quarantine(const Globals& globals, const std::string& table, bool rows) {
  std::string where = "state = 'open'";
  std::vector<std::string> parameters;
  if (!table.empty()) {
    TRY(const auto name, lake::TableName::parse(table));
    where += " AND table_name = $1";
    parameters.push_back(name.text());
  }
  const std::string sql =
      rows || !table.empty()
          ? "SELECT table_name AS \"table\", key, reason, source_file || '#' || source_position AS "
            "position, first_seen_at FROM ops.quarantine WHERE " +
                where + " ORDER BY table_name, source_file, source_position LIMIT 1000"
          : "SELECT table_name AS \"table\", array_to_string(rules, ', ') AS rules, COUNT(*) AS "
            "\"rows\", MIN(first_seen_at) AS since, MIN(reason) AS \"for example\" "
            "FROM ops.quarantine WHERE " +
                where + " GROUP BY ALL ORDER BY \"rows\" DESC, 1, 2";
  return print_query(globals, sql, parameters, "The quarantine is empty.");
}

// Refused rows are tried again by computing the tables that refused them; the run says how many
// came back.
Result<Exit> replay(const Globals& globals, const std::string& table) {
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
  TRY(const auto made, pipeline->run(options));
  // What they read downstream changed with them.
  options.tables.clear();
  options.force = false;
  TRY_DONE(pipeline->run(options));
  print_report(made, globals.output);
  globals.output.value(to_json(made));
  return made.ok() ? Exit::kDone : Exit::kFailed;
}

}  // namespace

void add_quality_commands(CLI::App& app, Globals& globals, Command& command) {
  CLI::App* quality = app.add_subcommand("quality",
                                         "Rules, their results, and refused rows\n"
                                         "  claimlake quality show\n"
                                         "  claimlake quality quarantine silver.fact_claims");
  quality->require_subcommand(1);

  auto table = std::make_shared<std::string>();
  auto all = std::make_shared<bool>(false);
  CLI::App* show_app = quality->add_subcommand(
      "show",
      "What the last run of each table found\n"
      "  claimlake quality show                       rules that did not hold\n"
      "  claimlake quality show silver.fact_claims    all rules of one table");
  show_app->add_option("TABLE", *table, "All rules of one table");
  show_app->add_flag("--all", *all, "Also rules that hold");
  show_app->callback([&globals, &command, table, all] {
    command = [&globals, table, all] { return show(globals, *table, *all); };
  });

  auto rows = std::make_shared<bool>(false);
  CLI::App* quarantine =
      quality->add_subcommand("quarantine",
                              "Rows that wait, by table and rule\n"
                              "  claimlake quality quarantine\n"
                              "  claimlake quality quarantine silver.fact_claims    row by row");
  quarantine->add_option("TABLE", *table, "The rows of one table");
  quarantine->add_flag("--rows", *rows, "Row by row");
  quarantine->callback([&globals, &command, table, rows] {
    command = [&globals, table, rows] { return show_quarantine(globals, *table, *rows); };
  });

  CLI::App* replay_app =
      quality->add_subcommand("replay",
                              "Try refused rows again, for example after a rule was changed\n"
                              "  claimlake quality replay silver.fact_claims");
  replay_app->add_option("TABLE", *table, "Only those of one table");
  replay_app->callback([&globals, &command, table] {
    command = [&globals, table] { return replay(globals, *table); };
  });
}

}  // namespace claimlake::app
