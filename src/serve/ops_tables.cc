#include "serve/ops_tables.h"

#include <fmt/format.h>

#include "base/text.h"
#include "engine/engine.h"
#include "quality/ops_tables.h"
#include "quality/quarantine.h"

namespace claimlake::serve {
namespace {

std::vector<pack::ColumnDoc> columns_of(const delta::Schema& schema) {
  std::vector<pack::ColumnDoc> columns;
  for (const delta::Field& field : schema.fields) {
    const auto type = engine::sql_type(field.type);
    CHECK(type.has_value(), "a column of an ops table has a type that the engine does not know");
    columns.push_back({field.name, *type});
  }
  return columns;
}

// The pack's rules as a relation (table_name, rule, column_name, action): a result tells what
// happened, and the rule what was asked.
std::string rules_relation(const pack::Pack& pack) {
  std::string rows;
  for (const pack::Model& model : pack.models) {
    for (const pack::Rule& rule : model.rules.rules) {
      const auto columns = pack::rule_columns(rule);
      rows +=
          fmt::format("{}({}, {}, {}, {})", rows.empty() ? "" : ", ", sql_string(model.name),
                      sql_string(rule.name), columns.size() == 1 ? sql_string(columns[0]) : "NULL",
                      sql_string(pack::action_name(rule.action)));
    }
  }
  if (rows.empty()) rows = "(NULL, NULL, NULL, NULL)";
  return fmt::format("(VALUES {}) AS asked(table_name, rule, column_name, action)", rows);
}

}  // namespace

std::vector<pack::ColumnDoc> ops_columns(std::string_view table) {
  if (table == kResults) return columns_of(quality::results_schema());
  if (table == kQuarantine) return columns_of(quality::quarantine_schema());
  CHECK(table == kRuns, "not a table that the program keeps");
  return {{"run_id", "VARCHAR"},
          {"kind", "VARCHAR"},
          {"table_name", "VARCHAR"},
          {"outcome", "VARCHAR"},
          {"table_version", "BIGINT"},
          {"rows", "BIGINT"},
          {"refused_rows", "BIGINT"},
          {"seconds", "DOUBLE"},
          {"message", "VARCHAR"},
          {"started_at", "TIMESTAMP WITH TIME ZONE"},
          {"finished_at", "TIMESTAMP WITH TIME ZONE"}};
}

std::string results_relation(std::string_view results, const pack::Pack& pack) {
  return fmt::format(
      "SELECT found.run_id, found.table_name AS \"table\", found.rule, found.kind, "
      "asked.column_name AS \"column\", COALESCE(asked.action, 'flag') AS action, "
      "CASE found.outcome WHEN 'pass' THEN 'passed' WHEN 'flag' THEN 'warned' WHEN 'warn' THEN "
      "'warned' ELSE 'failed' END AS status, "
      "CASE found.outcome WHEN 'pass' THEN 2 WHEN 'flag' THEN 1 WHEN 'warn' THEN 1 ELSE 0 END AS "
      "severity, found.checked AS rows_checked, found.failed AS rows_failed, found.message, "
      "found.evaluated_at AS checked_at FROM {} AS found LEFT JOIN {} ON asked.table_name = "
      "found.table_name AND asked.rule = found.rule",
      results, rules_relation(pack));
}

std::string quarantine_relation(std::string_view quarantine) {
  return fmt::format(
      "SELECT quarantine_id, table_name AS \"table\", key, rules, "
      "array_to_string(rules, ', ') AS rule, COALESCE(reason, '') AS reason, "
      "COALESCE('position ' || source_position, '') AS position, source_file, "
      "CASE state WHEN 'open' THEN 'waiting' WHEN 'replayed' THEN 'released' WHEN 'waived' THEN "
      "'waived' "
      "ELSE 'dropped' END AS "
      "state, first_seen_at AS quarantined_at, resolved_at AS released_at FROM {}",
      quarantine);
}

std::string refused_counts(std::string_view rows) {
  return fmt::format(
      "SELECT \"table\", rule, min(reason) AS reason, "
      "count(*) FILTER (state = 'waiting') AS waiting, "
      "count(*) FILTER (state IN ('released', 'waived')) AS released, "
      "count(*) FILTER (state = 'dropped') AS dropped FROM (SELECT t.\"table\", unnest(t.rules) AS "
      "rule, t.reason, t.state FROM {}) GROUP BY \"table\", rule ORDER BY waiting DESC, \"table\", "
      "rule",
      rows);
}

std::string runs_relation(std::string_view runs) {
  return fmt::format(
      "SELECT run_id, CASE outcome WHEN 'built' THEN 'succeeded' WHEN 'skipped' THEN 'skipped' "
      "WHEN "
      "'waiting' THEN 'skipped' ELSE 'failed' END AS status, CASE kind WHEN 'run' THEN "
      "'full refresh' ELSE kind END AS operation, started_at, finished_at, rows AS rows_written, "
      "NULLIF(message, '') AS message, table_name, table_version FROM {}",
      runs);
}

}  // namespace claimlake::serve
