#pragma once

#include <duckdb/parser/sql_statement.hpp>
#include <string_view>

#include "engine/engine.h"

namespace duckdb {
class SelectStatement;
}

namespace claimlake::engine {

// Parses `sql`, which must hold exactly one statement that `access` allows. Throws what the parser
// throws, and Errors of ours: kInvalidInput, naming the statement and what is allowed.
duckdb::unique_ptr<duckdb::SQLStatement> parse_statement(std::string_view sql, Access access);

// Parses `sql`, which must be one SELECT (or VALUES, FROM ..., WITH ...). Throws as above.
duckdb::unique_ptr<duckdb::SelectStatement> parse_select(std::string_view sql);

}  // namespace claimlake::engine
