#pragma once

#include <duckdb/parser/sql_statement.hpp>

#include "engine/column_lineage.h"

namespace duckdb {
class Connection;
class SelectStatement;
}  // namespace duckdb

namespace claimlake::engine {

// Session::lineage, read from the bound plan before it is optimised. Throws what DuckDB throws.
SelectLineage lineage_of(duckdb::Connection& connection,
                         duckdb::unique_ptr<duckdb::SelectStatement> select);

}  // namespace claimlake::engine
