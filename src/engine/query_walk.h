#pragma once

#include <duckdb/parser/query_node.hpp>
#include <functional>
#include <set>
#include <string>
#include <vector>

namespace duckdb {
class BaseTableRef;
class ParsedExpression;
class TableFunctionRef;
class TableRef;
}  // namespace duckdb

namespace claimlake::engine {

// Visits all that a parsed query reads from, in subqueries and CTEs too. An unqualified name that
// is a CTE anywhere in the query is taken for the CTE.
class QueryWalk {
 public:
  // Called for tables and views, and for table functions, by walk() in no promised order.
  std::function<void(const duckdb::BaseTableRef&)> on_table;
  std::function<void(const duckdb::TableFunctionRef&)> on_function;

  void walk(duckdb::QueryNode& query);

 private:
  void node(duckdb::QueryNode& query);
  void names_of_ctes(const duckdb::QueryNode& query);
  void expression(duckdb::ParsedExpression& visited);
  void table(duckdb::TableRef& ref);

  std::set<std::string> ctes_;  // lower case
  std::vector<const duckdb::BaseTableRef*> tables_;
};

}  // namespace claimlake::engine
