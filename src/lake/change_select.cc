#include "lake/change_select.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/text.h"
#include "engine/engine.h"

namespace claimlake::lake {
namespace {

using Statement = engine::ChangeStatement;
using Clause = Statement::Clause;
using Effect = ChangeSelect::Effect;

// True for the rows of a MERGE's source; null where an outer join found none.
constexpr const char* kPresent = "__present";

Error refused(std::string what, std::string next = {}) {
  return {Fault::kInvalidInput, std::move(what), "", std::move(next)};
}

Error no_such_column(const std::string& column, const delta::Schema& schema) {
  std::vector<std::string> names;
  for (const delta::Field& field : schema.fields) names.push_back(field.name);
  const std::string near = nearest(column, names);
  return refused(fmt::format("The table has no column {}", column),
                 near.empty() ? "DESCRIBE the table" : fmt::format("did you mean {}?", near));
}

// The value of each column that a clause sets, by the number of the column.
using Values = std::map<std::size_t, std::string>;

class Builder {
 public:
  Builder(const Statement& statement, const ChangeTarget& target,
          const std::vector<std::string>& source_columns)
      : statement_(statement), target_(target), source_columns_(source_columns) {}

  Result<ChangeSelect> insert();
  Result<ChangeSelect> change();

 private:
  struct Branch {
    Clause::When when = Clause::When::kMatched;
    std::string condition;
    Clause::Then then = Clause::Then::kNothing;
    Values values;
  };

  std::string relation() const;
  std::string qualifier() const {
    return sql_identifier(statement_.alias.empty() ? statement_.table : statement_.alias);
  }
  std::string column(const delta::Field& field) const {
    return qualifier() + "." + sql_identifier(field.name);
  }
  Result<std::string> typed(const delta::Field& field, const std::string& value) const;
  Result<std::size_t> find(const std::string& column) const;
  Result<Values> named(const std::vector<Statement::Assignment>& assignments) const;
  Result<Values> all_from_source(bool insert) const;
  Result<Values> values_of(const Clause& clause) const;
  Result<std::vector<Branch>> branches() const;
  std::string from(const std::vector<Branch>& branches) const;
  std::string clause_number(const std::vector<Branch>& branches) const;
  Result<std::string> new_value(const std::vector<Branch>& branches, std::size_t column) const;
  std::string same(const std::vector<Branch>& branches) const;

  const Statement& statement_;
  const ChangeTarget& target_;
  const std::vector<std::string>& source_columns_;
  std::string clause_ = ChangeSelect::kClause;  // how the values name the clause
};

std::string Builder::relation() const {
  return fmt::format("lake.{}.{}{}", sql_identifier(target_.name.schema),
                     sql_identifier(target_.name.table),
                     statement_.alias.empty() ? "" : " AS " + qualifier());
}

Result<std::string> Builder::typed(const delta::Field& field, const std::string& value) const {
  TRY(const std::string type, engine::sql_type(field.type));
  const std::string cast = fmt::format("CAST({} AS {})", value, type);
  if (field.nullable) return cast;
  return fmt::format("coalesce({}, CAST(error({}) AS {}))", cast,
                     sql_string(fmt::format("Column {} must not be null", field.name)), type);
}

Result<std::size_t> Builder::find(const std::string& column) const {
  const auto& fields = target_.schema.fields;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (to_lower(fields[i].name) == to_lower(column)) return i;
  }
  return no_such_column(column, target_.schema);
}

Result<Values> Builder::named(const std::vector<Statement::Assignment>& assignments) const {
  Values out;
  std::size_t position = 0;
  for (const Statement::Assignment& assignment : assignments) {
    std::size_t index = position++;
    if (!assignment.column.empty()) {
      TRY(index, find(assignment.column));
    } else if (assignments.size() != target_.schema.fields.size()) {
      return refused(fmt::format("INSERT gives {} values for {} columns", assignments.size(),
                                 target_.schema.fields.size()),
                     "name the columns that the values are for");
    }
    const delta::Field& field = target_.schema.fields[index];
    TRY(std::string value, typed(field, assignment.value.value_or("NULL")));
    if (!out.emplace(index, std::move(value)).second) {
      return refused(fmt::format("Column {} is set twice", field.name), "set it once");
    }
  }
  return out;
}

// SET * and INSERT *: by name, as Delta does, whatever the order of the columns.
Result<Values> Builder::all_from_source(bool insert) const {
  Values out;
  for (std::size_t i = 0; i < target_.schema.fields.size(); ++i) {
    const delta::Field& field = target_.schema.fields[i];
    const auto found = std::find_if(
        source_columns_.begin(), source_columns_.end(),
        [&](const std::string& name) { return to_lower(name) == to_lower(field.name); });
    if (found == source_columns_.end()) {
      return refused(fmt::format("The source has no column {}, which {} * needs", field.name,
                                 insert ? "INSERT" : "UPDATE SET"),
                     "add it to the source, or name the columns");
    }
    TRY(out[i],
        typed(field, sql_identifier(statement_.source_alias) + "." + sql_identifier(*found)));
  }
  return out;
}

Result<Values> Builder::values_of(const Clause& clause) const {
  const bool insert = clause.then == Clause::Then::kInsert;
  if (!insert && clause.then != Clause::Then::kUpdate) return Values{};
  if (clause.all_columns) return all_from_source(insert);
  return named(clause.assignments);
}

Result<std::vector<Builder::Branch>> Builder::branches() const {
  std::vector<Branch> out;
  if (statement_.kind == Statement::Kind::kMerge) {
    for (const Clause& clause : statement_.clauses) {
      TRY(Values values, values_of(clause));
      out.push_back({clause.when, clause.condition, clause.then, std::move(values)});
    }
    return out;
  }
  const bool update = statement_.kind == Statement::Kind::kUpdate;
  TRY(Values values, named(statement_.assignments));
  out.push_back({Clause::When::kMatched, "", update ? Clause::Then::kUpdate : Clause::Then::kDelete,
                 std::move(values)});
  return out;
}

// What is joined how: rows that no clause is for need not come out of the join.
std::string Builder::from(const std::vector<Branch>& branches) const {
  if (statement_.kind != Statement::Kind::kMerge) {
    std::string out = relation();
    if (!statement_.source.empty()) out += ", " + statement_.source;
    if (!statement_.condition.empty()) out += " WHERE " + statement_.condition;
    return out;
  }
  const auto has = [&](Clause::When when) {
    return std::any_of(branches.begin(), branches.end(),
                       [&](const Branch& branch) { return branch.when == when; });
  };
  const bool without_target = has(Clause::When::kNotMatched);
  const bool without_source = has(Clause::When::kNotMatchedBySource);
  const char* join = without_target && without_source ? "FULL JOIN"
                     : without_target                 ? "RIGHT JOIN"
                     : without_source                 ? "LEFT JOIN"
                                                      : "JOIN";
  const std::string alias = sql_identifier(statement_.source_alias);
  std::string out = fmt::format("{} {} (SELECT {}.*, true AS {} FROM {}) AS {}", relation(), join,
                                alias, kPresent, statement_.source, alias);
  std::string condition = statement_.condition;
  for (const std::string& name : statement_.using_columns) {
    if (!condition.empty()) condition += " AND ";
    condition += fmt::format("{}.{} = {}.{}", qualifier(), sql_identifier(name), alias,
                             sql_identifier(name));
  }
  return out + " ON " + condition;
}

// The number of the first clause that takes the row, or null.
std::string Builder::clause_number(const std::vector<Branch>& branches) const {
  if (statement_.kind != Statement::Kind::kMerge) return "0";
  const std::string target = qualifier() + ".file_row_number IS NOT NULL";
  const std::string source = sql_identifier(statement_.source_alias) + "." + kPresent;
  std::string out = "CASE";
  for (std::size_t i = 0; i < branches.size(); ++i) {
    const Branch& branch = branches[i];
    std::string when = branch.when == Clause::When::kMatched ? target + " AND " + source
                       : branch.when == Clause::When::kNotMatched
                           ? qualifier() + ".file_row_number IS NULL"
                           : source + " IS NULL";
    if (!branch.condition.empty()) when += fmt::format(" AND ({})", branch.condition);
    const bool nothing = branch.then == Clause::Then::kNothing;
    out += fmt::format(" WHEN {} THEN {}", when, nothing ? "NULL" : std::to_string(i));
  }
  return fmt::format("CAST({} END AS INTEGER)", out);
}

Result<std::string> Builder::new_value(const std::vector<Branch>& branches,
                                       std::size_t index) const {
  const delta::Field& field = target_.schema.fields[index];
  std::string cases;
  for (std::size_t i = 0; i < branches.size(); ++i) {
    const Branch& branch = branches[i];
    const bool update = branch.then == Clause::Then::kUpdate;
    if (!update && branch.then != Clause::Then::kInsert) continue;
    const auto set = branch.values.find(index);
    if (set == branch.values.end() && !update) continue;  // null
    const std::string value = set == branch.values.end() ? column(field) : set->second;
    if (branches.size() == 1 && statement_.kind != Statement::Kind::kMerge) return value;
    cases += fmt::format(" WHEN {} THEN {}", i, value);
  }
  if (cases.empty()) return typed(field, "NULL");
  return fmt::format("CASE {}{} END", clause_, cases);
}

// An update that changes nothing writes nothing.
std::string Builder::same(const std::vector<Branch>& branches) const {
  std::string cases;
  for (std::size_t i = 0; i < branches.size(); ++i) {
    if (branches[i].then != Clause::Then::kUpdate) continue;
    std::string equal;
    for (const auto& [index, value] : branches[i].values) {
      if (!equal.empty()) equal += " AND ";
      equal +=
          fmt::format("{} IS NOT DISTINCT FROM {}", value, column(target_.schema.fields[index]));
    }
    cases += fmt::format(" WHEN {} THEN {}", i, equal.empty() ? "true" : equal);
  }
  if (cases.empty()) return "false";
  return fmt::format("CASE {}{} ELSE false END", clause_, cases);
}

Result<ChangeSelect> Builder::change() {
  for (const delta::Field& field : target_.schema.fields) {
    const std::string name = to_lower(field.name);
    if (name == "file_row_number" || name == "file_number" || name.starts_with("__")) {
      return refused(fmt::format("Rows cannot be changed: the table's column {} hides one that the "
                                 "change needs",
                                 field.name),
                     "rename the column");
    }
  }
  TRY(const auto parts, branches());
  ChangeSelect out;
  for (const Branch& part : parts) {
    out.clauses.push_back(part.then == Clause::Then::kInsert   ? Effect::kInsert
                          : part.then == Clause::Then::kUpdate ? Effect::kUpdate
                          : part.then == Clause::Then::kError  ? Effect::kError
                                                               : Effect::kDelete);
    const std::string condition = to_lower(part.condition);
    if (condition.find("random(") != std::string::npos ||
        condition.find("uuid(") != std::string::npos) {
      return refused("A condition of WHEN may not be another one each time it is looked at",
                     "compute random values in the source of the MERGE");
    }
    // The engine lets nothing refer by name to what a subquery gave; then it is written out.
    if (condition.find("select") != std::string::npos) clause_ = clause_number(parts);
  }
  const bool one_delete =
      parts.size() == 1 && parts[0].then == Clause::Then::kDelete && parts[0].condition.empty();
  out.may_repeat = !statement_.source.empty() && !one_delete;
  const bool values = std::any_of(parts.begin(), parts.end(),
                                  [](const Branch& part) { return !part.values.empty(); });
  out.sql = fmt::format(
      "{}SELECT {} AS {}, {}.file_number AS {}, {}.file_row_number AS {}, {} AS {}",
      statement_.with, clause_number(parts), ChangeSelect::kClause, qualifier(),
      ChangeSelect::kFile, qualifier(), ChangeSelect::kRow, same(parts), ChangeSelect::kSame);
  for (std::size_t i = 0; values && i < target_.schema.fields.size(); ++i) {
    TRY(const std::string value, new_value(parts, i));
    out.sql += fmt::format(", {} AS {}", value, sql_identifier(target_.schema.fields[i].name));
  }
  out.sql += " FROM " + from(parts);
  if (statement_.kind == Statement::Kind::kMerge) {
    out.sql =
        fmt::format("SELECT * FROM ({}) WHERE {} IS NOT NULL", out.sql, ChangeSelect::kClause);
  }
  return out;
}

Result<ChangeSelect> Builder::insert() {
  const auto& fields = target_.schema.fields;
  std::vector<std::string> names = statement_.by_name ? source_columns_ : statement_.columns;
  if (names.empty()) {
    for (const delta::Field& field : fields) names.push_back(field.name);
  }
  if (names.size() != source_columns_.size()) {
    return refused(fmt::format("INSERT names {} columns and its rows have {}", names.size(),
                               source_columns_.size()),
                   "give as many, or name the columns: INSERT INTO table (a, b) SELECT ...");
  }
  std::vector<Statement::Assignment> assignments;
  std::string aliases;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string alias = fmt::format("c{}", i);
    assignments.push_back({names[i], "source." + alias});
    aliases += (aliases.empty() ? "" : ", ") + alias;
  }
  TRY(const Values values, named(assignments));
  ChangeSelect out;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const auto set = values.find(i);
    std::string value;
    if (set != values.end()) {
      value = set->second;
    } else {
      TRY(value, typed(fields[i], "NULL"));
    }
    out.sql +=
        fmt::format("{}{} AS {}", i == 0 ? "SELECT " : ", ", value, sql_identifier(fields[i].name));
  }
  out.sql = fmt::format("{}{} FROM ({}) AS source({})", statement_.with, out.sql, statement_.source,
                        aliases);
  return out;
}

}  // namespace

Result<ChangeSelect> change_select(const Statement& statement, const ChangeTarget& target,
                                   const std::vector<std::string>& source_columns) {
  Builder builder(statement, target, source_columns);
  return statement.kind == Statement::Kind::kInsert ? builder.insert() : builder.change();
}

std::string source_select(const Statement& statement) {
  if (statement.kind == Statement::Kind::kInsert) return statement.with + statement.source;
  const bool all = std::any_of(statement.clauses.begin(), statement.clauses.end(),
                               [](const Clause& clause) { return clause.all_columns; });
  if (!all) return "";
  return fmt::format("{}SELECT {}.* FROM {}", statement.with,
                     sql_identifier(statement.source_alias), statement.source);
}

}  // namespace claimlake::lake
