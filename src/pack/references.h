#pragma once

#include <string>
#include <vector>

#include "pack/model.h"
#include "pack/sql_text.h"

namespace claimlake::pack {

// A table that a statement reads, named with its schema.
struct TableReference {
  std::string name;       // "silver.dim_pets", lower case; all parts that are written
  std::size_t begin = 0;  // of the name in the SQL
  std::size_t end = 0;
  bool alias = false;  // an alias follows
};

// The tables named schema.table in FROM clauses, in order of appearance. A name without a schema
// is a CTE. A test compares this with what the engine's own parser finds.
std::vector<TableReference> table_references(const std::vector<Token>& tokens);

// Names without a schema that stand where a table is expected and that no WITH defines.
std::vector<TableReference> undefined_names(const std::vector<Token>& tokens);

// The SQL of a relation without rows that has these columns.
std::string empty_relation(const std::vector<ColumnDoc>& columns);

// What stands for the reference when `relation` (a SELECT in parentheses) takes its place, so that
// the statement can be bound without the table: with an alias, so that columns keep their table.
std::string replacement(const TableReference& reference, const std::string& relation);

}  // namespace claimlake::pack
