#include "engine/column_origins.h"

#include <algorithm>
#include <duckdb/function/scalar/struct_utils.hpp>
#include <duckdb/planner/expression/list.hpp>
#include <duckdb/planner/expression_iterator.hpp>

namespace claimlake::engine {
namespace {

using duckdb::Expression;
using duckdb::ExpressionClass;

class Reader {
 public:
  Reader(const OriginsOfColumns& columns, const Origins& counted)
      : columns_(columns), counted_(counted) {}

  Origins read(const Expression& expression) const {
    switch (expression.GetExpressionClass()) {
      case ExpressionClass::BOUND_COLUMN_REF:
        return column(expression.Cast<duckdb::BoundColumnRefExpression>());
      case ExpressionClass::BOUND_CASE:
        return choice(expression.Cast<duckdb::BoundCaseExpression>());
      case ExpressionClass::BOUND_AGGREGATE:
        return aggregate(expression.Cast<duckdb::BoundAggregateExpression>());
      case ExpressionClass::BOUND_WINDOW:
        return window(expression.Cast<duckdb::BoundWindowExpression>());
      case ExpressionClass::BOUND_FUNCTION:
        return function(expression.Cast<duckdb::BoundFunctionExpression>());
      default:
        return computed(expression);
    }
  }

 private:
  Origins column(const duckdb::BoundColumnRefExpression& reference) const {
    const auto found =
        columns_.find({reference.binding.table_index, reference.binding.column_index});
    return found == columns_.end() ? Origins() : found->second;
  }

  Origins computed(const Expression& expression) const {
    Origins out;
    duckdb::ExpressionIterator::EnumerateChildren(expression, [&](const Expression& child) {
      add(out, used(read(child), LineageWay::kTransformation));
    });
    return out;
  }

  Origins choice(const duckdb::BoundCaseExpression& expression) const {
    const bool fills = fills_null(expression);
    Origins out;
    for (const auto& check : expression.case_checks) {
      if (!fills) add(out, used(read(*check.when_expr), LineageWay::kConditional));
      add(out, used(read(*check.then_expr), LineageWay::kTransformation));
    }
    add(out, used(read(*expression.else_expr), LineageWay::kTransformation));
    return out;
  }
  // CASE WHEN x IS NULL THEN y ELSE x END says what COALESCE(x, y) does. The engine writes it
  // around the count of a correlated subquery.
  static bool fills_null(const duckdb::BoundCaseExpression& expression) {
    if (expression.case_checks.size() != 1) return false;
    const Expression& when = *expression.case_checks[0].when_expr;
    if (when.GetExpressionType() != duckdb::ExpressionType::OPERATOR_IS_NULL) return false;
    return when.Cast<duckdb::BoundOperatorExpression>().children[0]->Equals(*expression.else_expr);
  }

  Origins aggregate(const duckdb::BoundAggregateExpression& expression) const {
    Origins out;
    for (const auto& child : expression.children) {
      add(out, used(read(*child), LineageWay::kAggregation));
    }
    count_rows(out);
    if (expression.filter) add(out, used(read(*expression.filter), LineageWay::kFilter));
    if (expression.order_bys) sorted(expression.order_bys->orders, LineageWay::kSort, out);
    return out;
  }

  Origins window(const duckdb::BoundWindowExpression& expression) const {
    const auto way = expression.aggregate ? LineageWay::kAggregation : LineageWay::kTransformation;
    Origins out;
    for (const auto& child : expression.children) add(out, used(read(*child), way));
    if (expression.default_expr) add(out, used(read(*expression.default_expr), way));
    const bool parted = !expression.partitions.empty() || !expression.orders.empty();
    if (expression.aggregate || !parted) count_rows(out);
    for (const auto& partition : expression.partitions) {
      add(out, used(read(*partition), LineageWay::kWindow));
    }
    for (const auto* edge :
         {&expression.start_expr, &expression.end_expr, &expression.offset_expr}) {
      if (*edge) add(out, used(read(**edge), LineageWay::kWindow));
    }
    sorted(expression.orders, LineageWay::kWindow, out);
    sorted(expression.arg_orders, LineageWay::kSort, out);
    if (expression.filter_expr) add(out, used(read(*expression.filter_expr), LineageWay::kFilter));
    return out;
  }

  void sorted(const duckdb::vector<duckdb::BoundOrderByNode>& orders, LineageWay way,
              Origins& out) const {
    for (const auto& order : orders) add(out, used(read(*order.expression), way));
  }

  // What has no values of columns to be computed from hangs on how many rows there are.
  void count_rows(Origins& out) const {
    const bool any = std::any_of(out.begin(), out.end(), [](const Origin& origin) {
      return gives_values(origin.source.way);
    });
    if (!any) add(out, used(counted_, LineageWay::kAggregation));
  }

  Origins function(const duckdb::BoundFunctionExpression& expression) const {
    const std::string& name = expression.function.name;
    const bool extracts = (name == "struct_extract" || name == "struct_extract_at") &&
                          expression.bind_info && !expression.children.empty();
    if (!extracts) return computed(expression);
    const Expression& whole = *expression.children[0];
    const auto& type = whole.return_type;
    const auto index = expression.bind_info->Cast<duckdb::StructExtractBindData>().index;
    if (type.id() != duckdb::LogicalTypeId::STRUCT || duckdb::StructType::IsUnnamed(type)) {
      return computed(expression);
    }
    const Origins origins = read(whole);
    const bool handed_on = std::all_of(origins.begin(), origins.end(), [](const Origin& origin) {
      return origin.source.way == LineageWay::kIdentity || !gives_values(origin.source.way);
    });
    if (!handed_on) return used(origins, LineageWay::kTransformation);
    Origins out;
    for (Origin origin : origins) {
      std::string& field = origin.source.field;
      if (gives_values(origin.source.way)) {
        field += (field.empty() ? "" : ".") + duckdb::StructType::GetChildName(type, index);
      }
      out.insert(std::move(origin));
    }
    return out;
  }

  const OriginsOfColumns& columns_;
  const Origins& counted_;
};

}  // namespace

const char* lineage_way_name(LineageWay way) {
  switch (way) {
    case LineageWay::kIdentity:
      return "identity";
    case LineageWay::kTransformation:
      return "transformation";
    case LineageWay::kAggregation:
      return "aggregation";
    case LineageWay::kJoin:
      return "join";
    case LineageWay::kGroupBy:
      return "group_by";
    case LineageWay::kFilter:
      return "filter";
    case LineageWay::kSort:
      return "sort";
    case LineageWay::kWindow:
      return "window";
    case LineageWay::kConditional:
      return "conditional";
  }
  return "";
}

Origins used(const Origins& origins, LineageWay way) {
  Origins out;
  for (Origin origin : origins) {
    LineageWay& now = origin.source.way;
    if (gives_values(now) && gives_values(way)) {
      now = std::max(now, way);
    } else if (gives_values(now)) {
      // A constant tells no groups apart.
      const bool groups = way == LineageWay::kGroupBy || way == LineageWay::kWindow;
      if (groups && origin.outer != 0) continue;
      now = way;
    }
    out.insert(std::move(origin));
  }
  return out;
}

void add(Origins& to, const Origins& more) { to.insert(more.begin(), more.end()); }

Origins origins_of(const Expression& expression, const OriginsOfColumns& columns,
                   const Origins& counted) {
  return Reader(columns, counted).read(expression);
}

}  // namespace claimlake::engine
