#include "refresh/day_turn.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "pack/key_mapping.h"
#include "pack/model.h"
#include "pack/sql_text.h"
#include "quality/checked.h"
#include "refresh/key_texts.h"

namespace claimlake::refresh {
namespace {

using Columns = std::vector<std::string>;

// Of two relations in pairs; FALSE if there are no columns.
std::string differ(const Columns& columns, std::string_view a, std::string_view b) {
  std::string out;
  for (const std::string& column : columns) {
    const std::string name = sql_identifier(column);
    out +=
        fmt::format("{}{}.{} IS DISTINCT FROM {}.{}", out.empty() ? "" : " OR ", a, name, b, name);
  }
  return out.empty() ? "FALSE" : out;
}

bool has(const Columns& columns, const std::string& name) {
  return std::any_of(columns.begin(), columns.end(),
                     [&](const std::string& column) { return to_lower(column) == to_lower(name); });
}

}  // namespace

DayTurn::DayTurn(const pack::Model& model, Date before, Date now)
    : model_(model), way_(pack::day_way(model)), before_(before), now_(now) {}

std::string DayTurn::columns(std::string_view relation) const {
  std::string out = list_of(model_.header.key, relation);
  if (!way_.columns.empty()) out += ", " + list_of(way_.columns, relation);
  return out;
}

std::string DayTurn::narrow() const {
  std::string turns;
  for (const pack::Rule* rule : way_.rules) {
    const auto judged = [&](Date day) {
      return std::pair(quality::failed_condition(*rule, model_, "_model", {{}, day}),
                       quality::applies_condition(*rule, "_model", day));
    };
    const auto [failed, applies] = judged(before_);
    const auto [fails, applies_now] = judged(now_);
    turns += fmt::format("{0}({1}) IS DISTINCT FROM ({2}) OR ({3}) IS DISTINCT FROM ({4})",
                         turns.empty() ? "" : " OR ", failed, fails, applies, applies_now);
  }
  return fmt::format("SELECT {}, {} AS _turns FROM (\n{}\n) AS _model", columns("_model"),
                     turns.empty() ? "FALSE" : turns, pack::sql_as_of(model_.sql, now_));
}

std::string DayTurn::touched(std::string_view now, std::string_view before) const {
  const Columns& key = model_.header.key;
  return fmt::format(
      "SELECT {} FROM {} AS n LEFT JOIN (SELECT {}, TRUE AS _there FROM {} AS t) AS o ON {} WHERE "
      "NOT {} AND (o._there IS NULL OR n._turns OR {})",
      list_of(key, "n"), now, columns("t"), before, pack::equal_columns("n", key, "o", key),
      without_key(key, "n"), differ(way_.columns, "n", "o"));
}

std::string DayTurn::keyless(std::string_view now, std::string_view before) const {
  const Columns& key = model_.header.key;
  const std::string is =
      fmt::format("SELECT {} FROM {} AS n WHERE {}", columns("n"), now, without_key(key, "n"));
  const std::string was =
      fmt::format("SELECT {} FROM {} AS o WHERE {}", columns("o"), before, without_key(key, "o"));
  return fmt::format(
      "SELECT (SELECT count(*) FROM {0} WHERE _turns AND {3}) + (SELECT count(*) FROM (({1}) "
      "EXCEPT "
      "ALL ({2}))) + (SELECT count(*) FROM (({2}) EXCEPT ALL ({1})))",
      now, is, was, without_key(key));
}

std::string DayTurn::patched(std::string_view now, std::string_view before,
                             std::string_view computed) const {
  const Columns& key = model_.header.key;
  std::string items;
  for (const pack::ColumnDoc& column : model_.columns) {
    items += fmt::format("{}{}.{}", items.empty() ? "" : ", ",
                         has(way_.columns, column.name) ? "n" : "o", sql_identifier(column.name));
  }
  return fmt::format("SELECT {} FROM {} AS o JOIN {} AS n ON {} ANTI JOIN {} AS c ON {}", items,
                     before, now, pack::equal_columns("o", key, "n", key), computed,
                     pack::equal_columns("o", key, "c", key));
}

}  // namespace claimlake::refresh
