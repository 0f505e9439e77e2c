#pragma once

#include <duckdb/main/query_result.hpp>
#include <memory>
#include <string>

#include "engine/instance.h"
#include "engine/rows.h"
#include "engine/watchdog.h"

namespace claimlake::engine {

// What a running query holds on to until its rows are read.
struct RunningQuery {
  std::string sql;
  std::shared_ptr<Instance> instance;
  std::shared_ptr<duckdb::Connection> connection;
  std::unique_ptr<Watchdog::Guard> time_limit;  // null: none
  std::chrono::milliseconds limit{0};

  // `error` with a cancellation told apart from the time limit.
  Error explain(Error error) const;
};

std::unique_ptr<Rows> make_rows(RunningQuery query, duckdb::unique_ptr<duckdb::QueryResult> result);

}  // namespace claimlake::engine
