#include "quality/ops_tables.h"

#include <fmt/format.h>

#include "base/text.h"
#include "quality/checked.h"

namespace claimlake::quality {
namespace {

std::string joined(const std::vector<std::string>& parts, const char* between) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : between) + part;
  return text;
}

std::string result_row(const RuleResult& result, const ResultsContext& context) {
  const std::vector<std::string> values = {
      sql_string(context.run_id),
      sql_string(result.table),
      "CAST(" + (context.table_version ? std::to_string(*context.table_version) : "NULL") +
          " AS BIGINT)",
      sql_string(result.rule),
      sql_string(result.kind),
      sql_string(dimension_name(result.dimension)),
      "CAST(" + std::to_string(result.checked) + " AS BIGINT)",
      "CAST(" + std::to_string(result.failed) + " AS BIGINT)",
      "CAST(" + (result.value ? fmt::format("'{}'", *result.value) : "NULL") + " AS DOUBLE)",
      sql_string(result.threshold),
      sql_string(outcome_name(result.outcome)),
      result.message.empty() ? "CAST(NULL AS VARCHAR)" : sql_string(result.message),
      sql_timestamp(context.evaluated_at)};
  return "(" + joined(values, ", ") + ")";
}

}  // namespace

delta::Schema results_schema() {
  delta::Schema schema;
  for (const auto& [name, type] : {std::pair{"run_id", "string"},
                                   {"table_name", "string"},
                                   {"table_version", "long"},
                                   {"rule", "string"},
                                   {"kind", "string"},
                                   {"dimension", "string"},
                                   {"checked", "long"},
                                   {"failed", "long"},
                                   {"value", "double"},
                                   {"threshold", "string"},
                                   {"outcome", "string"},
                                   {"message", "string"},
                                   {"evaluated_at", "timestamp"}}) {
    schema.fields.push_back({name, delta::PrimitiveType{type}});
  }
  return schema;
}

std::string results_select(const std::vector<RuleResult>& results, const ResultsContext& context) {
  CHECK(!results.empty(), "nothing to keep");
  std::vector<std::string> rows;
  for (const RuleResult& result : results) rows.push_back(result_row(result, context));
  std::vector<std::string> names;
  for (const delta::Field& field : results_schema().fields) {
    names.push_back(sql_identifier(field.name));
  }
  return "SELECT * FROM (VALUES " + joined(rows, ",\n  ") + ") AS results (" + joined(names, ", ") +
         ")";
}

std::string versions_select(const pack::Model& model) {
  if (model.header.latest_by.empty() || model.inputs.size() != 1) return "";
  std::vector<std::string> key;
  std::vector<std::string> known;
  std::vector<std::string> order;
  for (const std::string& name : model.header.key) {
    key.push_back(sql_identifier(name));
    known.push_back(key.back() + " IS NOT NULL");
  }
  for (const std::string& expression : model.header.latest_by) {
    order.push_back("(" + expression + ") DESC NULLS LAST");
  }
  const std::string keys = joined(key, ", ");
  const std::string position = "_source_file || '#' || CAST(_source_position AS VARCHAR)";
  return "WITH _repeated AS (SELECT " + keys + " FROM " + model.inputs[0] + " WHERE " +
         joined(known, " AND ") + " GROUP BY " + keys + " HAVING count(*) > 1),\n_versions AS (" +
         "SELECT arrived.*, row_number() OVER newest AS _version,\n  first_value(" + position +
         ") OVER newest AS _newest\nFROM " + model.inputs[0] + " AS arrived WHERE (" + keys +
         ") IN (SELECT " + (key.size() == 1 ? keys : "(" + keys + ")") +
         " FROM _repeated)\nWINDOW newest AS (PARTITION BY " + keys + " ORDER BY " +
         joined(order, ", ") + "))\nSELECT * EXCLUDE (_newest), _version > 1 AS _is_duplicate," +
         " CASE WHEN _version > 1 THEN _newest END AS _duplicate_of\nFROM _versions";
}

std::string versions_view_name(const pack::Model& model) {
  return "vw_" + model.table + "_versions";
}

}  // namespace claimlake::quality
