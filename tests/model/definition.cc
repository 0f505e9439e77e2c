#include "definition.h"

#include <fmt/format.h>

#include <algorithm>

namespace claimlake::model {
namespace {

// Columns that a table does not map cannot be renamed or dropped, nor those of a constraint.
bool is_fixed(const Table& table, const std::string& column) {
  if (!table.has("delta.columnMapping.mode", "name")) return true;
  return std::ranges::any_of(table.checks,
                             [&](const auto& check) { return check.second->column == column; });
}

}  // namespace

std::string Create::sql() const {
  std::string columns;
  for (const Column& column : table.columns) {
    columns += fmt::format("{}{} {}{}", columns.empty() ? "" : ", ", column.name,
                           delta_type(column.type), column.nullable ? "" : " NOT NULL");
  }
  std::string properties;
  for (const auto& [key, value] : table.properties) {
    properties += fmt::format("{}'{}' = '{}'", properties.empty() ? "" : ", ", key, value);
  }
  std::string out = "CREATE TABLE t";
  if (!as_select) out += " (" + columns + ")";
  if (!table.partition.empty()) out += " PARTITIONED BY (" + table.partition + ")";
  if (!properties.empty()) out += " TBLPROPERTIES (" + properties + ")";
  if (as_select) {
    out += fmt::format(" AS SELECT * FROM ({}) AS v({})", values(table.columns, table.rows),
                       names(table.columns));
  }
  return out;
}

Effect Create::apply(const Table& before, const Past&) const {
  if (before.exists) return refused(Fault::kConflict, before);
  Effect effect;
  effect.version = true;
  effect.after = table;
  effect.after.exists = true;
  effect.after.properties.try_emplace("delta.enableDeletionVectors", "true");
  effect.after.rows.clear();
  if (as_select) {
    for (const Row& row : table.rows) effect.after.add(row);
  }
  return effect;
}

std::string AddColumn::sql() const {
  return fmt::format("ALTER TABLE t ADD COLUMNS ({} {})", column.name, delta_type(column.type));
}

Effect AddColumn::apply(const Table& before, const Past&) const {
  if (auto none = without_table(before)) return *none;
  if (before.find(column.name)) return refused(Fault::kInvalidInput, before);
  Effect effect;
  effect.version = true;
  effect.after = before;
  effect.after.columns.push_back(column);
  for (Row& row : effect.after.rows) row.emplace_back();
  return effect;
}

std::string RenameColumn::sql() const {
  return fmt::format("ALTER TABLE t RENAME COLUMN {} TO {}", column, name);
}

Effect RenameColumn::apply(const Table& before, const Past&) const {
  if (auto none = without_table(before)) return *none;
  const auto place = before.find(column);
  if (!place || before.find(name) || is_fixed(before, column)) {
    return refused(Fault::kInvalidInput, before);
  }
  Effect effect;
  effect.version = true;
  effect.after = before;
  effect.after.columns[*place].name = name;
  return effect;
}

std::string DropColumn::sql() const { return "ALTER TABLE t DROP COLUMN " + column; }

Effect DropColumn::apply(const Table& before, const Past&) const {
  if (auto none = without_table(before)) return *none;
  const auto place = before.find(column);
  if (!place || is_fixed(before, column)) return refused(Fault::kInvalidInput, before);
  Effect effect;
  effect.version = true;
  effect.after = before;
  const auto at = static_cast<std::ptrdiff_t>(*place);
  effect.after.columns.erase(effect.after.columns.begin() + at);
  for (Row& row : effect.after.rows) row.erase(row.begin() + at);
  return effect;
}

std::string AddConstraint::sql() const {
  return fmt::format("ALTER TABLE t ADD CONSTRAINT {} CHECK ({})", name, check.sql("", ""));
}

Effect AddConstraint::apply(const Table& before, const Past&) const {
  if (auto none = without_table(before)) return *none;
  Effect effect;
  effect.version = true;
  effect.after = before;
  if (before.checks.contains(name) || !before.find(check.column)) {
    return refused(Fault::kInvalidInput, before);
  }
  effect.after.checks[name] = std::make_shared<Comparison>(check);
  for (const Row& row : before.rows) {
    if (breaks_a_rule(effect.after, row)) return refused(Fault::kInvalidInput, before);
  }
  return effect;
}

std::string SetProperty::sql() const {
  return fmt::format("ALTER TABLE t SET TBLPROPERTIES ('{}' = '{}')", key, value);
}

Effect SetProperty::apply(const Table& before, const Past&) const {
  if (auto none = without_table(before)) return *none;
  Effect effect;
  effect.version = !before.has(key, value);
  effect.after = before;
  effect.after.properties[key] = value;
  return effect;
}

}  // namespace claimlake::model
