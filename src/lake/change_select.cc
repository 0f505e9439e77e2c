#include "lake/change_select.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/text.h"
#include "engine/engine.h"
#include "lake/field_values.h"

namespace claimlake::lake {
namespace {

using Statement = engine::ChangeStatement;
using Clause = Statement::Clause;
using Effect = ChangeSelect::Effect;

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

std::string list_of(const std::vector<std::size_t>& numbers) {
  std::string out;
  for (const std::size_t number : numbers)
    out += (out.empty() ? "" : ", ") + std::to_string(number);
  return out;
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
  Result<std::vector<std::size_t>> by_position(std::size_t count) const;
  Result<Values> named(const std::vector<Statement::Assignment>& assignments, bool insert) const;
  Done may_be_given(std::size_t column, bool insert) const;
  Result<std::string> not_given(std::size_t column) const;
  Result<Values> all_from_source(bool insert) const;
  Result<Values> values_of(const Clause& clause) const;
  Result<std::vector<Branch>> branches() const;
  MergeJoin from(const std::vector<Branch>& branches) const;
  std::string clause_number(const std::vector<Branch>& branches) const;
  static bool may_insert(const std::vector<Branch>& branches);
  Result<std::string> new_value(const std::vector<Branch>& branches, std::size_t column) const;
  std::string same(const std::vector<Branch>& branches) const;
  std::vector<std::size_t> computing(const std::vector<Branch>& branches, std::size_t column) const;
  Done compute_generated(const std::vector<Branch>& branches, std::string& sql) const;
  Done find_broken(const std::vector<Branch>& branches, ChangeSelect& out) const;
  Done generate_and_check(const Values& given, std::string& sql) const;
  Done default_in_some(const std::vector<std::string>& names, Values& values,
                       std::string& aliases) const;
  const ColumnRule& rule(std::size_t column) const { return target_.rules.columns[column]; }

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

// The columns that values without names are for: all, or all but those that fill themselves.
Result<std::vector<std::size_t>> Builder::by_position(std::size_t count) const {
  const auto& fields = target_.schema.fields;
  std::vector<std::size_t> all;
  std::vector<std::size_t> given;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    all.push_back(i);
    if (!rule(i).fills_itself()) given.push_back(i);
  }
  if (count == all.size()) return all;
  if (count == given.size()) return given;
  return refused(fmt::format("INSERT gives {} values for {} columns", count, given.size()),
                 "name the columns that the values are for: INSERT INTO table (a, b) ...");
}

Done Builder::may_be_given(std::size_t column, bool insert) const {
  const auto& identity = rule(column).identity;
  if (!identity || (insert && identity->explicit_allowed)) return done();
  return refused(fmt::format("Column {} is an identity column and numbers its rows itself",
                             target_.schema.fields[column].name),
                 insert ? "leave it out of the INSERT" : "leave it out of the UPDATE");
}

// The value of a column in a new row that brings none. One that is generated comes later.
Result<std::string> Builder::not_given(std::size_t column) const {
  const delta::Field& field = target_.schema.fields[column];
  if (rule(column).identity) {
    return typed(field,
                 fmt::format("nextval({})", sql_string("temp.main." + identity_sequence(column))));
  }
  if (!rule(column).generated.empty()) {
    TRY(const std::string type, engine::sql_type(field.type));
    return fmt::format("CAST(NULL AS {})", type);
  }
  const std::string& value = rule(column).default_value;
  return typed(field, value.empty() ? "NULL" : value);
}

Result<Values> Builder::named(const std::vector<Statement::Assignment>& assignments,
                              bool insert) const {
  Values out;
  std::map<std::size_t, std::vector<FieldValue>> fields;  // set within columns
  std::vector<std::size_t> places;
  if (!assignments.empty() && assignments[0].column.empty()) {
    TRY(places, by_position(assignments.size()));
  }
  for (std::size_t i = 0; i < assignments.size(); ++i) {
    const Statement::Assignment& assignment = assignments[i];
    std::size_t index = places.empty() ? 0 : places[i];
    std::vector<std::string> path;
    if (!assignment.column.empty()) {
      path = set_path(assignment.column, target_.schema, statement_);
      TRY(index, find(path.front()));
    }
    if (path.size() > 1) {
      if (!assignment.value) {
        return refused("A field of a struct has no DEFAULT", "give it a value, or NULL");
      }
      fields[index].push_back({{path.begin() + 1, path.end()}, *assignment.value});
      continue;
    }
    if (!assignment.value && rule(index).fills_itself() && (insert || !rule(index).identity)) {
      continue;  // DEFAULT
    }
    TRY_DONE(may_be_given(index, insert));
    const delta::Field& field = target_.schema.fields[index];
    std::string value;
    if (assignment.value) {
      TRY(value, typed(field, *assignment.value));
    } else {
      TRY(value, not_given(index));
    }
    if (!out.emplace(index, std::move(value)).second) {
      return refused(fmt::format("Column {} is set twice", field.name), "set it once");
    }
  }
  for (const auto& [index, values] : fields) {
    const delta::Field& field = target_.schema.fields[index];
    TRY(const std::string value, with_field_values(field, column(field), values));
    TRY(std::string whole, typed(field, value));
    if (!out.emplace(index, std::move(whole)).second) {
      return refused(fmt::format("Column {} is set, and a field in it too", field.name),
                     "set the one or the other");
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
    const bool fills = rule(i).fills_itself() || (insert && !rule(i).default_value.empty());
    // What evolves may lack columns: they stay as they are, and are null in new rows.
    if (found == source_columns_.end() && (fills || statement_.evolve)) continue;
    if (found == source_columns_.end()) {
      return refused(fmt::format("The source has no column {}, which {} * needs", field.name,
                                 insert ? "INSERT" : "UPDATE SET"),
                     "add it to the source, or name the columns");
    }
    TRY_DONE(may_be_given(i, insert));
    TRY(out[i],
        typed(field, sql_identifier(statement_.source_alias) + "." + sql_identifier(*found)));
  }
  return out;
}

Result<Values> Builder::values_of(const Clause& clause) const {
  const bool insert = clause.then == Clause::Then::kInsert;
  if (!insert && clause.then != Clause::Then::kUpdate) return Values{};
  if (clause.all_columns) return all_from_source(insert);
  return named(clause.assignments, insert);
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
  TRY(Values values, named(statement_.assignments, false));
  out.push_back({Clause::When::kMatched, "", update ? Clause::Then::kUpdate : Clause::Then::kDelete,
                 std::move(values)});
  return out;
}

// What is joined how: rows that no clause is for need not come out of the join.
MergeJoin Builder::from(const std::vector<Branch>& branches) const {
  if (statement_.kind != Statement::Kind::kMerge) {
    std::string out = relation();
    if (!statement_.source.empty()) out += ", " + statement_.source;
    if (!statement_.condition.empty()) out += " WHERE " + statement_.condition;
    return {statement_.with, out};
  }
  const auto has = [&](Clause::When when) {
    return std::any_of(branches.begin(), branches.end(),
                       [&](const Branch& branch) { return branch.when == when; });
  };
  return merge_join(statement_, relation(), qualifier(),
                    {.without_source = has(Clause::When::kNotMatchedBySource),
                     .without_target = has(Clause::When::kNotMatched)},
                    target_.key);
}

bool Builder::may_insert(const std::vector<Branch>& branches) {
  return std::any_of(branches.begin(), branches.end(),
                     [](const Branch& branch) { return branch.then == Clause::Then::kInsert; });
}

// The number of the first clause that takes the row, or null.
std::string Builder::clause_number(const std::vector<Branch>& branches) const {
  if (statement_.kind != Statement::Kind::kMerge) return "0";
  const std::string target = qualifier() + ".file_row_number IS NOT NULL";
  const std::string source = sql_identifier(statement_.source_alias) + "." + kMergePresent;
  std::string out = "CASE";
  for (std::size_t i = 0; i < branches.size(); ++i) {
    const Branch& branch = branches[i];
    std::string when = branch.when == Clause::When::kMatched ? target + " AND " + source
                       : branch.when == Clause::When::kNotMatched
                           ? qualifier() + ".file_row_number IS NULL"
                           : source + " IS NULL";
    if (!branch.condition.empty()) when += fmt::format(" AND ({})", branch.condition);
    const bool nothing = branch.then == Clause::Then::kNothing;
    const bool found = branch.when == Clause::When::kMatched && may_insert(branches);
    const std::string none = found ? std::to_string(ChangeSelect::kFound) : "NULL";
    out += fmt::format(" WHEN {} THEN {}", when, nothing ? none : std::to_string(i));
  }
  // Whether another row is inserted depends on this one being there.
  if (may_insert(branches)) {
    out += fmt::format(" WHEN {} AND {} THEN {}", target, source, ChangeSelect::kFound);
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
    std::string value = set == branch.values.end() ? column(field) : set->second;
    if (set == branch.values.end() && !update) {
      TRY(value, not_given(index));
    }
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
  if (may_insert(branches)) cases += fmt::format(" WHEN {} THEN true", ChangeSelect::kFound);
  if (cases.empty()) return "false";
  return fmt::format("CASE {}{} ELSE false END", clause_, cases);
}

// The clauses that leave it to a generated column to compute itself: a new row, or one in which a
// column changes that it is computed from.
std::vector<std::size_t> Builder::computing(const std::vector<Branch>& branches,
                                            std::size_t column) const {
  std::vector<std::size_t> out;
  if (rule(column).generated.empty()) return out;
  for (std::size_t i = 0; i < branches.size(); ++i) {
    const Values& values = branches[i].values;
    const auto& from = rule(column).generated_from;
    const bool changes = std::any_of(from.begin(), from.end(),
                                     [&](std::size_t other) { return values.contains(other); });
    const bool update = branches[i].then == Clause::Then::kUpdate && changes;
    const bool insert = branches[i].then == Clause::Then::kInsert;
    if ((update || insert) && !values.contains(column)) out.push_back(i);
  }
  return out;
}

// A layer around `sql`, in which all columns are those of the new row.
Done Builder::compute_generated(const std::vector<Branch>& branches, std::string& sql) const {
  std::string replaced;
  for (std::size_t i = 0; i < target_.schema.fields.size(); ++i) {
    const auto clauses = computing(branches, i);
    if (clauses.empty()) continue;
    const delta::Field& field = target_.schema.fields[i];
    const std::string name = sql_identifier(field.name);
    TRY(const std::string value, typed(field, rule(i).generated));
    replaced += fmt::format("{}CASE WHEN {} IN ({}) THEN {} ELSE {} END AS {}",
                            replaced.empty() ? "" : ", ", ChangeSelect::kClause, list_of(clauses),
                            value, name, name);
  }
  if (!replaced.empty()) sql = fmt::format("SELECT * REPLACE ({}) FROM ({})", replaced, sql);
  return done();
}

// A layer around `out` that tells which rows break a rule. It is a column and not an error: whether
// the engine computes it for rows that are not changed in the end does not matter then.
Done Builder::find_broken(const std::vector<Branch>& branches, ChangeSelect& out) const {
  std::vector<std::size_t> writing;
  for (std::size_t i = 0; i < branches.size(); ++i) {
    const auto then = branches[i].then;
    if (then == Clause::Then::kUpdate || then == Clause::Then::kInsert) writing.push_back(i);
  }
  std::string cases;
  const auto add = [&](const std::string& condition, std::string said) {
    cases += fmt::format(" WHEN NOT ({}) THEN {}", condition, out.broken.size());
    out.broken.push_back(std::move(said));
  };
  for (const RowCheck& check : target_.rules.checks) add(check.sql, check.said);
  for (std::size_t i = 0; i < target_.schema.fields.size(); ++i) {
    std::vector<std::size_t> given;
    for (std::size_t b = 0; b < branches.size(); ++b) {
      if (!rule(i).generated.empty() && branches[b].values.contains(i)) given.push_back(b);
    }
    if (given.empty()) continue;
    const delta::Field& field = target_.schema.fields[i];
    TRY(const std::string type, engine::sql_type(field.type));
    add(fmt::format("{} NOT IN ({}) OR {} IS NOT DISTINCT FROM CAST({} AS {})",
                    ChangeSelect::kClause, list_of(given), sql_identifier(field.name),
                    rule(i).generated, type),
        fmt::format("the rule that column {} is generated as {}", field.name, rule(i).generated));
  }
  if (cases.empty()) return done();
  out.sql =
      fmt::format("SELECT *, CASE WHEN {} IN ({}) AND NOT {} THEN CASE{} END END AS {} FROM ({})",
                  ChangeSelect::kClause, list_of(writing), ChangeSelect::kSame, cases,
                  ChangeSelect::kBroken, out.sql);
  return done();
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
  out.may_insert = may_insert(parts);
  const bool values = std::any_of(parts.begin(), parts.end(),
                                  [](const Branch& part) { return !part.values.empty(); });
  const MergeJoin join = from(parts);
  out.sql = fmt::format(
      "{}SELECT {} AS {}, {}.file_number AS {}, {}.file_row_number AS {}, {} AS {}", join.with,
      clause_number(parts), ChangeSelect::kClause, qualifier(), ChangeSelect::kFile, qualifier(),
      ChangeSelect::kRow, same(parts), ChangeSelect::kSame);
  for (std::size_t i = 0; values && i < target_.schema.fields.size(); ++i) {
    TRY(const std::string value, new_value(parts, i));
    out.sql += fmt::format(", {} AS {}", value, sql_identifier(target_.schema.fields[i].name));
  }
  out.sql += " FROM " + join.from;
  if (statement_.kind == Statement::Kind::kMerge) {
    out.sql =
        fmt::format("SELECT * FROM ({}) WHERE {} IS NOT NULL", out.sql, ChangeSelect::kClause);
  }
  if (values) {
    TRY_DONE(compute_generated(parts, out.sql));
    TRY_DONE(find_broken(parts, out));
  }
  return out;
}

// Layers around the rows of an INSERT. A broken rule is an error in the place of the first column:
// it is computed for exactly the rows that are written.
Done Builder::generate_and_check(const Values& given, std::string& sql) const {
  const auto& fields = target_.schema.fields;
  std::string generated;
  std::string cases;
  const auto check = [&](const std::string& condition, const std::string& said) {
    cases += fmt::format(" WHEN NOT ({}) THEN CAST(error({}) AS BOOLEAN)", condition,
                         sql_string("A row breaks " + said));
  };
  for (const RowCheck& each : target_.rules.checks) check(each.sql, each.said);
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (rule(i).generated.empty()) continue;
    const std::string name = sql_identifier(fields[i].name);
    TRY(const std::string value, typed(fields[i], rule(i).generated));
    if (given.contains(i)) {
      check(fmt::format("{} IS NOT DISTINCT FROM {}", name, value),
            fmt::format("the rule that column {} is generated as {}", fields[i].name,
                        rule(i).generated));
    } else {
      generated += fmt::format("{}{} AS {}", generated.empty() ? "" : ", ", value, name);
    }
  }
  if (!generated.empty()) sql = fmt::format("SELECT * REPLACE ({}) FROM ({})", generated, sql);
  if (cases.empty()) return done();
  const std::string first = sql_identifier(fields[0].name);
  sql = fmt::format("SELECT * REPLACE (CASE WHEN (CASE{} END) IS NULL THEN {} END AS {}) FROM ({})",
                    cases, first, first, sql);
  return done();
}

// Columns of VALUES that are DEFAULT in some rows: a column of the rows, named here, tells which.
Done Builder::default_in_some(const std::vector<std::string>& names, Values& values,
                              std::string& aliases) const {
  std::size_t number = 0;
  for (const Statement::Default& each : statement_.defaults) {
    if (each.all_rows) continue;
    const std::string mark = fmt::format("d{}", number++);
    aliases += ", " + mark;
    TRY(const std::size_t index, find(names[each.place]));
    if (rule(index).fills_itself()) {
      return refused(fmt::format("Column {} is DEFAULT in some rows and has a value in others",
                                 target_.schema.fields[index].name),
                     "write two INSERTs: this column computes or numbers itself");
    }
    TRY(const std::string value, not_given(index));
    values[index] =
        fmt::format("CASE WHEN source.{} THEN {} ELSE {} END", mark, value, values[index]);
  }
  return done();
}

Result<ChangeSelect> Builder::insert() {
  const auto& fields = target_.schema.fields;
  const auto is_part = [](const Statement::Default& each) { return !each.all_rows; };
  const std::size_t width = source_columns_.size() -
                            static_cast<std::size_t>(std::count_if(
                                statement_.defaults.begin(), statement_.defaults.end(), is_part));
  std::vector<std::string> names = statement_.by_name ? source_columns_ : statement_.columns;
  if (names.empty()) {
    TRY(const auto places, by_position(width + statement_.partition.size()));
    for (const std::size_t place : places) {
      const auto named_there = [&](const Statement::Assignment& each) {
        return to_lower(each.column) == to_lower(fields[place].name);
      };
      const auto& partition = statement_.partition;
      if (std::none_of(partition.begin(), partition.end(), named_there)) {
        names.push_back(fields[place].name);
      }
    }
  }
  if (names.size() != width) {
    return refused(fmt::format("INSERT names {} columns and its rows have {}", names.size(), width),
                   "give as many, or name the columns: INSERT INTO table (a, b) SELECT ...");
  }
  std::vector<Statement::Assignment> assignments;
  std::string aliases;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string alias = fmt::format("c{}", i);
    assignments.push_back({names[i], "source." + alias});
    aliases += (aliases.empty() ? "" : ", ") + alias;
  }
  assignments.insert(assignments.end(), statement_.partition.begin(), statement_.partition.end());
  for (const Statement::Default& each : statement_.defaults) {
    if (each.all_rows) assignments[each.place].value.reset();
  }
  TRY(Values values, named(assignments, true));
  TRY_DONE(default_in_some(names, values, aliases));
  ChangeSelect out;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const auto set = values.find(i);
    std::string value;
    if (set != values.end()) {
      value = set->second;
    } else {
      TRY(value, not_given(i));
    }
    out.sql +=
        fmt::format("{}{} AS {}", i == 0 ? "SELECT " : ", ", value, sql_identifier(fields[i].name));
  }
  out.sql = fmt::format("{}{} FROM ({}) AS source({})", statement_.with, out.sql, statement_.source,
                        aliases);
  TRY_DONE(generate_and_check(values, out.sql));
  return out;
}

}  // namespace

std::string identity_sequence(std::size_t column) {
  return fmt::format("claimlake_identity_{}", column);
}

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
