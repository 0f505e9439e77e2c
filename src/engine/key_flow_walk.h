#pragma once

#include <duckdb/parser/sql_statement.hpp>

#include "engine/key_flow.h"

namespace duckdb {
class Connection;
class SelectStatement;
}  // namespace duckdb

namespace claimlake::engine {

// Session::key_flow, read from the bound plan before it is optimised. Throws what DuckDB throws,
// and Errors of ours: kNotFound for a key column that the SELECT does not give.
KeyFlow key_flow_of(duckdb::Connection& connection,
                    duckdb::unique_ptr<duckdb::SelectStatement> select,
                    const std::vector<std::string>& key);

}  // namespace claimlake::engine
