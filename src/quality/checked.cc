// Rows are judged while they are computed. Each failed rule is one bit of a BIGINT, so that a row
// without failures costs one comparison: the score and the list of names are only made where the
// number is not zero.
#include "quality/checked.h"

#include <algorithm>
#include <vector>

#include "base/text.h"
#include "pack/literal.h"
#include "pack/sql_text.h"
#include "quality/quarantine.h"
#include "quality/waivers.h"

namespace claimlake::quality {
namespace {

using pack::Rule;

std::string joined(const std::vector<std::string>& parts, const char* between) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : between) + part;
  return text;
}

// What makes a condition of each kind of row rule.
class Conditions {
 public:
  Conditions(const Rule& rule, const pack::Model* model, std::string_view row,
             const CheckOptions& options)
      : rule_(rule), model_(model), row_(row), options_(options) {}

  // Where the demand does not hold, leaving `when` aside. Null counts as holding, but in not_null.
  std::string failed() const {
    if (const auto* body = std::get_if<pack::NotNull>(&rule_.body)) {
      std::vector<std::string> parts;
      for (const std::string& name : body->columns) parts.push_back(column(name) + " IS NULL");
      return joined(parts, " OR ");
    }
    if (const auto* body = std::get_if<pack::Between>(&rule_.body)) {
      std::vector<std::string> parts;
      const std::string value = column(body->column);
      if (body->low) parts.push_back(value + " < " + literal(*body->low, body->column));
      if (body->high) parts.push_back(value + " > " + literal(*body->high, body->column));
      return joined(parts, " OR ");
    }
    if (const auto* body = std::get_if<pack::In>(&rule_.body)) {
      std::vector<std::string> parts;
      for (const std::string& value : body->values) parts.push_back(literal(value, body->column));
      return column(body->column) + " NOT IN (" + joined(parts, ", ") + ")";
    }
    if (const auto* body = std::get_if<pack::Matches>(&rule_.body)) {
      return "NOT regexp_matches(" + column(body->column) + ", " + sql_string(body->pattern) + ")";
    }
    if (const auto* body = std::get_if<pack::ExistsIn>(&rule_.body)) {
      const std::string value = column(body->column);
      // Not a NOT EXISTS: that is a correlated subquery, for which the engine first collects all
      // rows. This one is a hash join that rows stream through. It holds for a null value too where
      // the parent is empty, so that is asked apart.
      const std::string parent = sql_identifier(body->parent_column);
      return value + " IS NOT NULL AND " + value + " NOT IN (SELECT _parent." + parent + " FROM " +
             parent_rows(*body) + " AS _parent WHERE _parent." + parent + " IS NOT NULL)";
    }
    return "NOT " + condition(std::get<pack::RowCondition>(rule_.body).sql);
  }

  // Where the rule is not about the row, leaving `when` aside; empty if it always is.
  std::string applies() const {
    if (std::holds_alternative<pack::NotNull>(rule_.body)) return "";
    if (const auto* body = std::get_if<pack::RowCondition>(&rule_.body)) {
      return condition(body->sql) + " IS NOT NULL";
    }
    return column(pack::rule_columns(rule_).front()) + " IS NOT NULL";
  }

  // A condition of the rules file; the line break ends a comment that it may hold.
  std::string condition(const std::string& sql) const {
    return "(" + pack::sql_as_of(sql, options_.as_of) + "\n)";
  }

 private:
  const std::string& parent_rows(const pack::ExistsIn& rule) const {
    const auto found = options_.parents.find(rule.table + "." + rule.parent_column);
    return found == options_.parents.end() ? rule.table : found->second;
  }
  std::string column(const std::string& name) const {
    return std::string(row_) + "." + sql_identifier(name);
  }
  std::string literal(const std::string& value, const std::string& name) const {
    const pack::ColumnDoc* known = model_->column(name);
    CHECK(known, "load_pack has checked the columns of rules");
    const auto sql = pack::sql_literal(value, known->type);
    CHECK(sql, "load_pack has checked the values of rules");
    return *sql;
  }

  const Rule& rule_;
  const pack::Model* model_;
  std::string_view row_;
  const CheckOptions& options_;
};

// Builds the outer SELECT of a Silver table.
class SilverSelect {
 public:
  SilverSelect(const pack::Model& model, const CheckOptions& options)
      : model_(model), options_(options), rules_(model.rules.of(pack::RuleGroup::kRow)) {}

  std::string build(std::string_view model_sql) const {
    const bool waives = has_waivers();
    std::string sql = "WITH _model AS (\n" + std::string(model_sql) + "\n), ";
    sql += std::string(waives ? "_judged" : "_checked") + " AS (\nSELECT " + columns("_model");
    sql += ",\n  " + mask() + " AS _failed_rules\nFROM _model)";
    if (waives) sql += waived();
    sql += "\nSELECT ";
    sql += columns("_checked");
    sql += ",\n  _checked._failed_rules = 0 AS _is_valid";
    sql += ",\n  " + score() + " AS _quality_score";
    sql += ",\n  FALSE AS _is_duplicate,\n  CAST(NULL AS VARCHAR) AS _duplicate_of";
    sql += ",\n  " + names() + " AS _dq";
    sql += ",\n  " + options_.processed_at + " AS _silver_processed_at";
    return sql + "\nFROM _checked";
  }

 private:
  static std::string bit(std::size_t i) { return std::to_string(std::int64_t{1} << i); }
  std::string failed(std::size_t i) const {
    return "(_checked._failed_rules & " + bit(i) + ") <> 0";
  }

  std::string columns(const std::string& relation) const {
    std::vector<std::string> list;
    for (const pack::ColumnDoc& column : model_.columns) {
      list.push_back(relation + "." + sql_identifier(column.name));
    }
    return joined(list, ", ");
  }

  std::string mask() const {
    std::string sql = "CAST(0 AS BIGINT)";
    for (std::size_t i = 0; i < rules_.size(); ++i) {
      sql += "\n  + CASE WHEN " + failed_condition(*rules_[i], model_, "_model", options_) +
             " THEN " + bit(i) + " ELSE 0 END";
    }
    return sql;
  }

  bool has_waivers() const {
    return !options_.waivers.empty() &&
           std::any_of(rules_.begin(), rules_.end(),
                       [](const auto* rule) { return can_be_waived(rule->action); });
  }

  // Only of a row that would be taken out is it asked which one it is: the others have no partner
  // in the join, whose right side is small.
  std::string waived() const {
    std::int64_t waivable = 0;
    for (std::size_t i = 0; i < rules_.size(); ++i) {
      if (can_be_waived(rules_[i]->action)) waivable |= std::int64_t{1} << i;
    }
    return ", _checked AS (\nSELECT _judged.*, COALESCE(_waivers.waived, 0) AS _waived_rules\nFROM "
           "_judged LEFT JOIN (" +
           waived_bits_select(model_, options_.waivers) +
           ") AS _waivers ON _waivers.quarantine_id = CASE WHEN (_judged._failed_rules & " +
           std::to_string(waivable) + ") <> 0 THEN " + refused_identity(model_, "_judged") +
           " END)";
  }

  std::string score() const {
    std::int64_t rejecting = 0;
    std::int64_t always = 0;  // weight of the rules that apply to every row
    std::string failed_weight = "0";
    std::string applicable;
    for (std::size_t i = 0; i < rules_.size(); ++i) {
      const Rule& rule = *rules_[i];
      const std::string weight = std::to_string(rule.weight);
      if (rejects(rule.action)) rejecting |= std::int64_t{1} << i;
      failed_weight += " + CASE WHEN " + failed(i) + " THEN " + weight + " ELSE 0 END";
      const std::string applies = applies_condition(rule, "_checked", options_.as_of);
      if (applies == "TRUE") {
        always += rule.weight;
      } else {
        applicable += " + CASE WHEN " + applies + " THEN " + weight + " ELSE 0 END";
      }
    }
    if (rules_.empty()) return "CAST(100 AS DOUBLE)";
    applicable = "(" + std::to_string(always) + applicable + ")";
    std::string sql = "CASE WHEN _checked._failed_rules = 0 THEN CAST(100 AS DOUBLE)";
    if (rejecting != 0) {
      const std::string holding = has_waivers()
                                      ? "_checked._failed_rules & (~_checked._waived_rules)"
                                      : "_checked._failed_rules";
      sql += " WHEN ((" + holding + ") & " + std::to_string(rejecting) +
             ") <> 0 THEN CAST(-1 AS DOUBLE)";
    }
    return sql + "\n    ELSE ROUND(CAST(100 * (" + applicable + " - (" + failed_weight +
           ")) AS DOUBLE) / " + applicable + ", 2) END";
  }

  std::string names() const {
    if (rules_.empty()) return "CAST(NULL AS VARCHAR[])";
    std::vector<std::string> list;
    for (std::size_t i = 0; i < rules_.size(); ++i) {
      list.push_back("CASE WHEN " + failed(i) + " THEN " + sql_string(rules_[i]->name) + " END");
    }
    return "CASE WHEN _checked._failed_rules <> 0 THEN list_filter([" + joined(list, ",\n    ") +
           "], lambda name: name IS NOT NULL) END";
  }

  const pack::Model& model_;
  const CheckOptions& options_;
  std::vector<const Rule*> rules_;
};

std::string gold_select(const pack::Model& model, std::string_view model_sql,
                        const CheckOptions& options) {
  std::vector<std::string> list;
  for (const pack::ColumnDoc& column : model.columns) {
    list.push_back("_model." + sql_identifier(column.name));
  }
  list.push_back(options.processed_at + " AS _gold_processed_at");
  list.push_back(sql_string(joined(model.inputs, ", ")) + " AS _source_tables");
  list.push_back(sql_string(model.header.aggregation) + " AS _aggregation_type");
  return "WITH _model AS (\n" + std::string(model_sql) + "\n)\nSELECT " + joined(list, ", ") +
         "\nFROM _model";
}

}  // namespace

bool rejects(pack::Action action) {
  return action == pack::Action::kQuarantine || action == pack::Action::kDrop ||
         action == pack::Action::kFail;
}

bool can_be_waived(pack::Action action) {
  return action == pack::Action::kQuarantine || action == pack::Action::kDrop;
}

std::string failed_condition(const pack::Rule& rule, const pack::Model& model, std::string_view row,
                             const CheckOptions& options) {
  const Conditions conditions(rule, &model, row, options);
  if (rule.when.empty()) return conditions.failed();
  return conditions.condition(rule.when) + " AND (" + conditions.failed() + ")";
}

std::string applies_condition(const pack::Rule& rule, std::string_view row, Date as_of) {
  const CheckOptions options{{}, as_of};
  const Conditions conditions(rule, nullptr, row, options);
  std::string sql = conditions.applies();
  if (!rule.when.empty()) {
    sql = conditions.condition(rule.when) + (sql.empty() ? "" : " AND ") + sql;
  }
  return sql.empty() ? "TRUE" : sql;
}

std::string sql_timestamp(Timestamp time) {
  return "CAST(" + sql_string(to_rfc3339(time)) + " AS TIMESTAMP WITH TIME ZONE)";
}

std::string checked_select(const pack::Model& model, std::string_view model_sql,
                           const CheckOptions& options) {
  if (model.schema == "silver") return SilverSelect(model, options).build(model_sql);
  if (model.schema == "gold") return gold_select(model, model_sql, options);
  return std::string(model_sql);
}

}  // namespace claimlake::quality
