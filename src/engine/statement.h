#pragma once

#include <duckdb/parser/sql_statement.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "engine/engine.h"

namespace duckdb {
class ParsedExpression;
class QueryNode;
class SelectStatement;
class TableRef;
}  // namespace duckdb

namespace claimlake::engine {

// Parses `sql`, which must hold exactly one statement that `access` allows. Throws what the parser
// throws, and Errors of ours: kInvalidInput, naming the statement and what is allowed.
duckdb::unique_ptr<duckdb::SQLStatement> parse_statement(std::string_view sql, Access access);

// Parses `sql`, which must be one SELECT (or VALUES, FROM ..., WITH ...). Throws as above.
duckdb::unique_ptr<duckdb::SelectStatement> parse_select(std::string_view sql);

// The names of the rows that a statement reads, "keys" of scratch('keys'), if it is a query that
// reads nothing else, as far as its text tells: a name without a schema is taken for a CTE.
std::optional<std::set<std::string>> scratches_read(duckdb::SQLStatement& statement);

// What people may call in the parts of a statement that is not a query. Throws as above.
void check_allowed(duckdb::ParsedExpression& expression);
void check_allowed(duckdb::TableRef& relation);
void check_allowed(duckdb::QueryNode& query);

}  // namespace claimlake::engine
