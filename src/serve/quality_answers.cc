// Rule results and refused rows.
#include <fmt/format.h>

#include "serve/answer.h"
#include "serve/ops_tables.h"
#include "serve/session_pool.h"

namespace claimlake::serve {
namespace {

Result<std::optional<std::string>> list_results(const Reading& reading) {
  const Parameters& parameters = reading.parameters;
  const std::string results = reading.from(kResults);
  PageQuery query;
  query.source = fmt::format("({})", results_relation(results, reading.context.pack));
  if (parameters.has("table")) query.where("t.\"table\" = {}", parameters.text("table"));
  if (parameters.has("status")) query.where("t.status = {}", parameters.text("status"));
  if (parameters.has("run_id")) {
    query.where("t.run_id = {}", parameters.text("run_id"));
  } else {
    query.conditions.push_back(
        fmt::format("(t.\"table\", t.run_id) IN (SELECT (table_name, arg_max(run_id, "
                    "evaluated_at)) FROM {} GROUP BY table_name)",
                    results));
  }
  query.order = {{"t.severity", "INTEGER", false},
                 {"t.\"table\"", "VARCHAR", false},
                 {"t.rule", "VARCHAR", false}};
  query.columns =
      "t.run_id, t.\"table\", t.rule, t.kind, t.\"column\", t.action, t.status, t.rows_checked, "
      "t.rows_failed, t.message, t.checked_at";
  TRY(std::string members, page_members(reading, query, "results"));
  return std::optional(std::move(members));
}

Result<std::optional<std::string>> list_quarantine(const Reading& reading) {
  const Parameters& parameters = reading.parameters;
  PageQuery query;
  query.source = fmt::format("({})", quarantine_relation(reading.from(kQuarantine)));
  if (parameters.has("table")) query.where("t.\"table\" = {}", parameters.text("table"));
  if (parameters.has("rule")) query.where("list_contains(t.rules, {})", parameters.text("rule"));
  if (parameters.has("state")) query.where("t.state = {}", parameters.text("state"));
  query.order = {{"t.quarantined_at", "TIMESTAMP WITH TIME ZONE", true},
                 {"t.quarantine_id", "VARCHAR", false}};
  query.columns =
      "t.\"table\", t.key, t.rule, t.reason, t.position, t.source_file, t.state, "
      "t.quarantined_at, t.released_at";
  TRY(const std::string members, page_members(reading, query, "rows"));
  std::string where;
  for (const std::string& condition : query.conditions) {
    where += (where.empty() ? " WHERE (" : " AND (") + condition + ")";
  }
  TRY(const std::string counts,
      rows_json(reading.session, refused_counts(query.source + " AS t" + where), query.parameters));
  return std::optional(fmt::format("\"counts\":{},{}", counts, members));
}

}  // namespace

std::vector<Answer> quality_answers() {
  return {{"listQualityResults", fixed({kResults}), list_results},
          {"listQuarantine", fixed({kQuarantine}), list_quarantine}};
}

}  // namespace claimlake::serve
