#include "statement.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace claimlake::model {
namespace {

std::string assignments_sql(const std::vector<Assignment>& assignments, const std::string& table) {
  std::string out;
  for (const Assignment& each : assignments) {
    out += fmt::format("{}{} = {}", out.empty() ? "" : ", ", each.column, each.value.sql(table));
  }
  return out;
}

// The row as the assignments make it, in the columns of `table`; absent if there is no such column.
std::optional<Row> assigned(const Table& table, Row row, const std::vector<Assignment>& assignments,
                            const Scope& scope) {
  for (const Assignment& each : assignments) {
    const auto place = table.find(each.column);
    if (!place) return std::nullopt;
    row[*place] = each.value.of(scope);
  }
  return row;
}

// The table has the columns that are set, and those that they are set to.
bool known(const Table& table, const std::vector<Assignment>& assignments) {
  return std::ranges::all_of(assignments, [&](const Assignment& each) {
    const bool reads = each.value.kind != Value::Kind::kConstant && !each.value.of_source;
    return table.find(each.column) && (!reads || table.find(each.value.column));
  });
}

// A null that is written out for a column that must not be null may be refused even where no row
// gets it.
bool sets_null(const Table& table, const std::vector<Assignment>& assignments) {
  return std::any_of(assignments.begin(), assignments.end(), [&](const Assignment& each) {
    const auto place = table.find(each.column);
    return place && !table.columns[*place].nullable && each.value.kind == Value::Kind::kConstant &&
           !each.value.constant;
  });
}

}  // namespace

Effect refused(Fault fault, const Table& before) {
  Effect effect;
  effect.refused = fault;
  effect.after = before;
  return effect;
}

std::optional<Effect> without_table(const Table& before) {
  if (before.exists) return std::nullopt;
  return refused(Fault::kNotFound, before);
}

std::string values(const std::vector<Column>& columns, const std::vector<Row>& rows) {
  std::string out;
  for (const Row& row : rows) {
    std::string cells;
    for (std::size_t i = 0; i < row.size(); ++i) {
      cells += (i == 0 ? "" : ", ") + literal(columns[i].type, row[i]);
    }
    out += (out.empty() ? "(" : ", (") + cells + ")";
  }
  return "VALUES " + out;
}

std::string names(const std::vector<Column>& columns) {
  std::string out;
  for (const Column& column : columns) out += (out.empty() ? "" : ", ") + column.name;
  return out;
}

bool breaks_a_rule(const Table& table, const Row& row) {
  for (const auto& [name, check] : table.checks) {
    if (!check->holds({&table.columns, &row})) return true;
  }
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (!table.columns[i].nullable && !row[i]) return true;
  }
  return false;
}

bool is_append_only(const Table& table) { return table.has("delta.appendOnly", "true"); }

Effect unless_append_only(const Table& before, Effect effect) {
  const bool removes = effect.updated + effect.deleted > 0;
  return removes && is_append_only(before) ? refused(Fault::kInvalidInput, before) : effect;
}

std::string Insert::sql() const {
  const char* const into = overwrite ? "OVERWRITE" : "INTO";
  if (replaced) {
    return fmt::format("INSERT INTO t REPLACE WHERE {} {}", to_sql(*replaced),
                       values(columns, rows));
  }
  if (from_itself) {
    return fmt::format("INSERT {2} t ({0}) SELECT {0} FROM gold.t WHERE {1}", names(columns),
                       to_sql(*from_itself), into);
  }
  const std::string rows_sql = values(columns, rows);
  if (by_name) {
    return fmt::format("INSERT {} t BY NAME SELECT * FROM ({}) AS v({})", into, rows_sql,
                       names(columns));
  }
  return fmt::format("INSERT {} t {}{}", into, all_columns ? "" : "(" + names(columns) + ") ",
                     rows_sql);
}

Effect Insert::apply(const Table& before, const Past&) const {
  if (auto none = without_table(before)) return *none;
  Effect effect;
  effect.after = before;
  if (all_columns && columns.size() != before.columns.size()) {
    return refused(Fault::kInvalidInput, before);
  }
  for (const Column& column : columns) {
    if (!before.find(column.name)) return refused(Fault::kInvalidInput, before);
  }
  for (const auto& condition : {from_itself, replaced}) {
    if (condition && !fits(*condition, before)) return refused(Fault::kInvalidInput, before);
  }
  std::vector<Row> given = rows;
  if (from_itself) {
    given.clear();
    for (const Row& row : before.rows) {
      const Scope scope{&before.columns, &row};
      if (!holds(*from_itself, scope)) continue;
      Row& copy = given.emplace_back();
      for (const Column& column : columns) copy.push_back(scope.cell(false, column.name));
    }
  }
  if (overwrite) {
    effect.deleted = static_cast<std::int64_t>(before.rows.size());
    effect.after.rows.clear();
  }
  if (replaced) {
    effect.deleted = std::erase_if(effect.after.rows, [&](const Row& row) {
      return holds(*replaced, {&before.columns, &row});
    });
  }
  for (const Row& row : given) {
    Row whole(before.columns.size());
    for (std::size_t i = 0; i < columns.size(); ++i) {
      whole[*before.find(columns[i].name)] = row[i];
    }
    if (breaks_a_rule(before, whole)) return refused(Fault::kInvalidInput, before);
    if (replaced && !holds(*replaced, {&before.columns, &whole})) {
      return refused(Fault::kInvalidInput, before);
    }
    effect.after.add(std::move(whole));
    ++effect.inserted;
  }
  return unless_append_only(before, std::move(effect));
}

std::vector<std::pair<std::string, std::int64_t>> Insert::metrics(const Effect& effect) const {
  return {{"numOutputRows", effect.inserted}};
}

std::string Update::sql() const {
  return fmt::format("UPDATE t SET {} WHERE {}", assignments_sql(assignments, ""), where.sql());
}

Effect Update::apply(const Table& before, const Past&) const {
  if (auto none = without_table(before)) return *none;
  Effect effect;
  effect.after = before;
  if (!where.fits(before) || !known(before, assignments)) {
    return refused(Fault::kInvalidInput, before);
  }
  if (sets_null(before, assignments)) effect.may_refuse.push_back(Fault::kInvalidInput);
  const std::vector<bool> meant = where.of(before);
  for (std::size_t i = 0; i < meant.size(); ++i) {
    Row& row = effect.after.rows[i];
    const Scope scope{&before.columns, &row};
    if (!meant[i]) continue;
    auto changed = assigned(before, row, assignments, scope);
    if (!changed || breaks_a_rule(before, *changed)) {
      return refused(Fault::kInvalidInput, before);
    }
    if (*changed == row) continue;
    row = before.stored(*std::move(changed));
    ++effect.updated;
  }
  return unless_append_only(before, std::move(effect));
}

std::vector<std::pair<std::string, std::int64_t>> Update::metrics(const Effect& effect) const {
  return {{"numUpdatedRows", effect.updated}};
}

std::string Delete::sql() const {
  return truncate ? "TRUNCATE t" : "DELETE FROM t WHERE " + where.sql();
}

Effect Delete::apply(const Table& before, const Past&) const {
  if (auto none = without_table(before)) return *none;
  Effect effect;
  effect.after = before;
  effect.after.rows.clear();
  if (!truncate && !where.fits(before)) return refused(Fault::kInvalidInput, before);
  const std::vector<bool> meant = where.of(before);
  for (std::size_t i = 0; i < meant.size(); ++i) {
    if (!truncate && !meant[i]) effect.after.rows.push_back(before.rows[i]);
  }
  effect.deleted = static_cast<std::int64_t>(before.rows.size() - effect.after.rows.size());
  return unless_append_only(before, std::move(effect));
}

std::vector<std::pair<std::string, std::int64_t>> Delete::metrics(const Effect& effect) const {
  return {{"numDeletedRows", effect.deleted}};
}

std::string Optimize::sql() const {
  return condition.empty() ? "OPTIMIZE t" : "OPTIMIZE t WHERE " + to_sql(condition);
}

Effect Optimize::apply(const Table& before, const Past&) const {
  if (auto none = without_table(before)) return *none;
  if (!fits(condition, before)) return refused(Fault::kInvalidInput, before);
  Effect effect;
  effect.perhaps_version = true;
  effect.after = before;
  return effect;
}

std::string Vacuum::sql() const { return dry_run ? "VACUUM t DRY RUN" : "VACUUM t"; }

Effect Vacuum::apply(const Table& before, const Past&) const {
  if (auto none = without_table(before)) return *none;
  Effect effect;
  effect.perhaps_version = !dry_run;
  effect.after = before;
  return effect;
}

std::string Restore::sql() const {
  return fmt::format("RESTORE TABLE t TO VERSION AS OF {}", version);
}

Effect Restore::apply(const Table& before, const Past& past) const {
  if (auto none = without_table(before)) return *none;
  const Table* const wanted = past.at(version);
  if (wanted == nullptr) return refused(Fault::kNotFound, before);
  Effect effect;
  if (!past.is_kept(version)) {
    effect.may_refuse.push_back(Fault::kNotFound);
    if (past.vacuum_at_work) effect.may_refuse.push_back(Fault::kConflict);
  }
  if (is_append_only(before) || is_append_only(*wanted)) {
    effect.may_refuse.push_back(Fault::kInvalidInput);
  }
  // The same rows may be in other files.
  effect.perhaps_version = true;
  effect.after = *wanted;
  return effect;
}

}  // namespace claimlake::model
