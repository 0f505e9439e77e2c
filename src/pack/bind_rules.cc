// Checks rules against the columns of their model, so that a run meets no surprise.
#include <algorithm>

#include "base/text.h"
#include "pack/bind.h"
#include "pack/lint.h"
#include "pack/literal.h"
#include "pack/sql_text.h"

namespace claimlake::pack {
namespace {

Error rule_error(const Rule& rule, const std::string& message, std::string next = {}) {
  return error_at(rule.file, rule.place, "rule " + rule.name + ": " + message, std::move(next));
}

// What the engine says, without what it adds on further lines.
std::string first_line(const std::string& message) { return message.substr(0, message.find('\n')); }

// One model's rules.
class RuleBinder {
 public:
  RuleBinder(Model& model, const ColumnsOf& columns_of, engine::Session& session)
      : model_(model), columns_of_(columns_of), session_(session), all_columns_(model.columns) {
    for (const ColumnDoc& added : program_columns(model.schema)) all_columns_.push_back(added);
  }

  Done all() {
    for (Rule& rule : model_.rules.rules) {
      TRY_DONE(check_columns(rule));
      TRY_DONE(check_literals(rule));
      if (const auto* body = std::get_if<ExistsIn>(&rule.body)) {
        TRY_DONE(check_parent(rule, *body));
      }
      if (const auto* body = std::get_if<RowCondition>(&rule.body)) {
        TRY_DONE(check_condition_text(rule, body->sql));
      }
      if (!rule.when.empty()) {
        TRY_DONE(check_condition_text(rule, rule.when));
      }
      if (auto* body = std::get_if<Query>(&rule.body)) {
        TRY_DONE(check_query(rule, *body));
      }
    }
    return bind_conditions();
  }

 private:
  Done check_columns(const Rule& rule) const {
    const bool any = std::holds_alternative<Freshness>(rule.body);
    const std::vector<std::string> known = column_names(any ? all_columns_ : model_.columns);
    for (const std::string& name : rule_columns(rule)) {
      if (std::find(known.begin(), known.end(), name) != known.end()) continue;
      return rule_error(rule, model_.name + " has no column " + name + did_you_mean(name, known));
    }
    return done();
  }

  const std::string& type_of(const std::string& column) const {
    for (const ColumnDoc& known : all_columns_) {
      if (known.name == column) return known.type;
    }
    CHECK(false, "check_columns comes first");
  }

  Done check_literals(const Rule& rule) const {
    std::vector<std::string> values;
    std::string column;
    if (const auto* body = std::get_if<Between>(&rule.body)) {
      column = body->column;
      if (body->low) values.push_back(*body->low);
      if (body->high) values.push_back(*body->high);
    }
    if (const auto* body = std::get_if<In>(&rule.body)) {
      column = body->column;
      values = body->values;
    }
    for (const std::string& value : values) {
      const auto literal = sql_literal(value, type_of(column));
      if (!literal) return rule_error(rule, literal.error().message, literal.error().next);
    }
    if (const auto* body = std::get_if<Matches>(&rule.body)) {
      if (type_of(body->column) != "VARCHAR") {
        return rule_error(
            rule, "matches needs a text, and " + body->column + " is " + type_of(body->column));
      }
    }
    if (const auto* body = std::get_if<Freshness>(&rule.body)) {
      const std::string& type = type_of(body->column);
      if (type != "DATE" && !type.starts_with("TIMESTAMP")) {
        return rule_error(rule,
                          "freshness needs a date or a time, and " + body->column + " is " + type);
      }
    }
    return done();
  }

  Done check_parent(const Rule& rule, const ExistsIn& body) const {
    const std::vector<ColumnDoc>* parent = columns_of_(body.table);
    CHECK(parent, "the graph has checked the tables of rules");
    const std::vector<std::string> known = column_names(*parent);
    const auto at = std::find(known.begin(), known.end(), body.parent_column);
    if (at == known.end()) {
      return rule_error(rule, body.table + " has no column " + body.parent_column +
                                  did_you_mean(body.parent_column, known));
    }
    const std::string& type = (*parent)[static_cast<std::size_t>(at - known.begin())].type;
    if (type != type_of(body.column)) {
      return rule_error(rule, body.column + " is " + type_of(body.column) + " but " + body.table +
                                  "." + body.parent_column + " is " + type);
    }
    return done();
  }

  // A condition is one expression: its parentheses close, and it reads no table.
  Done check_condition_text(const Rule& rule, const std::string& sql) const {
    const auto tokens = tokenize(sql);
    if (!tokens) return rule_error(rule, tokens.error().message + ": " + sql);
    int depth = 0;
    for (const Token& token : without_comments(*tokens)) {
      if (token.is("(")) ++depth;
      if (token.is(")")) --depth;
      if (depth < 0 || token.is(";") || token.is("SELECT")) {
        return rule_error(rule, "a condition is one expression over the row, not: " + sql,
                          token.is("SELECT") ? "write exists_in, or a set rule" : "");
      }
    }
    return check_clock(rule, *tokens);
  }

  Done check_clock(const Rule& rule, const std::vector<Token>& tokens) const {
    for (const ClockUse& use : clock_uses(tokens, model_.header.clock_day)) {
      return rule_error(rule, use.word + " in a model without clock: day",
                        "add clock: day to the header of " + model_.file);
    }
    for (const ClockUse& use : chance_uses(tokens)) {
      return rule_error(rule, use.word + " judges a row in another way each time",
                        "compare with a column or a fixed value");
    }
    return done();
  }

  Done check_query(const Rule& rule, Query& body) const {
    constexpr std::string_view kNew = "{new}";
    std::string sql = body.sql;
    std::size_t at = sql.find(kNew);
    if (at == std::string::npos) {
      return rule_error(rule, "the query does not read {new}, the table as it will be committed");
    }
    for (; at != std::string::npos; at = sql.find(kNew, at)) sql.replace(at, kNew.size(), "_new");
    const auto tokens = tokenize(sql);
    if (!tokens) return rule_error(rule, tokens.error().message + ": " + body.sql);
    TRY_DONE(check_clock(rule, *tokens));
    Rewriter rewriter(sql);
    std::map<std::string, std::vector<std::string>> names{{"_new", column_names(all_columns_)}};
    for (const TableReference& reference : table_references(*tokens)) {
      const std::vector<ColumnDoc>* columns = columns_of_(reference.name);
      CHECK(columns, "the graph has checked the tables of rules");
      names[reference.name] = column_names(*columns);
      rewriter.replace(reference.begin, reference.end,
                       replacement(reference, empty_relation(*columns)));
    }
    const auto bound =
        session_.describe("WITH _new AS " + empty_relation(all_columns_) + " SELECT CAST((" +
                          rewriter.finish() + "\n) AS DOUBLE) AS v");
    if (!bound) return rule_error(rule, first_line(bound.error().message));
    TRY(const auto sums, session_.sums_of(sql, names));
    if (sums) body.sums = *sums;
    return done();
  }

  // Binds all conditions at once; only if that fails, one by one to find the culprit.
  Done bind_conditions() const {
    std::vector<Condition> conditions;
    for (const Rule& rule : model_.rules.rules) {
      if (const auto* body = std::get_if<RowCondition>(&rule.body)) {
        conditions.push_back({&rule, body->sql});
      }
      if (!rule.when.empty()) conditions.push_back({&rule, rule.when});
      if (const auto* body = std::get_if<Matches>(&rule.body)) {
        conditions.push_back({&rule, "regexp_matches(" + sql_identifier(body->column) + ", " +
                                         sql_string(body->pattern) + ")"});
      }
    }
    if (conditions.empty() || bind_some(conditions)) return done();
    for (const Condition& condition : conditions) {
      TRY_DONE(bind_some({condition}));
    }
    return done();
  }

  struct Condition {
    const Rule* rule;
    std::string sql;
  };

  Done bind_some(const std::vector<Condition>& conditions) const {
    std::string sql;
    for (const Condition& condition : conditions) {
      sql += (sql.empty() ? "SELECT (" : ", (") + condition.sql + "\n) AS c";
    }
    const auto bound =
        session_.describe(sql + " FROM " + empty_relation(model_.columns) + " AS rows");
    const Condition& first = conditions.front();
    if (!bound) return rule_error(*first.rule, first_line(bound.error().message));
    for (std::size_t i = 0; i < bound->size(); ++i) {
      if ((*bound)[i].type == "BOOLEAN") continue;
      return rule_error(*conditions[i].rule, "this is not a condition but " + (*bound)[i].type +
                                                 ": " + conditions[i].sql);
    }
    return done();
  }

  Model& model_;
  const ColumnsOf& columns_of_;
  engine::Session& session_;
  std::vector<ColumnDoc> all_columns_;
};

}  // namespace

std::vector<std::string> rule_tables(const TableRules& rules) {
  std::vector<std::string> tables;
  const auto add = [&](const std::string& name) {
    if (std::find(tables.begin(), tables.end(), name) == tables.end()) tables.push_back(name);
  };
  for (const Rule& rule : rules.rules) {
    if (const auto* body = std::get_if<ExistsIn>(&rule.body)) add(body->table);
    const auto* query = std::get_if<Query>(&rule.body);
    if (!query) continue;
    const auto tokens = tokenize(query->sql);
    if (!tokens) continue;
    for (const TableReference& reference : table_references(*tokens)) add(reference.name);
  }
  return tables;
}

Done bind_rules(Model& model, const ColumnsOf& columns_of, engine::Session& session) {
  return RuleBinder(model, columns_of, session).all();
}

}  // namespace claimlake::pack
