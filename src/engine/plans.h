#pragma once

#include <cstdint>
#include <duckdb/main/prepared_statement.hpp>
#include <duckdb/parser/sql_statement.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/scratch.h"
#include "engine/session_state.h"

namespace duckdb {
class Connection;
class QueryResult;
}  // namespace duckdb

namespace claimlake::engine {

// The plans of statements that one session runs again and again. A statement over a few rows takes
// longer to plan than to run; one whose text was seen before, and that reads nothing but few rows
// that the session itself keeps (scratch.h), is not planned again. Many rows are worth a plan of
// their own. docs/decisions/0011-plans-that-are-kept.md says why that is right.
class Plans {
 public:
  // Runs `sql`, of the statements that the session may run. `stream`: rows are computed as they are
  // read; otherwise all of them are there, in memory that spills. Throws what DuckDB throws.
  duckdb::unique_ptr<duckdb::QueryResult> run(duckdb::Connection& connection, SessionState& state,
                                              std::string_view sql, bool stream);
  // Likewise, all of it, if it reads few rows that the session keeps and nothing else; else null.
  duckdb::unique_ptr<duckdb::QueryResult> run_if_kept(duckdb::Connection& connection,
                                                      SessionState& state, std::string_view sql);
  // Before the connection ends.
  void clear() { plans_.clear(); }

 private:
  struct Plan {
    duckdb::unique_ptr<duckdb::PreparedStatement> statement;
    std::vector<std::shared_ptr<const Scratch>> reads;
    std::int64_t used = 0;  // the last time, counted by uses_
  };
  // Null: `sql`, parsed into `other`, is to be planned for this once.
  duckdb::PreparedStatement* find(duckdb::Connection& connection, SessionState& state,
                                  std::string_view sql,
                                  duckdb::unique_ptr<duckdb::SQLStatement>& other);

  duckdb::unique_ptr<duckdb::QueryResult> start(duckdb::Connection& connection,
                                                std::string_view sql,
                                                duckdb::PreparedStatement& statement, bool stream);

  std::unordered_map<std::string, Plan> plans_;  // by text
  std::int64_t uses_ = 0;
};

}  // namespace claimlake::engine
