#include "refresh/why_json.h"

#include <nlohmann/json.hpp>

#include "base/text.h"

namespace claimlake::refresh {
namespace {

using nlohmann::json;
using Cell = std::optional<std::string>;

json or_null(const Cell& cell) { return cell ? json(*cell) : json(); }

json to_json(const WrittenBy& written) {
  return {{"version", written.version},
          {"time", to_rfc3339(written.time)},
          {"run", written.run},
          {"way", written.way}};
}

json to_json(const std::vector<RefusedRow>& rows) {
  json out = json::array();
  for (const RefusedRow& row : rows) {
    out.push_back({{"table", row.table},
                   {"key", row.key},
                   {"reason", row.reason},
                   {"state", row.state},
                   {"source_file", row.source_file},
                   {"source_position", or_null(row.source_position)},
                   {"batch", row.batch},
                   {"since", row.since}});
  }
  return out;
}

json to_json(const std::vector<RowWaiver>& waivers) {
  json out = json::array();
  for (const RowWaiver& waiver : waivers) {
    out.push_back(
        {{"table", waiver.table},
         {"key", waiver.key},
         {"rule", waiver.rule},
         {"by", waiver.by},
         {"why", waiver.why},
         {"at", waiver.at},
         {"withdrawn_by", waiver.withdrawn_by.empty() ? json() : json(waiver.withdrawn_by)}});
  }
  return out;
}

json to_json(const engine::TextTable& table) {
  json out = json::array();
  for (const auto& row : table.rows) {
    json value = json::object();
    for (std::size_t i = 0; i < row.size(); ++i) value[table.columns[i].name] = or_null(row[i]);
    out.push_back(std::move(value));
  }
  return out;
}

json to_json(const std::vector<RowsBehind>& inputs) {
  json out = json::array();
  for (const RowsBehind& input : inputs) {
    json written = json::array();
    for (const WrittenBy& each : input.written) written.push_back(to_json(each));
    out.push_back({{"table", input.table},
                   {"version", input.version ? json(*input.version) : json()},
                   {"whole", input.whole.empty() ? json() : json(input.whole)},
                   {"problem", input.problem.empty() ? json() : json(input.problem)},
                   {"count", input.whole.empty() ? json(input.count) : json()},
                   {"rows", to_json(input.rows)},
                   {"written", written},
                   {"refused", to_json(input.refused)},
                   {"waivers", to_json(input.waivers)},
                   {"inputs", to_json(input.inputs)}});
  }
  return out;
}

// The value of the column that a column hands on, where one row of its table is behind the row.
const Cell* value_of(const std::vector<RowsBehind>& inputs, const engine::ColumnSource& source) {
  for (const RowsBehind& input : inputs) {
    if (input.table != source.table || !source.field.empty()) continue;
    const auto found = input.values.find(source.column);
    if (found != input.values.end()) return &found->second;
  }
  return nullptr;
}

json columns_json(const Why& why, const pack::TableLineage& table) {
  json out = json::array();
  if (!why.present) return out;
  for (std::size_t i = 0; i < why.row.columns.size(); ++i) {
    json from = json::array();
    const engine::ColumnLineage* column = table.column(why.row.columns[i].name);
    for (std::size_t at = 0; column != nullptr && at < column->sources.size(); ++at) {
      const engine::ColumnSource& source = column->sources[at];
      json each = {{"table", source.table},
                   {"column", source.column.empty() ? json() : json(source.column)},
                   {"way", engine::lineage_way_name(source.way)}};
      const Cell* value = value_of(why.inputs, source);
      if (value != nullptr) each["value"] = or_null(*value);
      from.push_back(std::move(each));
    }
    out.push_back({{"column", why.row.columns[i].name},
                   {"value", or_null(why.row.rows[0][i])},
                   {"from", from}});
  }
  return out;
}

}  // namespace

json to_json(const Why& why, const pack::TableLineage& table) {
  json key = json::object();
  for (const auto& [column, value] : why.key) key[column] = value;
  json rules = json::array();
  for (const JudgedRule& rule : why.rules) {
    rules.push_back({{"rule", rule.rule},
                     {"demand", rule.demand},
                     {"outcome", rule.outcome},
                     {"of", rule.of_table ? "table" : "row"}});
  }
  return {{"table", why.table},
          {"key", key},
          {"version", why.version},
          {"present", why.present},
          {"written", why.written ? to_json(*why.written) : json()},
          {"columns", columns_json(why, table)},
          {"rules", rules},
          {"refused", to_json(why.refused)},
          {"waivers", to_json(why.waivers)},
          {"inputs", to_json(why.inputs)}};
}

std::vector<std::string> key_values(const pack::Pack& pack, const std::string& table,
                                    const std::string& text) {
  const pack::Model* model = pack.model(to_lower(table));
  const bool single = model != nullptr && model->header.key.size() == 1;
  return single ? std::vector<std::string>{text} : split(text, ',');
}

}  // namespace claimlake::refresh
