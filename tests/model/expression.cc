#include "expression.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/check.h"

namespace claimlake::model {

const Cell& Scope::cell(bool of_source, const std::string& column) const {
  static const Cell kNull;
  const Row* const found = of_source ? source : row;
  if (found == nullptr) return kNull;
  const auto& names = of_source ? *source_columns : *columns;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i].name == column) return (*found)[i];
  }
  return kNull;
}

bool Comparison::holds(const Scope& scope) const {
  const Cell& cell = scope.cell(of_source, column);
  if (kind == Kind::kIsNull) return !cell;
  if (kind == Kind::kIsNotNull) return cell.has_value();
  if (kind == Kind::kDistinct) return cell != values[0];
  if (!cell) return false;
  return std::any_of(values.begin(), values.end(), [&](const Cell& value) {
    if (!value) return false;
    const int order = compare(type, *cell, *value);
    if (kind == Kind::kLess) return order < 0;
    return kind == Kind::kAtLeast ? order >= 0 : order == 0;
  });
}

std::string Comparison::sql(const std::string& table, const std::string& source) const {
  const std::string name = (of_source ? source : table) + column;
  switch (kind) {
    case Kind::kEqual:
      return name + " = " + literal(type, values[0]);
    case Kind::kLess:
      return name + " < " + literal(type, values[0]);
    case Kind::kAtLeast:
      return name + " >= " + literal(type, values[0]);
    case Kind::kDistinct:
      return name + " IS DISTINCT FROM " + literal(type, values[0]);
    case Kind::kIsNull:
      return name + " IS NULL";
    case Kind::kIsNotNull:
      return name + " IS NOT NULL";
    case Kind::kIn:
      break;
  }
  std::string list;
  for (const Cell& value : values) list += (list.empty() ? "" : ", ") + literal(type, value);
  return fmt::format("{} IN ({})", name, list);
}

bool holds(const Condition& condition, const Scope& scope) {
  return std::all_of(condition.begin(), condition.end(),
                     [&](const Comparison& each) { return each.holds(scope); });
}

bool fits(const Condition& condition, const Table& table) {
  return std::all_of(condition.begin(), condition.end(), [&](const Comparison& each) {
    return each.of_source || table.find(each.column);
  });
}

std::string to_sql(const Condition& condition, const std::string& table,
                   const std::string& source) {
  std::string out;
  for (const Comparison& each : condition) {
    out += (out.empty() ? "" : " AND ") + each.sql(table, source);
  }
  return out.empty() ? "true" : out;
}

Cell Value::of(const Scope& scope) const {
  if (kind == Kind::kConstant) return constant;
  const Cell& cell = scope.cell(of_source, column);
  if (kind == Kind::kColumn || !cell) return cell;
  return std::to_string(std::stoll(*cell) + std::stoll(*constant));
}

std::string Value::sql(const std::string& table, const std::string& source) const {
  if (kind == Kind::kConstant) return literal(type, constant);
  const std::string name = (of_source ? source : table) + column;
  return kind == Kind::kColumn ? name : name + " + " + *constant;
}

std::string Where::sql() const {
  std::string out = to_sql(condition);
  if (among) out += " AND id IN (SELECT id FROM gold.t WHERE " + to_sql(*among) + ")";
  return out;
}

bool Where::fits(const Table& table) const {
  return model::fits(condition, table) && (!among || model::fits(*among, table));
}

std::vector<bool> Where::of(const Table& table) const {
  std::set<std::string> ids;
  const std::size_t id = *table.find("id");
  for (const Row& row : table.rows) {
    if (among && row[id] && holds(*among, {&table.columns, &row})) ids.insert(*row[id]);
  }
  std::vector<bool> out;
  for (const Row& row : table.rows) {
    out.push_back(holds(condition, {&table.columns, &row}) &&
                  (!among || (row[id] && ids.contains(*row[id]))));
  }
  return out;
}

}  // namespace claimlake::model
