#include "engine/prune.h"

#include <algorithm>
#include <duckdb/planner/expression/bound_operator_expression.hpp>
#include <duckdb/planner/filter/conjunction_filter.hpp>
#include <duckdb/planner/filter/constant_filter.hpp>
#include <duckdb/planner/filter/dynamic_filter.hpp>
#include <duckdb/planner/filter/expression_filter.hpp>
#include <duckdb/planner/filter/in_filter.hpp>
#include <duckdb/planner/filter/optional_filter.hpp>
#include <duckdb/planner/filter/struct_filter.hpp>
#include <duckdb/storage/statistics/numeric_stats.hpp>

namespace claimlake::engine {
namespace {

using duckdb::ExpressionType;
using duckdb::TableFilterType;
using duckdb::Value;

// True for "column IS [NOT] NULL", which comes as an expression.
bool is_about_null(const duckdb::Expression& expression) {
  if (expression.GetExpressionType() != ExpressionType::OPERATOR_IS_NULL &&
      expression.GetExpressionType() != ExpressionType::OPERATOR_IS_NOT_NULL) {
    return false;
  }
  const auto& children = expression.Cast<duckdb::BoundOperatorExpression>().children;
  return children.size() == 1 && children[0]->GetExpressionType() == ExpressionType::BOUND_REF;
}

}  // namespace

// Unknown bounds are no bounds. A null constant matches nothing or is not for us to judge.
bool may_compare(ExpressionType comparison, const Value& constant, const duckdb::LogicalType& type,
                 const ColumnBounds& bounds) {
  if (constant.IsNull() || constant.type() != type) return true;
  switch (comparison) {
    case ExpressionType::COMPARE_EQUAL:
      return !(bounds.min && *bounds.min > constant) && !(bounds.max && *bounds.max < constant);
    case ExpressionType::COMPARE_LESSTHAN:
      return !(bounds.min && *bounds.min >= constant);
    case ExpressionType::COMPARE_LESSTHANOREQUALTO:
      return !(bounds.min && *bounds.min > constant);
    case ExpressionType::COMPARE_GREATERTHAN:
      return !(bounds.max && *bounds.max <= constant);
    case ExpressionType::COMPARE_GREATERTHANOREQUALTO:
      return !(bounds.max && *bounds.max < constant);
    default:
      return true;
  }
}

bool all_null(const ColumnBounds& bounds, std::optional<std::int64_t> row_count) {
  return bounds.null_count && row_count && *bounds.null_count == *row_count;
}

bool rejects_null(ExpressionType comparison) {
  switch (comparison) {
    case ExpressionType::COMPARE_EQUAL:
    case ExpressionType::COMPARE_NOTEQUAL:
    case ExpressionType::COMPARE_LESSTHAN:
    case ExpressionType::COMPARE_LESSTHANOREQUALTO:
    case ExpressionType::COMPARE_GREATERTHAN:
    case ExpressionType::COMPARE_GREATERTHANOREQUALTO:
      return true;
    default:
      return false;
  }
}

bool may_match(const duckdb::TableFilter& filter, const TableFiles& table, const ColumnPath& column,
               std::size_t number) {
  switch (filter.filter_type) {
    case TableFilterType::STRUCT_EXTRACT: {
      const auto& field = filter.Cast<duckdb::StructFilter>();
      ColumnPath path = column;
      path.push_back(field.child_idx);
      return !field.child_filter || may_match(*field.child_filter, table, path, number);
    }
    // Each of these may lead to a field.
    case TableFilterType::CONJUNCTION_AND: {
      const auto& children = filter.Cast<duckdb::ConjunctionAndFilter>().child_filters;
      return std::all_of(children.begin(), children.end(), [&](const auto& child) {
        return may_match(*child, table, column, number);
      });
    }
    case TableFilterType::CONJUNCTION_OR: {
      const auto& children = filter.Cast<duckdb::ConjunctionOrFilter>().child_filters;
      return std::any_of(children.begin(), children.end(), [&](const auto& child) {
        return may_match(*child, table, column, number);
      });
    }
    case TableFilterType::OPTIONAL_FILTER: {
      const auto& child = filter.Cast<duckdb::OptionalFilter>().child_filter;
      return !child || may_match(*child, table, column, number);
    }
    default: {
      const auto& bounds = table.bounds(column);
      if (number >= bounds.size()) return true;
      return may_match(filter, table.type_of(column), bounds[number],
                       table.snapshot()->row_count(number));
    }
  }
}

bool may_match(const duckdb::TableFilter& filter, const duckdb::LogicalType& type,
               const ColumnBounds& bounds, std::optional<std::int64_t> row_count) {
  const auto child_may_match = [&](const auto& child) {
    return may_match(*child, type, bounds, row_count);
  };
  switch (filter.filter_type) {
    case TableFilterType::CONSTANT_COMPARISON: {
      const auto& comparison = filter.Cast<duckdb::ConstantFilter>();
      if (all_null(bounds, row_count) && rejects_null(comparison.comparison_type)) return false;
      return may_compare(comparison.comparison_type, comparison.constant, type, bounds);
    }
    case TableFilterType::IN_FILTER: {
      if (all_null(bounds, row_count)) return false;
      const auto& values = filter.Cast<duckdb::InFilter>().values;
      return std::any_of(values.begin(), values.end(), [&](const Value& value) {
        return may_compare(ExpressionType::COMPARE_EQUAL, value, type, bounds);
      });
    }
    case TableFilterType::IS_NULL:
      return bounds.null_count != 0;  // unknown is not 0
    case TableFilterType::IS_NOT_NULL:
      return !all_null(bounds, row_count);
    case TableFilterType::CONJUNCTION_AND: {
      const auto& children = filter.Cast<duckdb::ConjunctionAndFilter>().child_filters;
      return std::all_of(children.begin(), children.end(), child_may_match);
    }
    case TableFilterType::CONJUNCTION_OR: {
      const auto& children = filter.Cast<duckdb::ConjunctionOrFilter>().child_filters;
      return std::any_of(children.begin(), children.end(), child_may_match);
    }
    case TableFilterType::OPTIONAL_FILTER: {
      const auto& child = filter.Cast<duckdb::OptionalFilter>().child_filter;
      return !child || child_may_match(child);
    }
    case TableFilterType::DYNAMIC_FILTER: {
      const auto& data = filter.Cast<duckdb::DynamicFilter>().filter_data;
      if (!data) return true;
      const std::lock_guard lock(data->lock);
      return !data->initialized || !data->filter ||
             may_match(*data->filter, type, bounds, row_count);
    }
    case TableFilterType::EXPRESSION_FILTER: {
      const auto& expression = *filter.Cast<duckdb::ExpressionFilter>().expr;
      if (!is_about_null(expression)) return true;
      if (expression.GetExpressionType() == ExpressionType::OPERATOR_IS_NULL) {
        return bounds.null_count != 0;
      }
      return !all_null(bounds, row_count);
    }
    default:
      return true;
  }
}

duckdb::unique_ptr<duckdb::BaseStatistics> merged_statistics(const TableFiles& table,
                                                             const std::vector<std::size_t>& kept,
                                                             std::size_t column) {
  const auto& type = table.columns()[column].type;
  if (duckdb::BaseStatistics::GetStatsType(type) != duckdb::StatisticsType::NUMERIC_STATS ||
      type.id() == duckdb::LogicalTypeId::FLOAT || type.id() == duckdb::LogicalTypeId::DOUBLE ||
      type.id() == duckdb::LogicalTypeId::BOOLEAN) {
    return nullptr;
  }
  const auto& bounds = table.bounds(column);
  std::optional<Value> min;
  std::optional<Value> max;
  bool may_have_null = false;
  for (const std::size_t file : kept) {
    if (file >= bounds.size()) return nullptr;
    may_have_null |= bounds[file].null_count != 0;
    if (all_null(bounds[file], table.snapshot()->row_count(file))) continue;
    if (!bounds[file].min || !bounds[file].max) return nullptr;
    if (!min || *bounds[file].min < *min) min = bounds[file].min;
    if (!max || *bounds[file].max > *max) max = bounds[file].max;
  }
  if (!min || !max) return nullptr;
  auto statistics = duckdb::BaseStatistics::CreateEmpty(type);
  duckdb::NumericStats::SetMin(statistics, *min);
  duckdb::NumericStats::SetMax(statistics, *max);
  statistics.SetHasNoNull();
  if (may_have_null) statistics.SetHasNull();
  return statistics.ToUnique();
}

}  // namespace claimlake::engine
