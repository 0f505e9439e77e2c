#include "engine/partition_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <duckdb/execution/expression_executor.hpp>
#include <duckdb/planner/expression/bound_columnref_expression.hpp>
#include <duckdb/planner/expression/bound_constant_expression.hpp>
#include <duckdb/planner/expression/bound_operator_expression.hpp>
#include <duckdb/planner/expression_iterator.hpp>

namespace claimlake::engine {

using duckdb::BoundColumnRefExpression;
using duckdb::BoundConstantExpression;
using duckdb::Expression;

duckdb::column_t PartitionCheck::column_of(const Expression& reference) const {
  const auto& binding = reference.Cast<BoundColumnRefExpression>().binding;
  if (binding.table_index != info_.table_index) return duckdb::DConstants::INVALID_INDEX;
  const auto column = info_.column_ids.at(binding.column_index);
  if (column == kFileNumberColumn) return column;
  if (column >= table_.columns().size() || !table_.columns()[column].partition) {
    return duckdb::DConstants::INVALID_INDEX;
  }
  return column;
}

Result<duckdb::Value> PartitionCheck::value(std::size_t number, duckdb::column_t column) const {
  if (column != kFileNumberColumn) return table_.partition_value(number, column);
  return duckdb::Value::BIGINT(static_cast<std::int64_t>(number));
}

bool PartitionCheck::add_numbers(const Expression& filter) {
  if (filter.GetExpressionType() != duckdb::ExpressionType::COMPARE_IN) return false;
  const auto& list = filter.Cast<duckdb::BoundOperatorExpression>().children;
  const bool of_number = list[0]->GetExpressionType() == duckdb::ExpressionType::BOUND_COLUMN_REF &&
                         column_of(*list[0]) == kFileNumberColumn;
  if (!of_number) return false;
  std::set<std::int64_t> numbers;
  for (std::size_t i = 1; i < list.size(); ++i) {
    if (list[i]->GetExpressionType() != duckdb::ExpressionType::VALUE_CONSTANT) return false;
    const duckdb::Value& value = list[i]->Cast<BoundConstantExpression>().value;
    if (value.IsNull() || value.type() != duckdb::LogicalType::BIGINT) return false;
    const std::int64_t number = duckdb::BigIntValue::Get(value);
    if (!numbers_ || numbers_->contains(number)) numbers.insert(number);
  }
  numbers_ = std::move(numbers);
  return true;
}

void PartitionCheck::add(const Expression& filter) {
  if (filter.IsVolatile() || filter.HasSubquery()) return;
  if (add_numbers(filter)) return;
  std::vector<duckdb::column_t> columns;
  duckdb::ExpressionIterator::VisitExpression<BoundColumnRefExpression>(
      filter,
      [&](const BoundColumnRefExpression& reference) { columns.push_back(column_of(reference)); });
  const auto unknown = duckdb::DConstants::INVALID_INDEX;
  if (columns.empty() || std::find(columns.begin(), columns.end(), unknown) != columns.end())
    return;
  filters_.push_back(&filter);
  columns_.insert(columns_.end(), columns.begin(), columns.end());
}

std::string PartitionCheck::names() const {
  std::vector<std::string> names;
  if (numbers_) names.emplace_back("files");
  for (const auto column : columns_) {
    const std::string name =
        column == kFileNumberColumn ? std::string("files") : table_.columns()[column].name;
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

bool PartitionCheck::passes(std::size_t number) {
  if (numbers_ && !numbers_->contains(static_cast<std::int64_t>(number))) return false;
  if (filters_.empty()) return true;
  std::string key;
  for (const auto column : columns_) {
    const auto known = value(number, column);
    if (!known) {
      is_exact_ = false;
      return true;  // reading the file will say what is wrong
    }
    key += known->ToSQLString() + ",";
  }
  const auto found = known_partitions_.find(key);
  if (found != known_partitions_.end()) return found->second;
  return known_partitions_.emplace(std::move(key), evaluate(number)).first->second;
}

bool PartitionCheck::evaluate(std::size_t number) {
  return std::all_of(filters_.begin(), filters_.end(), [&](const Expression* filter) {
    auto expression = filter->Copy();
    duckdb::ExpressionIterator::VisitExpressionMutable<BoundColumnRefExpression>(
        expression,
        [&](BoundColumnRefExpression& reference, duckdb::unique_ptr<Expression>& place) {
          place = duckdb::make_uniq<BoundConstantExpression>(*value(number, column_of(reference)));
        });
    duckdb::Value result;
    // What cannot be evaluated here is left for the rows.
    if (!duckdb::ExpressionExecutor::TryEvaluateScalar(context_, *expression, result)) {
      is_exact_ = false;
      return true;
    }
    return !result.IsNull() &&
           duckdb::BooleanValue::Get(result.DefaultCastAs(duckdb::LogicalType::BOOLEAN));
  });
}

}  // namespace claimlake::engine
