#include "quality/waivers.h"

#include <fmt/format.h>

#include "base/check.h"
#include "base/text.h"
#include "quality/checked.h"

namespace claimlake::quality {
namespace {

constexpr const char* kNoTime = "CAST(NULL AS TIMESTAMP WITH TIME ZONE)";
constexpr const char* kNoText = "CAST(NULL AS VARCHAR)";

std::string of_table(std::string_view table) {
  return fmt::format("FROM {} WHERE table_name = {}", kWaiversTable, sql_string(table));
}

}  // namespace

delta::Schema waivers_schema() {
  delta::Schema schema;
  for (const auto& [name, type] : {std::pair{"waiver_id", "string"},
                                   {"table_name", "string"},
                                   {"quarantine_id", "string"},
                                   {"key", "string"},
                                   {"rule", "string"},
                                   {"waived_by", "string"},
                                   {"waived_why", "string"},
                                   {"waived_at", "timestamp"},
                                   {"withdrawn_by", "string"},
                                   {"withdrawn_why", "string"},
                                   {"withdrawn_at", "timestamp"}}) {
    schema.fields.push_back({name, delta::PrimitiveType{type}});
  }
  return schema;
}

std::vector<std::string> waivers_partition() { return {"table_name"}; }

std::string waive_select(std::string_view table, const std::vector<WaivedRow>& rows,
                         const Said& said) {
  std::string sql = "SELECT * " + of_table(table);
  for (const WaivedRow& row : rows) {
    sql += fmt::format(
        "\nUNION ALL SELECT {} AS waiver_id, {} AS table_name, {} AS quarantine_id, {} AS key, {} "
        "AS rule, {} AS waived_by, {} AS waived_why, {} AS waived_at, {} AS withdrawn_by, {} AS "
        "withdrawn_why, {} AS withdrawn_at",
        sql_string(row.waiver_id), sql_string(table), sql_string(row.quarantine_id),
        row.key.empty() ? kNoText : sql_string(row.key), sql_string(row.rule), sql_string(said.by),
        sql_string(said.why), sql_timestamp(said.at), kNoText, kNoText, kNoTime);
  }
  return sql;
}

std::string withdraw_select(std::string_view table, const std::vector<std::string>& waiver_ids,
                            const Said& said) {
  CHECK(!waiver_ids.empty(), "nothing to withdraw");
  std::string ids;
  for (const std::string& id : waiver_ids) ids += (ids.empty() ? "" : ", ") + sql_string(id);
  const auto item = [&](const char* column, const std::string& value) {
    return fmt::format("CASE WHEN waiver_id IN ({}) THEN {} ELSE {} END AS {}", ids, value, column,
                       column);
  };
  return fmt::format("SELECT * REPLACE ({}, {}, {}) {}", item("withdrawn_by", sql_string(said.by)),
                     item("withdrawn_why", sql_string(said.why)),
                     item("withdrawn_at", sql_timestamp(said.at)), of_table(table));
}

std::string waived_ids_select(std::string_view table, std::string_view waivers) {
  return fmt::format("SELECT quarantine_id FROM {} WHERE table_name = {} AND withdrawn_at IS NULL",
                     waivers, sql_string(table));
}

std::string waived_bits_select(const pack::Model& model, std::string_view waivers) {
  std::string cases;
  std::size_t place = 0;
  for (const pack::Rule* rule : model.rules.of(pack::RuleGroup::kRow)) {
    const std::int64_t bit = std::int64_t{1} << place++;
    if (!can_be_waived(rule->action)) continue;
    cases += fmt::format(" WHEN {} THEN {}", sql_string(rule->name), bit);
  }
  if (cases.empty()) cases = " WHEN NULL THEN 0";
  return fmt::format(
      "SELECT quarantine_id, CAST(sum(bits) AS BIGINT) AS waived FROM (SELECT DISTINCT "
      "quarantine_id, CASE rule{} ELSE 0 END AS bits FROM {} WHERE table_name = {} AND "
      "withdrawn_at IS NULL) AS each_rule GROUP BY quarantine_id",
      cases, waivers, sql_string(model.name));
}

}  // namespace claimlake::quality
