#include "pack/explain.h"

#include <fmt/format.h>

#include <algorithm>

#include "pack/key_mapping.h"

namespace claimlake::pack {
namespace {

using Way = engine::KeyRoute::Way;

std::string list(const std::vector<std::string>& columns) {
  return fmt::format("{}", fmt::join(columns, ", "));
}

// "pet_id = silver.fact_claims.pet_id, and there claim_id is the key".
std::string way_of(const KeyMapping& mapping, const engine::KeyRoute& route) {
  if (route.way == Way::kKey) return list(route.columns) + " is the key";
  const engine::KeyRoute& other = mapping.places[route.other].route;
  std::string out;
  for (std::size_t i = 0; i < route.columns.size(); ++i) {
    out += fmt::format("{}{} = {}.{}", i == 0 ? "" : " and ", route.columns[i], other.table,
                       route.other_columns[i]);
  }
  return out + ", and there " + way_of(mapping, other);
}

}  // namespace

std::string day_text(const Model& model) {
  if (!model.header.clock_day || model.mapping == nullptr) return "";
  const DayWay way = day_way(model);
  if (way.kind == DayWay::Kind::kNothing) return "only changes of its inputs lead to its keys";
  if (way.kind == DayWay::Kind::kRows) return "decides which rows there are, so all are computed";
  std::string what = list(way.columns);
  for (const Rule* rule : way.rules) {
    what += (what.empty() ? "rule " : ", rule ") + rule->name;
  }
  return "a row that differs in what hangs on it is its key: " + what;
}

std::vector<InputRoute> input_routes(const Model& model) {
  std::vector<InputRoute> out;
  if (model.mapping == nullptr) return out;
  const KeyMapping& mapping = *model.mapping;
  for (const TableReference& reference : mapping.references) {
    const bool known = std::any_of(out.begin(), out.end(), [&](const InputRoute& each) {
      return each.table == reference.name;
    });
    if (!known)
      out.push_back(
          {.table = reference.name, .whole = !mapping.lost.empty() || !mapping.keyless.empty()});
  }
  if (const std::string& why = mapping.lost.empty() ? mapping.keyless : mapping.lost;
      !why.empty()) {
    for (InputRoute& each : out) each.ways.push_back(why);
    return out;
  }
  for (const KeyMapping::Place& place : mapping.places) {
    const auto input = std::find_if(out.begin(), out.end(), [&](const InputRoute& each) {
      return each.table == place.route.table;
    });
    std::string way;
    if (place.route.way == Way::kWhole) {
      input->whole = true;
      const Place at = model.place(mapping.references[place.reference].begin);
      way = fmt::format("{} (line {})", place.route.reason, at.line);
    } else {
      way = way_of(mapping, place.route);
    }
    if (std::find(input->ways.begin(), input->ways.end(), way) == input->ways.end()) {
      input->ways.push_back(way);
    }
  }
  return out;
}

}  // namespace claimlake::pack
