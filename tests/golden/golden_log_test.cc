// Golden tables that have no expected rows: what their logs say. Each expectation was read off the
// text of the log (and of the README beside the data), not off our own output.
#include <gmock/gmock.h>

#include <regex>
#include <set>

#include "golden_lake.h"
#include "store/memory_store.h"

namespace claimlake {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

class GoldenLog : public testing::Test {
 public:
  void SetUp() override { SKIP_WITHOUT_GOLDEN_DATA(); }

  static delta::SnapshotPtr snapshot(const std::string& folder) {
    const auto read = golden_lake()->log(folder).snapshot();
    EXPECT_TRUE(read) << folder << ": " << read.error().text();
    return read ? *read : nullptr;
  }
  static std::vector<std::string> paths(const delta::SnapshotPtr& snapshot) {
    std::vector<std::string> out;
    for (const delta::AddFile& add : snapshot->files()) out.push_back(add.path);
    return out;
  }
};

TEST_F(GoldenLog, tables_without_metadata_protocol_or_log_are_refused) {
  const std::map<std::string, std::pair<Fault, std::string>> refused = {
      {"deltalog-state-reconstruction-from-checkpoint-missing-metadata",
       {Fault::kCorrupt, "no version of it has a metaData action"}},
      {"deltalog-state-reconstruction-from-checkpoint-missing-protocol",
       {Fault::kCorrupt, "no version of it has a protocol"}},
      {"deltalog-state-reconstruction-without-metadata",
       {Fault::kCorrupt, "no version of it has a metaData action"}},
      {"data-reader-absolute-paths-escaped-chars",
       {Fault::kCorrupt, "no version of it has a metaData action"}},
      {"no-delta-log-folder", {Fault::kNotFound, "there is no Delta table"}}};
  for (const auto& [name, why] : refused) {
    const auto read = golden_lake()->log("tables/" + name + "/delta").snapshot();
    ASSERT_FALSE(read) << name;
    EXPECT_EQ(read.error().fault, why.first) << name;
    EXPECT_THAT(read.error().message, HasSubstr(why.second)) << name;
    EXPECT_THAT(read.error().where, HasSubstr(name));
  }
}

// Versions 1 to 14 each remove file N and add file N+1; there is a checkpoint at 10.
TEST_F(GoldenLog, checkpoint) {
  const std::string folder = "tables/checkpoint/delta";
  const auto newest = snapshot(folder);

  EXPECT_EQ(newest->version(), 14);
  EXPECT_THAT(paths(newest), ElementsAre("15"));
  for (const delta::LogVersion version : {3, 10, 12}) {
    const auto old = golden_lake()->log(folder).snapshot_at(version);
    ASSERT_TRUE(old) << old.error().text();
    EXPECT_THAT(paths(*old), ElementsAre(std::to_string(version + 1)));
  }
}

TEST_F(GoldenLog, delete_re_add_same_file_different_transactions) {
  const auto newest = snapshot("tables/delete-re-add-same-file-different-transactions/delta");

  EXPECT_THAT(paths(newest), UnorderedElementsAre("foo", "bar"));
  for (const delta::AddFile& add : newest->files()) {
    if (add.path != "foo") continue;
    EXPECT_EQ(add.modification_time_ms, 1'700'000'000'000);  // that of the second time
  }
}

TEST_F(GoldenLog, deltalog_commit_info) {
  const auto history = golden_lake()->log("tables/deltalog-commit-info/delta").history(10);

  ASSERT_TRUE(history) << history.error().text();
  ASSERT_EQ(history->size(), 1u);
  const delta::CommitInfo& info = history->front().info;
  EXPECT_EQ(info.timestamp_ms, 1'540'415'658'000);
  EXPECT_EQ(info.user, "username_0");
  EXPECT_EQ(info.operation, "WRITE");
  EXPECT_EQ(info.parameters.at("test"), "\"test\"");
  EXPECT_EQ(info.read_version, -1);
  EXPECT_TRUE(info.is_blind_append);
}

// The data files are gone; the log of ten files is not.
TEST_F(GoldenLog, update_deleted_directory) {
  EXPECT_EQ(snapshot("tables/update-deleted-directory/delta")->files().size(), 10u);
}

TEST_F(GoldenLog, hive) {
  for (const std::string& name : golden_lake()->names("tables/hive/delta")) {
    EXPECT_FALSE(snapshot("tables/hive/delta/" + name)->files().empty()) << name;
  }
  const auto special = snapshot("tables/hive/delta/deltatbl-special-chars-in-partition-column");
  EXPECT_EQ(special->metadata().partition_columns.size(), 1u);
}

TEST_F(GoldenLog, positions_with_and_without_a_checkpoint) {
  for (const char* name : {"features/app-txn-checkpoint", "features/app-txn-no-checkpoint"}) {
    const auto newest = snapshot(name);
    EXPECT_EQ(newest->version(), 1) << name;
    EXPECT_EQ(newest->txn("my-app"), 3) << name;
    EXPECT_EQ(newest->txn("my-app2"), 2) << name;
    EXPECT_EQ(newest->files().size(), 4u) << name;
  }
}

// delta.setTransactionRetentionDuration is set; positions whose lastUpdated is long ago are gone.
TEST_F(GoldenLog, positions_expire) {
  const auto newest = snapshot("features/app-txn-with-last-updated");

  EXPECT_EQ(newest->txn("new_app_0"), 1);  // without lastUpdated it never expires
  const bool retention =
      newest->metadata().configuration.contains("delta.setTransactionRetentionDuration");
  EXPECT_EQ(newest->txn("old_app").has_value(), !retention);
}

TEST_F(GoldenLog, a_checkpoint_is_found_without_its_hint) {
  const auto newest = snapshot("features/with_checkpoint_no_last_checkpoint");

  EXPECT_EQ(newest->version(), 3);
  EXPECT_EQ(newest->files().size(), 1u);  // three were added and two removed
}

// The checkpoint at version 3 has stats_parsed; each of the six files was added by one version.
TEST_F(GoldenLog, statistics_are_read_from_a_checkpoint) {
  const auto newest = snapshot("features/parsed-stats");

  EXPECT_EQ(newest->files().size(), 6u);
  EXPECT_TRUE(newest->row_count().has_value());
  const std::string column = newest->schema().fields.front().name;
  for (const auto& entry : newest->column_stats(column).entries)
    EXPECT_TRUE(entry.min && entry.max);
}

TEST_F(GoldenLog, a_change_feed_table_with_actions_of_all_kinds_is_read) {
  const auto newest = snapshot("features/table-with-cdf");

  EXPECT_EQ(newest->protocol().min_writer_version, 4);
  EXPECT_EQ(newest->txn("fakeAppId"), 3);
}

TEST_F(GoldenLog, three_hundred_thousand_files) {
  const auto newest = snapshot("features/300k-add-files-100-col-partitioned");

  EXPECT_EQ(newest->version(), 4);
  EXPECT_EQ(newest->files().size(), 300'000u);  // 10 + 100,000 + 100,000 + 99,990 lines
  EXPECT_EQ(newest->schema().fields.size(), 100u);
}

// Vectors of Spark and of another writer: the second ends before its file does.
TEST_F(GoldenLog, deletion_vectors_take_rows_away) {
  EXPECT_EQ(snapshot("features/table-with-dv-small")->row_count(), 8);  // 10 less 2
  EXPECT_EQ(snapshot("features/table-without-dv-small")->row_count(), 10);
  const auto partly = snapshot("features/with-short-dv");
  EXPECT_EQ(partly->row_count(), 7);  // two files of 5, of one 3 are gone
}

// The live files after all commits of the log, worked out from its text alone: Spark writes the
// path of a file first.
std::set<std::string> live_paths(const std::string& log_folder) {
  static const std::regex kFile(R"re(^\{"(add|remove)":\{"path":"([^"]*)")re");
  std::set<std::string> live;
  for (int version = 0;; ++version) {
    std::string name = std::to_string(version);
    name = log_folder + "/" + std::string(20 - name.size(), '0') + name + ".json";
    const auto bytes = golden_lake()->store().read(name);
    if (!bytes) return live;
    std::vector<std::string> added;
    for (const std::string& line : split(*bytes, '\n')) {
      std::smatch match;
      if (!std::regex_search(line, match, kFile)) continue;
      if (match[1] == "add") {
        added.push_back(match[2]);
      } else {
        live.erase(match[2]);
      }
    }
    live.insert(added.begin(), added.end());
  }
}

// Checkpoints alone, without the commits that they stand for, say what the commits say.
TEST_F(GoldenLog, checkpoints_of_all_forms_say_what_the_commits_say) {
  SystemClock clock;
  SeededRandom random(1);
  store::MemoryStore store(clock);  // the logs under the paths that they have for the engine
  for (const char* name :
       {"v2-checkpoints-json-with-last-checkpoint", "v2-checkpoints-json-with-sidecars",
        "v2-checkpoints-json-without-sidecars", "v2-checkpoints-parquet-with-last-checkpoint",
        "v2-checkpoints-parquet-with-sidecars", "v2-checkpoints-parquet-without-sidecars",
        "v2-classic-checkpoint-json", "v2-classic-checkpoint-parquet",
        "v2-classic-parquet-struct-stats-only", "v2-json-sidecars-struct-stats-only",
        "v2-parquet-sidecars-struct-stats-only", "v1-multi-part-partitioned-struct-stats-only",
        "v1-multi-part-struct-stats-only", "v1-single-part-struct-stats-only"}) {
    const std::string folder = "features/" + std::string(name) + "/_delta_log";
    const auto objects = golden_lake()->store().list_all(folder);
    ASSERT_TRUE(objects) << objects.error().text();
    for (const auto& object : *objects) {
      const std::string file = object.path.substr(object.path.rfind('/') + 1);
      if (file.ends_with(".json") && file.size() == 25) continue;  // a commit
      ASSERT_TRUE(store.put(object.path, *golden_lake()->store().read(object.path)));
    }
    const delta::Log log({store, golden_lake()->engine().parquet_io(), clock, random},
                         "features/" + std::string(name));

    const auto read = log.snapshot();

    ASSERT_TRUE(read) << name << ": " << read.error().text();
    const std::vector<std::string> found = paths(*read);
    const std::set<std::string> expected = live_paths(folder);
    EXPECT_THAT(found, testing::UnorderedElementsAreArray(expected)) << name;
    const auto of_commits = golden_lake()->log("features/" + std::string(name)).snapshot();
    ASSERT_TRUE(of_commits) << name << ": " << of_commits.error().text();
    EXPECT_EQ((*read)->row_count(), (*of_commits)->row_count()) << name;
  }
}

// Features that are not known yet are refused by name; none is read wrong.
TEST_F(GoldenLog, unknown_features_are_refused_by_name) {
  const std::map<std::string, std::string> refused = {{"table-with-geo", "geospatial"}};
  for (const auto& [name, feature] : refused) {
    const auto read = golden_lake()->log("features/" + name).snapshot();
    ASSERT_FALSE(read) << name;
    EXPECT_EQ(read.error().fault, Fault::kInvalidInput) << name;
    EXPECT_THAT(read.error().message, HasSubstr(feature)) << name;
  }
}

}  // namespace
}  // namespace claimlake
