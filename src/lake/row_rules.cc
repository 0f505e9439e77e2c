#include "lake/row_rules.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "engine/table_expression.h"

namespace claimlake::lake {
namespace {

// A condition that is true if no value within `value` is null that must not be; "" = nothing must.
// `depth` tells apart the names of nested lambdas.
std::string no_nulls_in(const std::string& value, const delta::DataType& type, int depth);

std::string no_nulls_in_list(const std::string& list, const delta::DataType& element,
                             bool may_be_null, int depth) {
  const std::string name = fmt::format("x{}", depth);
  std::string inner = no_nulls_in(name, element, depth + 1);
  if (!may_be_null) {
    inner = name + " IS NOT NULL" + (inner.empty() ? "" : " AND " + inner);
  }
  if (inner.empty()) return "";
  return fmt::format("({} IS NULL OR len(list_filter({}, lambda {}: NOT ({}))) = 0)", list, list,
                     name, inner);
}

std::string no_nulls_in(const std::string& value, const delta::DataType& type, int depth) {
  if (const auto* array = type.as_array()) {
    return no_nulls_in_list(value, array->element, array->contains_null, depth);
  }
  if (const auto* map = type.as_map()) {
    const std::string keys =
        no_nulls_in_list(fmt::format("map_keys({})", value), map->key, true, depth);
    const std::string values = no_nulls_in_list(fmt::format("map_values({})", value), map->value,
                                                map->value_contains_null, depth);
    return keys + (keys.empty() || values.empty() ? "" : " AND ") + values;
  }
  const auto* fields = type.as_struct();
  if (fields == nullptr) return "";
  std::string all;
  for (const delta::Field& field : fields->fields) {
    const std::string inner = fmt::format("struct_extract({}, {})", value, sql_string(field.name));
    std::string condition = no_nulls_in(inner, field.type, depth);
    if (!field.nullable) {
      condition = inner + " IS NOT NULL" + (condition.empty() ? "" : " AND " + condition);
    }
    if (!condition.empty()) all += (all.empty() ? "" : " AND ") + condition;
  }
  return all.empty() ? "" : fmt::format("({} IS NULL OR ({}))", value, all);
}

std::vector<std::string> names_of(const delta::Schema& schema) {
  std::vector<std::string> out;
  for (const delta::Field& field : schema.fields) out.push_back(field.name);
  return out;
}

Result<std::vector<std::size_t>> find_columns(const std::vector<std::string>& names,
                                              const std::string& text,
                                              const delta::Schema& schema) {
  std::vector<std::size_t> out;
  for (const std::string& name : names) {
    const auto found =
        std::find_if(schema.fields.begin(), schema.fields.end(),
                     [&](const delta::Field& field) { return to_lower(field.name) == name; });
    if (found == schema.fields.end()) {
      return Error{
          Fault::kInvalidInput,
          fmt::format("The expression {} names {}, which is no column of the table", text, name),
          "", "DESCRIBE the table"};
    }
    out.push_back(static_cast<std::size_t>(found - schema.fields.begin()));
  }
  return out;
}

Result<ColumnRule> column_rule(const delta::Field& field, const delta::Schema& schema) {
  TRY(const delta::ColumnRules texts, delta::column_rules(field));
  ColumnRule out;
  out.identity = texts.identity;
  if (!texts.default_value.empty()) {
    TRY(auto value, engine::table_expression(texts.default_value, names_of(schema)));
    if (!value.columns.empty()) {
      return Error{Fault::kInvalidInput,
                   fmt::format("The default of column {} names a column: {}", field.name,
                               texts.default_value),
                   "", "use a value, or GENERATED ALWAYS AS"};
    }
    out.default_value = std::move(value.sql);
  }
  if (!texts.generated.empty()) {
    TRY(auto value, engine::table_expression(texts.generated, names_of(schema)));
    TRY(out.generated_from, find_columns(value.columns, texts.generated, schema));
    out.generated = std::move(value.sql);
  }
  return out;
}

}  // namespace

Result<RowCheck> row_check(const delta::Check& check, const delta::Schema& schema) {
  TRY(const auto expression, engine::table_expression(check.expression, names_of(schema)));
  RowCheck out;
  TRY(out.columns, find_columns(expression.columns, check.expression, schema));
  // Null is not true: Spark takes it for broken too.
  out.sql = fmt::format("coalesce({}, false)", expression.sql);
  out.said = fmt::format("the constraint {}: {}", check.name, check.expression);
  return out;
}

Result<RowRules> row_rules(const delta::Metadata& metadata, const delta::Schema& schema) {
  RowRules out;
  for (const delta::Field& field : schema.fields) {
    TRY(out.columns.emplace_back(), column_rule(field, schema));
  }
  for (std::size_t i = 0; i < schema.fields.size(); ++i) {
    for (const std::size_t other : out.columns[i].generated_from) {
      if (!out.columns[other].fills_itself()) continue;
      return Error{Fault::kInvalidInput,
                   fmt::format("Column {} is generated from {}, which is itself generated",
                               schema.fields[i].name, schema.fields[other].name),
                   "", "name the columns that it is computed from in the end"};
    }
    const std::string name = sql_identifier(schema.fields[i].name);
    const std::string no_nulls = no_nulls_in(name, schema.fields[i].type, 0);
    if (no_nulls.empty()) continue;
    out.checks.push_back(
        {no_nulls,
         fmt::format("a field in column {} that must not be null", schema.fields[i].name),
         {i}});
  }
  TRY(const auto checks, delta::table_checks(metadata.configuration, schema));
  for (const delta::Check& check : checks) {
    TRY(out.checks.emplace_back(), row_check(check, schema));
  }
  return out;
}

}  // namespace claimlake::lake
