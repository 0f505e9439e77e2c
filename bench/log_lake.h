#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "engine/engine.h"
#include "lake/lake.h"
#include "store/store.h"

namespace claimlake::bench {

// One append of one row, part by part.
struct AppendCost {
  delta::LogVersion version = 0;
  std::int64_t file_bytes = 0;  // of its Parquet file
  double refresh_ms = 0;        // is there a newer version?
  double stage_ms = 0;          // the row as a durable Parquet file
  double commit_ms = 0;         // the version, and its checkpoint if one is due
  double total_ms() const { return refresh_ms + stage_ms + commit_ms; }
};

// A lake opened as the program opens it, with a session that may write.
struct LogLake {
  static Result<std::unique_ptr<LogLake>> open(const std::string& folder);

  // Makes an empty table (id BIGINT, name VARCHAR, amount DECIMAL(18,2)).
  Done create(const lake::TableName& table);
  // Appends one row as the program does: newest version, stage, commit.
  Result<AppendCost> append(const lake::TableName& table, std::int64_t id);
  // Adds `count` files that do not exist, with statistics, as one version.
  Done add_files(const lake::TableName& table, std::int64_t first, std::int64_t count);

  double ms_since(std::chrono::steady_clock::time_point start) const;

  SystemClock clock;
  SystemRandom random;
  std::unique_ptr<store::Store> store;
  std::unique_ptr<engine::Engine> engine;
  std::unique_ptr<lake::Lake> lake;
  std::unique_ptr<engine::Session> session;
};

// The middle of `values`; 0 if there are none.
double median(std::vector<double> values);
double mean(const std::vector<double>& values);

// The table of a measurement: short_log, long_log, many_files.
inline lake::TableName bench_table(std::string_view table) { return {"bench", std::string(table)}; }

}  // namespace claimlake::bench
