#pragma once

#include <compare>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace claimlake::engine {

// What SQL says of itself, without being run. Column lineage is Session::lineage.

// A table as a query names it. Parts that are not written are empty.
struct TableReference {
  std::string schema;
  std::string name;
  std::string where;  // "line:column" in the SQL
  auto operator<=>(const TableReference&) const = default;
};

// The tables and views that `select` reads, by their place in it, each once; CTEs and table
// functions are not among them. Nothing is looked up: the tables need not exist.
// Errors: kInvalidInput (not one SELECT; `where` holds line:column).
Result<std::vector<TableReference>> table_references(std::string_view select);

}  // namespace claimlake::engine
