#include "engine/group_sums.h"

#include <algorithm>
#include <array>
#include <duckdb/parser/expression/list.hpp>
#include <duckdb/parser/parsed_expression_iterator.hpp>
#include <duckdb/parser/parser.hpp>
#include <duckdb/parser/query_node/select_node.hpp>
#include <duckdb/parser/statement/select_statement.hpp>
#include <duckdb/parser/tableref/basetableref.hpp>
#include <set>

#include "base/text.h"

namespace claimlake::engine {
namespace {

using duckdb::ExpressionClass;
using duckdb::ParsedExpression;
using Kind = GroupSums::Kind;

// Functions of single values. The parser does not tell others from aggregates. INTERVAL is written
// with to_months and trunc.
constexpr std::array<std::string_view, 17> kOfOneRow = {
    "substr", "substring", "lower",   "upper",    "trim",      "||",        "+",    "-",    "*",
    "year",   "month",     "to_days", "to_years", "to_months", "concat_ws", "lpad", "trunc"};

// An expression without queries, windows and stars.
bool plain(const ParsedExpression& expression) {
  const auto kind = expression.GetExpressionClass();
  if (kind == ExpressionClass::SUBQUERY || kind == ExpressionClass::WINDOW ||
      kind == ExpressionClass::STAR || kind == ExpressionClass::LAMBDA) {
    return false;
  }
  bool all = true;
  duckdb::ParsedExpressionIterator::EnumerateChildren(
      expression, [&](const ParsedExpression& child) { all = all && plain(child); });
  return all;
}

// The column that it is, or "".
std::string column_of(const ParsedExpression& expression) {
  if (expression.GetExpressionClass() != ExpressionClass::COLUMN_REF) return "";
  return to_lower(expression.Cast<duckdb::ColumnRefExpression>().GetColumnName());
}

class Shape {
 public:
  std::optional<GroupSums> read(const duckdb::SelectNode& node) {
    const bool more = !node.modifiers.empty() || !node.cte_map.map.empty() || node.having ||
                      node.qualify || node.sample || node.groups.grouping_sets.size() != 1 ||
                      node.groups.group_expressions.empty();
    if (more || !node.from_table ||
        node.from_table->type != duckdb::TableReferenceType::BASE_TABLE ||
        node.from_table->sample || !node.from_table->column_name_alias.empty() ||
        node.from_table->Cast<duckdb::BaseTableRef>().at_clause ||
        (node.where_clause && !plain(*node.where_clause))) {
      return std::nullopt;
    }
    for (const auto& group : node.groups.group_expressions) {
      if (column_of(*group).empty()) return std::nullopt;
      groups_.insert(column_of(*group));
      add_columns(*group, out_.columns);
    }
    for (const auto& expression : node.select_list) {
      auto item = read_item(*expression);
      if (!item) return std::nullopt;
      out_.items.push_back(*std::move(item));
    }
    out_.groups = groups_.size();
    for (const auto& expression : node.select_list) add_columns(*expression, out_.columns);
    if (node.where_clause) add_columns(*node.where_clause, out_.chosen_by);
    out_.columns.insert(out_.chosen_by.begin(), out_.chosen_by.end());
    return std::move(out_);
  }

 private:
  using Item = GroupSums::Item;

  static void add_columns(const ParsedExpression& expression, std::set<std::string>& columns) {
    const std::string column = column_of(expression);
    if (!column.empty()) columns.insert(column);
    duckdb::ParsedExpressionIterator::EnumerateChildren(
        expression, [&](const ParsedExpression& child) { add_columns(child, columns); });
  }

  std::optional<Item> read_item(const ParsedExpression& expression) const {
    const std::string column = column_of(expression);
    if (groups_.contains(column)) return Item{Kind::kGroup, column};
    if (of_group(expression)) return Item{Kind::kOfGroup};
    if (auto count = counted(expression)) return count;
    return sum_or_zero(expression);
  }

  bool of_group(const ParsedExpression& expression) const {
    const auto kind = expression.GetExpressionClass();
    if (kind == ExpressionClass::COLUMN_REF) return groups_.contains(column_of(expression));
    if (kind == ExpressionClass::FUNCTION) {
      const std::string name =
          to_lower(expression.Cast<duckdb::FunctionExpression>().function_name);
      if (std::find(kOfOneRow.begin(), kOfOneRow.end(), name) == kOfOneRow.end()) return false;
    } else if (kind != ExpressionClass::CAST && kind != ExpressionClass::CONSTANT) {
      return false;
    }
    bool all = true;
    duckdb::ParsedExpressionIterator::EnumerateChildren(
        expression, [&](const ParsedExpression& child) { all = all && of_group(child); });
    return all;
  }

  static const duckdb::FunctionExpression* call_of(const ParsedExpression& expression,
                                                   std::initializer_list<std::string_view> names) {
    if (expression.GetExpressionClass() != ExpressionClass::FUNCTION) return nullptr;
    const auto& call = expression.Cast<duckdb::FunctionExpression>();
    const std::string name = to_lower(call.function_name);
    const bool named = std::find(names.begin(), names.end(), name) != names.end();
    const bool ordered = call.order_bys && !call.order_bys->orders.empty();
    return named && !call.filter && !ordered && call.children.size() < 2 ? &call : nullptr;
  }

  static std::optional<Item> counted(const ParsedExpression& expression) {
    const auto* call = call_of(expression, {"count", "count_star"});
    if (call == nullptr) return std::nullopt;
    const bool star =
        call->children.empty() || call->children[0]->GetExpressionClass() == ExpressionClass::STAR;
    if (star) {
      if (call->distinct) return std::nullopt;
      return Item{Kind::kSum, "", true};
    }
    if (!call->distinct) {
      if (!plain(*call->children[0])) return std::nullopt;
      return Item{Kind::kSum};
    }
    const std::string column = column_of(*call->children[0]);
    if (column.empty()) return std::nullopt;
    return Item{Kind::kDistinct, column};
  }

  // COALESCE(SUM(column), 0), and that cast to something.
  static std::optional<Item> sum_or_zero(const ParsedExpression& expression) {
    if (expression.GetExpressionClass() == ExpressionClass::CAST) {
      const auto& cast = expression.Cast<duckdb::CastExpression>();
      if (cast.try_cast || cast.child->GetExpressionClass() == ExpressionClass::CAST) {
        return std::nullopt;
      }
      return sum_or_zero(*cast.child);
    }
    if (expression.GetExpressionType() != duckdb::ExpressionType::OPERATOR_COALESCE) {
      return std::nullopt;
    }
    const auto& coalesce = expression.Cast<duckdb::OperatorExpression>();
    if (coalesce.children.size() != 2 || coalesce.children[1]->ToString() != "0") {
      return std::nullopt;
    }
    const auto* call = call_of(*coalesce.children[0], {"sum"});
    if (call == nullptr || call->distinct || call->children.size() != 1) return std::nullopt;
    const std::string column = column_of(*call->children[0]);
    if (column.empty()) return std::nullopt;
    return Item{Kind::kSum, column};
  }

  GroupSums out_;
  std::set<std::string> groups_;
};

}  // namespace

std::optional<GroupSums> group_sums(std::string_view select) {
  duckdb::Parser parser;
  try {
    parser.ParseQuery(std::string(select));
  } catch (const std::exception&) {
    return std::nullopt;
  }
  if (parser.statements.size() != 1 ||
      parser.statements[0]->type != duckdb::StatementType::SELECT_STATEMENT) {
    return std::nullopt;
  }
  const auto& node = *parser.statements[0]->Cast<duckdb::SelectStatement>().node;
  if (node.type != duckdb::QueryNodeType::SELECT_NODE) return std::nullopt;
  return Shape().read(node.Cast<duckdb::SelectNode>());
}

}  // namespace claimlake::engine
