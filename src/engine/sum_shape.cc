// A number is a sum over rows where it adds and subtracts COUNTs, and SUMs that are 0 over no rows,
// each over tables that are joined and filtered and nothing else: then rows that come and go change
// it by what they alone would count for. SUM without COALESCE is left out: over no rows it is null,
// and null swallows what stands beside it.
#include "engine/sum_shape.h"

#include <duckdb/parser/expression/list.hpp>
#include <duckdb/parser/parsed_expression_iterator.hpp>
#include <duckdb/parser/query_node/select_node.hpp>
#include <duckdb/parser/tableref/list.hpp>

#include "base/text.h"

namespace claimlake::engine {
namespace {

using duckdb::ExpressionClass;
using duckdb::ParsedExpression;

using Tables = std::set<std::string>;

// What names mean in one SELECT: tables by alias.
using Scope = std::map<std::string, std::string>;

Tables tables_of(const Scope& scope) {
  Tables out;
  for (const auto& [alias, table] : scope) out.insert(table);
  return out;
}

class SumShape {
 public:
  explicit SumShape(const TableColumns& columns) : columns_(columns) {}

  bool statement(duckdb::SelectStatement& select) {
    if (select.node->type != duckdb::QueryNodeType::SELECT_NODE) return false;
    auto& node = select.node->Cast<duckdb::SelectNode>();
    if (!node.modifiers.empty() || !node.cte_map.map.empty() ||
        !node.groups.grouping_sets.empty() || node.having || node.qualify || node.sample ||
        node.select_list.size() != 1) {
      return false;
    }
    Scope scope;
    if (!node.from_table || !relation(*node.from_table, scope)) return false;
    if (node.where_clause && !plain(*node.where_clause, scope)) return false;
    // One of its own, or whether there is a row around would count.
    const std::size_t before = own_;
    std::vector<SumOver::Joined> joined;
    join_conditions(*node.from_table, scope, joined);
    if (node.where_clause) equalities(*node.where_clause, scope, joined);
    // Those of a SELECT within are put by it.
    std::swap(joined_, joined);
    const bool sums = sum(*node.select_list[0], scope) && own_ > before;
    std::swap(joined_, joined);
    return sums;
  }

  std::vector<SumOver> take() { return std::move(sums_); }

 private:
  // An expression over rows of the tables in `scope`: no query and no aggregate of its own, and no
  // column of a query around it.
  bool plain(const ParsedExpression& expression, const Scope& scope) const {
    const auto kind = expression.GetExpressionClass();
    if (kind == ExpressionClass::SUBQUERY || kind == ExpressionClass::WINDOW ||
        kind == ExpressionClass::STAR || kind == ExpressionClass::LAMBDA) {
      return false;
    }
    if (kind == ExpressionClass::COLUMN_REF) {
      return is_in(expression.Cast<duckdb::ColumnRefExpression>(), scope);
    }
    bool all = true;
    duckdb::ParsedExpressionIterator::EnumerateChildren(
        expression, [&](const ParsedExpression& child) { all = all && plain(child, scope); });
    return all;
  }

  bool is_in(const duckdb::ColumnRefExpression& column, const Scope& scope) const {
    const auto& names = column.column_names;
    if (names.size() > 2) return false;
    for (const auto& [alias, table] : scope) {
      if (names.size() == 2 && to_lower(names[0]) != alias) continue;
      const auto known = columns_.find(table);
      if (known == columns_.end()) continue;
      for (const std::string& name : known->second) {
        if (to_lower(name) == to_lower(names.back())) return true;
      }
    }
    return false;
  }

  bool relation(const duckdb::TableRef& from, Scope& scope) const {
    if (from.sample) return false;
    if (from.type == duckdb::TableReferenceType::BASE_TABLE) {
      const auto& table = from.Cast<duckdb::BaseTableRef>();
      const std::string name =
          (table.schema_name.empty() ? "" : table.schema_name + ".") + table.table_name;
      const std::string& alias = table.alias.empty() ? table.table_name : table.alias;
      const bool again = tables_of(scope).contains(to_lower(name));  // then it is no sum over rows
      return !table.at_clause && !again && scope.emplace(to_lower(alias), to_lower(name)).second;
    }
    if (from.type != duckdb::TableReferenceType::JOIN) return false;
    const auto& join = from.Cast<duckdb::JoinRef>();
    const bool matches = join.type == duckdb::JoinType::INNER && join.using_columns.empty() &&
                         (join.ref_type == duckdb::JoinRefType::REGULAR ||
                          join.ref_type == duckdb::JoinRefType::CROSS);
    return matches && relation(*join.left, scope) && relation(*join.right, scope) &&
           (!join.condition || plain(*join.condition, scope));
  }

  void join_conditions(const duckdb::TableRef& from, const Scope& scope,
                       std::vector<SumOver::Joined>& out) const {
    if (from.type != duckdb::TableReferenceType::JOIN) return;
    const auto& join = from.Cast<duckdb::JoinRef>();
    join_conditions(*join.left, scope, out);
    join_conditions(*join.right, scope, out);
    if (join.condition) equalities(*join.condition, scope, out);
  }

  // The equalities of columns of two tables that hold wherever `condition` does.
  void equalities(const ParsedExpression& condition, const Scope& scope,
                  std::vector<SumOver::Joined>& out) const {
    if (condition.GetExpressionType() == duckdb::ExpressionType::CONJUNCTION_AND) {
      duckdb::ParsedExpressionIterator::EnumerateChildren(
          condition, [&](const ParsedExpression& child) { equalities(child, scope, out); });
      return;
    }
    if (condition.GetExpressionType() != duckdb::ExpressionType::COMPARE_EQUAL) return;
    const auto& equal = condition.Cast<duckdb::ComparisonExpression>();
    const auto left = column_of(*equal.left, scope);
    const auto right = column_of(*equal.right, scope);
    if (!left || !right || left->first == right->first) return;
    out.push_back({left->first, left->second, right->first, right->second});
    out.push_back({right->first, right->second, left->first, left->second});
  }

  // The table and its column, as `columns_` spells it; nothing if it is no column, or one that more
  // than one table has.
  std::optional<std::pair<std::string, std::string>> column_of(const ParsedExpression& expression,
                                                               const Scope& scope) const {
    if (expression.GetExpressionClass() != ExpressionClass::COLUMN_REF) return std::nullopt;
    const auto& names = expression.Cast<duckdb::ColumnRefExpression>().column_names;
    std::optional<std::pair<std::string, std::string>> found;
    for (const auto& [alias, table] : scope) {
      if (names.size() > 2 || (names.size() == 2 && to_lower(names[0]) != alias)) continue;
      const auto known = columns_.find(table);
      if (known == columns_.end()) continue;
      for (const std::string& name : known->second) {
        if (to_lower(name) != to_lower(names.back())) continue;
        if (found) return std::nullopt;
        found = {table, name};
      }
    }
    return found;
  }

  bool sum(ParsedExpression& expression, const Scope& scope) {
    switch (expression.GetExpressionClass()) {
      case ExpressionClass::FUNCTION:
        return function(expression.Cast<duckdb::FunctionExpression>(), scope);
      case ExpressionClass::OPERATOR:
        return sum_or_zero(expression.Cast<duckdb::OperatorExpression>(), scope);
      case ExpressionClass::SUBQUERY: {
        auto& query = expression.Cast<duckdb::SubqueryExpression>();
        if (query.subquery_type != duckdb::SubqueryType::SCALAR) return false;
        const std::size_t own = own_;
        const bool sums = statement(*query.subquery);
        own_ = own;
        return sums;
      }
      default:
        return false;
    }
  }

  bool function(duckdb::FunctionExpression& call, const Scope& scope) {
    const std::string name = to_lower(call.function_name);
    if (call.is_operator && (name == "+" || name == "-") && call.children.size() == 2) {
      return sum(*call.children[0], scope) && sum(*call.children[1], scope);
    }
    const bool counts = name == "count" || name == "count_star";
    return counts && aggregate(call, scope);
  }

  bool aggregate(const duckdb::FunctionExpression& call, const Scope& scope) {
    if (call.distinct || call.filter || (call.order_bys && !call.order_bys->orders.empty())) {
      return false;
    }
    for (const auto& child : call.children) {
      const bool star = child->GetExpressionClass() == ExpressionClass::STAR;
      if (!star && !plain(*child, scope)) return false;
    }
    ++own_;
    sums_.push_back({tables_of(scope), joined_});
    return true;
  }

  // COALESCE(SUM(x), 0)
  bool sum_or_zero(const duckdb::OperatorExpression& coalesce, const Scope& scope) {
    if (coalesce.GetExpressionType() != duckdb::ExpressionType::OPERATOR_COALESCE ||
        coalesce.children.size() != 2 ||
        coalesce.children[0]->GetExpressionClass() != ExpressionClass::FUNCTION ||
        coalesce.children[1]->ToString() != "0") {
      return false;
    }
    const auto& call = coalesce.children[0]->Cast<duckdb::FunctionExpression>();
    return to_lower(call.function_name) == "sum" && aggregate(call, scope);
  }

  const TableColumns& columns_;
  std::vector<SumOver> sums_;
  std::vector<SumOver::Joined> joined_;  // in the SELECT that is looked at
  std::size_t own_ = 0;                  // of the SELECT that is looked at
};

}  // namespace

std::optional<std::vector<SumOver>> sums_of(duckdb::SelectStatement& select,
                                            const TableColumns& columns) {
  SumShape shape(columns);
  if (!shape.statement(select)) return std::nullopt;
  return shape.take();
}

}  // namespace claimlake::engine
