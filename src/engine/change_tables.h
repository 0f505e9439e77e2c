#pragma once

namespace duckdb {
class DatabaseInstance;
}  // namespace duckdb

namespace claimlake::engine {

// Makes the table functions known that read what changed in a table (docs/reference/sql.md):
//   table_changes('schema.table', from [, to])   the change feed of some versions
//   table_diff('schema.table', from, to)         rows that only one of two versions has
//   table_diff('schema.table', from, to, ['a'])  the same of these columns alone
// They stand for a query on files that the directory names: those are pruned and streamed as the
// files of any table are.
void register_change_tables(duckdb::DatabaseInstance& database);

}  // namespace claimlake::engine
