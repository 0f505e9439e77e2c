#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/engine.h"

namespace claimlake::engine {

// What SQL says of itself, without running it.

// A table as a query names it. Parts that are not written are empty.
struct TableReference {
  std::string schema;
  std::string name;
  std::string where;  // "line:column" in the SQL
  auto operator<=>(const TableReference&) const = default;
};

// The tables and views that `select` reads, in the order in which they stand there, each once;
// CTEs and table functions are not among them. Nothing is looked up: tables need not exist.
// Errors: kInvalidInput (not one SELECT; `where` holds line:column).
Result<std::vector<TableReference>> table_references(std::string_view select);

// A column of a table or view that a result is made from.
struct SourceColumnName {
  std::string table;  // "silver.fact_claims", or "range()" for a table function
  std::string column;
  auto operator<=>(const SourceColumnName&) const = default;
};

struct ColumnLineage {
  std::string column;
  std::vector<SourceColumnName> sources;  // what its value is computed from, ascending
};

// For each column of `select`, the table columns that its value is computed from (not those that
// only decide which rows there are). Views count as what they read. The tables must exist.
// Errors as Session::describe.
Result<std::vector<ColumnLineage>> lineage(Session& session, std::string_view select);

}  // namespace claimlake::engine
