#include "engine/query_walk.h"

#include <duckdb/parser/expression/subquery_expression.hpp>
#include <duckdb/parser/parsed_expression_iterator.hpp>
#include <duckdb/parser/query_node/recursive_cte_node.hpp>
#include <duckdb/parser/query_node/set_operation_node.hpp>
#include <duckdb/parser/statement/select_statement.hpp>
#include <duckdb/parser/tableref/basetableref.hpp>
#include <duckdb/parser/tableref/showref.hpp>
#include <duckdb/parser/tableref/subqueryref.hpp>
#include <duckdb/parser/tableref/table_function_ref.hpp>

#include "base/text.h"

namespace claimlake::engine {

void QueryWalk::walk(duckdb::QueryNode& query) {
  node(query);
  if (!on_table) return;
  for (const duckdb::BaseTableRef* table : tables_) {
    const bool unqualified = table->schema_name.empty() && table->catalog_name.empty();
    if (!unqualified || !ctes_.contains(to_lower(table->table_name))) on_table(*table);
  }
}

void QueryWalk::node(duckdb::QueryNode& query) {
  names_of_ctes(query);
  duckdb::ParsedExpressionIterator::EnumerateQueryNodeChildren(
      query, [this](duckdb::unique_ptr<duckdb::ParsedExpression>& child) { expression(*child); },
      [this](duckdb::TableRef& ref) { table(ref); });
}

// The iterator descends into nodes without saying so: their CTEs are looked for by themselves.
void QueryWalk::names_of_ctes(const duckdb::QueryNode& query) {
  for (const auto& cte : query.cte_map.map) {
    ctes_.insert(to_lower(cte.first));
    names_of_ctes(*cte.second->query->node);
  }
  if (query.type == duckdb::QueryNodeType::SET_OPERATION_NODE) {
    for (const auto& child : query.Cast<duckdb::SetOperationNode>().children) names_of_ctes(*child);
  } else if (query.type == duckdb::QueryNodeType::RECURSIVE_CTE_NODE) {
    const auto& recursive = query.Cast<duckdb::RecursiveCTENode>();
    names_of_ctes(*recursive.left);
    names_of_ctes(*recursive.right);
  }
}

void QueryWalk::expression(duckdb::ParsedExpression& visited) {
  if (visited.GetExpressionClass() == duckdb::ExpressionClass::SUBQUERY) {
    node(*visited.Cast<duckdb::SubqueryExpression>().subquery->node);
  }
  duckdb::ParsedExpressionIterator::EnumerateChildren(
      visited, [this](duckdb::ParsedExpression& child) { expression(child); });
}

void QueryWalk::table(duckdb::TableRef& ref) {
  switch (ref.type) {
    case duckdb::TableReferenceType::BASE_TABLE:
      tables_.push_back(&ref.Cast<duckdb::BaseTableRef>());
      return;
    case duckdb::TableReferenceType::SUBQUERY:
      names_of_ctes(*ref.Cast<duckdb::SubqueryRef>().subquery->node);
      return;
    case duckdb::TableReferenceType::TABLE_FUNCTION:
      if (on_function) on_function(ref.Cast<duckdb::TableFunctionRef>());
      return;
    case duckdb::TableReferenceType::SHOW_REF: {
      const auto& show = ref.Cast<duckdb::ShowRef>();
      if (show.query) node(*show.query);
      return;
    }
    default:
      return;  // what they hold is visited by itself
  }
}

}  // namespace claimlake::engine
