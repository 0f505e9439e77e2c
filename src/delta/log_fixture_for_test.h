#pragma once

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "delta/json_parquet_io_for_test.h"
#include "delta/log.h"
#include "delta/log_segment.h"
#include "store/memory_store.h"

namespace claimlake::delta {

inline constexpr const char* kTable = "silver/claims";

// A table in a memory store, under a clock that stands still until told.
class LogTest : public testing::Test {
 public:
  SimClock clock{Timestamp(std::chrono::seconds(1'700'000'000))};
  SeededRandom random{7};
  store::MemoryStore store{clock};
  JsonParquetIo parquet{store};
  Log log{{store, parquet, clock, random}, kTable};

  static Metadata metadata(std::map<std::string, std::string> configuration = {},
                           std::vector<std::string> partition_columns = {}) {
    return {.id = "table-id",
            .schema_json = R"({"type":"struct","fields":[)"
                           R"({"name":"id","type":"long","nullable":true,"metadata":{}},)"
                           R"({"name":"day","type":"string","nullable":true,"metadata":{}}]})",
            .partition_columns = std::move(partition_columns),
            .configuration = std::move(configuration)};
  }
  static AddFile file(std::string path, PartitionValues values = {}) {
    return {.path = std::move(path),
            .partition_values = std::move(values),
            .size = 100,
            .stats_json = R"({"numRecords":10})"};
  }
  static RemoveFile removal(std::string path, std::int64_t at_ms = 0) {
    return {.path = std::move(path), .deletion_timestamp_ms = at_ms};
  }

  SnapshotPtr create(Metadata metadata = LogTest::metadata()) {
    auto made = log.commit(
        {.actions = {Protocol{}, std::move(metadata)}, .info = {.operation = "CREATE TABLE"}});
    EXPECT_TRUE(made) << made.error().text();
    return made ? *made : nullptr;
  }
  Result<SnapshotPtr> commit(SnapshotPtr base, std::vector<Action> actions, ReadSet read = {}) {
    clock.advance(std::chrono::seconds(1));
    return log.commit({.base = std::move(base),
                       .actions = std::move(actions),
                       .info = {.operation = "WRITE"},
                       .read = std::move(read)});
  }
  SnapshotPtr must_commit(SnapshotPtr base, std::vector<Action> actions, ReadSet read = {}) {
    auto made = commit(std::move(base), std::move(actions), std::move(read));
    EXPECT_TRUE(made) << made.error().text();
    return made ? *made : nullptr;
  }
  // Writes a log file as another engine would have.
  void put(const std::string& name, const std::string& bytes) {
    ASSERT_TRUE(store.put(log_folder(kTable) + "/" + name, bytes));
  }
  static std::vector<std::string> paths(const SnapshotPtr& snapshot) {
    std::vector<std::string> out;
    for (const AddFile& add : snapshot->files()) out.push_back(add.path);
    return out;
  }
};

}  // namespace claimlake::delta
