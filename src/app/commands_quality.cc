#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "app/rows_output.h"
#include "base/text.h"
#include "quality/waivers.h"

namespace claimlake::app {
namespace {

// A lake with its ops tables in place, and the rows of a query over them.
Result<Exit> print_query(Home& home, const Globals& globals, const std::string& sql,
                         const std::vector<std::string>& parameters, const char* empty) {
  NoProgress quiet;
  TRY_DONE(home.pipeline(quiet, Cancel()));
  TRY(const auto session, home.engine().session({}));
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
  TRY(const auto home, globals.open());
  return print_query(*home, globals, sql, parameters,
                     "Every rule holds (or none has run yet: claimlake run). All rules: claimlake "
                     "quality show --all");
}

struct Wanted {
  std::string table;
  std::string rule;
  std::string state = "open";
  bool rows = false;
};

Result<Exit> show_quarantine(const Globals& globals, const Wanted& wanted) {
  constexpr std::array kStates = {"open", "waived", "replayed", "dropped", "all"};
  if (std::find(kStates.begin(), kStates.end(), wanted.state) == kStates.end()) {
    return Error{Fault::kInvalidInput, fmt::format("No row is in the state '{}'", wanted.state), "",
                 fmt::format("use {}", fmt::join(kStates, ", "))};
  }
  std::string where = wanted.state == "all" ? "TRUE" : "state = " + sql_string(wanted.state);
  std::vector<std::string> parameters;
  if (!wanted.table.empty()) {
    TRY(const auto name, lake::TableName::parse(wanted.table));
    parameters.push_back(name.text());
    where += " AND table_name = $1";
  }
  if (!wanted.rule.empty()) {
    parameters.push_back(wanted.rule);
    where += fmt::format(" AND list_contains(rules, ${})", parameters.size());
  }
  const bool json = globals.output.json;  // in which an id costs no column
  const std::string sql =
      wanted.rows || !wanted.table.empty()
          ? fmt::format(
                "SELECT table_name AS \"table\", key, reason, source_file || '#' || "
                "source_position AS position, first_seen_at{}{} FROM ops.quarantine WHERE ",
                json || wanted.state == "all" ? ", state" : "",
                json ? ", quarantine_id AS id" : "") +
                where + " ORDER BY table_name, source_file, source_position LIMIT 1000"
          : "SELECT table_name AS \"table\", array_to_string(rules, ', ') AS rules, COUNT(*) AS "
            "\"rows\", MIN(first_seen_at) AS since, MIN(reason) AS \"for example\" "
            "FROM ops.quarantine WHERE " +
                where + " GROUP BY ALL ORDER BY \"rows\" DESC, 1, 2";
  TRY(const auto home, globals.open());
  return print_query(*home, globals, sql, parameters,
                     wanted.rule.empty() && wanted.table.empty() && wanted.state == "open"
                         ? "The quarantine is empty."
                         : "The quarantine has no such rows.");
}

// Waivers that hold; with `all`, those that were withdrawn, too.
Result<Exit> show_waivers(const Globals& globals, const std::string& table, bool all) {
  constexpr const char* kNone = "Nothing is waived.";
  TRY(const auto home, globals.open());
  TRY(const auto name, lake::TableName::parse(quality::kWaiversTable));
  TRY(const auto present, home->lake().snapshot_if_any(name));
  if (present == nullptr) {
    globals.output.text(kNone);
    globals.output.value(nlohmann::json::array());
    return Exit::kDone;
  }
  std::string where = all ? "TRUE" : "withdrawn_at IS NULL";
  std::vector<std::string> parameters;
  if (!table.empty()) {
    TRY(const auto wanted, lake::TableName::parse(table));
    where += " AND table_name = $1";
    parameters.push_back(wanted.text());
  }
  const std::string sql = fmt::format(
      "SELECT table_name AS \"table\", key, rule, waived_by AS \"by\", waived_why AS why, "
      "waived_at AS at{} FROM {} WHERE {} ORDER BY waived_at, table_name, key, rule",
      all || globals.output.json ? ", withdrawn_by, withdrawn_why, withdrawn_at" : "",
      quality::kWaiversTable, where);
  return print_query(*home, globals, sql, parameters, kNone);
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

  auto wanted = std::make_shared<Wanted>();
  CLI::App* quarantine =
      quality->add_subcommand("quarantine",
                              "Rows that wait, by table and rule\n"
                              "  claimlake quality quarantine\n"
                              "  claimlake quality quarantine silver.fact_claims    row by row");
  quarantine->add_option("TABLE", wanted->table, "The rows of one table");
  quarantine->add_option("--rule", wanted->rule, "Only rows that break this rule")
      ->type_name("RULE");
  quarantine->add_option("--state", wanted->state, "open, waived, replayed, dropped or all")
      ->type_name("STATE")
      ->capture_default_str();
  quarantine->add_flag("--rows", wanted->rows, "Row by row");
  quarantine->callback([&globals, &command, wanted] {
    command = [&globals, wanted] { return show_quarantine(globals, *wanted); };
  });
  add_quarantine_commands(*quality, globals, command);

  CLI::App* waivers =
      quality->add_subcommand("waivers",
                              "Which refused rows a person let in, who and why\n"
                              "  claimlake quality waivers\n"
                              "  claimlake quality waivers silver.fact_claims --all");
  waivers->add_option("TABLE", *table, "Those of one table");
  waivers->add_flag("--all", *all, "Also those that were withdrawn");
  waivers->callback([&globals, &command, table, all] {
    command = [&globals, table, all] { return show_waivers(globals, *table, *all); };
  });
}

}  // namespace claimlake::app
