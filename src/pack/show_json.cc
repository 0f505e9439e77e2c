#include "pack/show_json.h"

#include <nlohmann/json.hpp>

namespace claimlake::pack {
namespace {

using nlohmann::json;

json text_or_null(const std::string& text) { return text.empty() ? json() : json(text); }

json columns_json(const std::vector<ColumnDoc>& columns, bool added) {
  json out = json::array();
  for (const ColumnDoc& column : columns) {
    out.push_back({{"name", column.name},
                   {"type", column.type},
                   {"doc", column.doc},
                   {"unit", column.unit},
                   {"added", added}});
  }
  return out;
}

json rules_json(const Model& model) {
  json out = json::array();
  for (const Rule& rule : model.rules.rules) {
    out.push_back({{"rule", rule.name},
                   {"kind", rule_kind_name(rule.body)},
                   {"action", action_name(rule.action)},
                   {"demand", rule_text(rule)},
                   {"when", text_or_null(rule.when)},
                   {"reason", text_or_null(rule.reason)},
                   {"columns", rule_columns(rule)}});
  }
  return out;
}

}  // namespace

json to_json(const ModelDetail& detail) {
  const Model& model = *detail.model;
  const Header& header = model.header;
  json parameters = json::array();
  for (const auto& [name, type] : header.parameters) {
    parameters.push_back({{"name", name}, {"type", type}});
  }
  json tags = json::array();
  for (const auto& [tag, columns] : header.tags)
    tags.push_back({{"tag", tag}, {"columns", columns}});
  json columns = columns_json(model.columns, false);
  for (json& column : columns_json(detail.added, true)) columns.push_back(std::move(column));
  return {{"model", model.name},
          {"layer", model.schema},
          {"kind", kind_name(header.kind)},
          {"description", header.description},
          {"file", model.file},
          {"owner", text_or_null(header.owner)},
          {"key", header.key},
          {"latest_by", header.latest_by},
          {"clock", header.clock_day ? json("day") : json()},
          {"partition", header.partition},
          {"about", text_or_null(header.aggregation)},
          {"parameters", parameters},
          {"tags", tags},
          {"inputs", model.inputs},
          {"rule_inputs", model.rule_inputs},
          {"readers", detail.readers},
          {"columns", columns},
          {"rules", rules_json(model)},
          {"sql", model.sql}};
}

}  // namespace claimlake::pack
