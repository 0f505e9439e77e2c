// Checkpoints, as the log writes and finds them (the Parquet form has its test in engine).
#include "delta/log_fixture_for_test.h"
#include "delta/log_json.h"

namespace claimlake::delta {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr std::int64_t kDayMs = 86'400'000;

class CheckpointTest : public LogTest {
 public:
  std::string path(const std::string& name) { return log_folder(kTable) + "/" + name; }
  bool has(const std::string& name) { return store.head(path(name)).has_value(); }
  std::int64_t now_ms() {
    return std::chrono::floor<std::chrono::milliseconds>(clock.now()).time_since_epoch().count();
  }
  // A table of versions 0 to `last`, one file each but for the first.
  SnapshotPtr table(LogVersion last) {
    auto snapshot = create();
    for (LogVersion v = 1; v <= last; ++v) {
      snapshot = must_commit(snapshot, {file("f" + std::to_string(v))});
    }
    return snapshot;
  }
  // The actions of a checkpoint file as the JSON lines that this test's ParquetIo keeps.
  std::string checkpoint_text(LogVersion version) {
    const auto bytes = store.read(path(checkpoint_name(version)));
    return bytes ? *bytes : bytes.error().message;
  }
};

TEST_F(CheckpointTest, one_is_written_every_ten_versions) {
  table(21);

  EXPECT_TRUE(has(checkpoint_name(10)));
  EXPECT_TRUE(has(checkpoint_name(20)));
  EXPECT_FALSE(has(checkpoint_name(9)));
  EXPECT_FALSE(has(checkpoint_name(21)));
  EXPECT_EQ(*store.read(path("_last_checkpoint")).operator->(),
            R"({"version":20,"size":22,"sizeInBytes":)" +
                std::to_string(checkpoint_text(20).size()) + R"(,"numOfAddFiles":20})");
}

constexpr const char* kUuid = "80a083e8-7026-4e79-81be-64bd76c43a11";
constexpr const char* kOtherUuid = "3a0d65cd-4056-49b8-937b-95f9e3ee90e5";

// Checkpoints of the v2 form: a JSON file that holds all but the files, which lie in sidecars.
class V2CheckpointTest : public CheckpointTest {
 public:
  // That of version 12 of table(12), which names `sidecar`.
  static std::string manifest(const std::string& sidecar) {
    std::string out = R"({"checkpointMetadata":{"version":12}})"
                      "\n";
    append_line(Protocol{3, 7, {"v2Checkpoint"}, {"v2Checkpoint"}}, out);
    append_line(metadata(), out);
    append_line(Txn{"app", 5}, out);
    return out + R"({"sidecar":{"path":")" + sidecar +
           R"(","sizeInBytes":1,"modificationTime":1,"tags":{}}})"
           "\n";
  }
  static std::string name(const char* uuid) {
    return "00000000000000000012.checkpoint." + std::string(uuid) + ".json";
  }
  static std::string two_files() {
    std::string out;
    append_line(file("a"), out);
    append_line(file("b"), out);
    return out;
  }
  void drop_commits() {
    for (LogVersion v = 0; v < 12; ++v) ASSERT_TRUE(store.remove(commit_path(kTable, v)));
    ASSERT_TRUE(store.remove(path(checkpoint_name(10))));
  }
};

TEST_F(V2CheckpointTest, its_files_are_those_of_its_sidecars) {
  table(12);
  drop_commits();
  put(name(kUuid), manifest("s%20one.parquet"));
  put("_sidecars/s one.parquet", two_files());

  const auto snapshot = log.snapshot();

  ASSERT_TRUE(snapshot) << snapshot.error().text();
  EXPECT_EQ((*snapshot)->version(), 12);
  EXPECT_EQ((*snapshot)->txn("app"), 5);
  EXPECT_THAT(paths(*snapshot), UnorderedElementsAre("a", "b"));
}

TEST_F(V2CheckpointTest, a_sidecar_lies_in_the_tables_own_folder_whatever_its_path_says) {
  table(12);
  drop_commits();
  put(name(kUuid), manifest("file:/elsewhere/_delta_log/_sidecars/s.parquet"));
  put("_sidecars/s.parquet", two_files());

  const auto snapshot = log.snapshot();

  ASSERT_TRUE(snapshot) << snapshot.error().text();
  EXPECT_EQ((*snapshot)->files().size(), 2u);
}

TEST_F(V2CheckpointTest, of_several_of_one_version_one_that_is_whole_is_read) {
  table(12);
  drop_commits();
  put(name(kUuid), "{broken");
  put(name(kOtherUuid), manifest("s.parquet"));
  put(checkpoint_name(12), "{broken");
  put("_sidecars/s.parquet", two_files());

  const auto snapshot = log.snapshot();

  ASSERT_TRUE(snapshot) << snapshot.error().text();
  EXPECT_EQ((*snapshot)->files().size(), 2u);
}

TEST_F(V2CheckpointTest, without_one_of_its_sidecars_the_commits_are_read) {
  table(12);
  put(name(kUuid), manifest("gone.parquet"));

  const auto snapshot = log.snapshot();

  ASSERT_TRUE(snapshot) << snapshot.error().text();
  EXPECT_EQ((*snapshot)->files().size(), 12u);
}

TEST_F(V2CheckpointTest, a_missing_sidecar_is_named_where_nothing_else_says_the_same) {
  table(12);
  drop_commits();
  put(name(kUuid), manifest("gone.parquet"));

  const auto snapshot = log.snapshot();

  ASSERT_FALSE(snapshot);
  EXPECT_THAT(snapshot.error().text(), HasSubstr("gone.parquet"));
}

TEST_F(CheckpointTest, the_interval_is_a_property_of_the_table) {
  auto snapshot = create(metadata({{"delta.checkpointInterval", "3"}}));
  for (int v = 1; v <= 4; ++v) snapshot = must_commit(snapshot, {file(std::to_string(v))});

  EXPECT_TRUE(has(checkpoint_name(3)));
}

TEST_F(CheckpointTest, a_table_is_read_from_it_when_older_commits_are_gone) {
  table(12);
  for (LogVersion v = 0; v < 10; ++v) ASSERT_TRUE(store.remove(commit_path(kTable, v)));

  const auto snapshot = log.snapshot();

  ASSERT_TRUE(snapshot) << snapshot.error().text();
  EXPECT_EQ((*snapshot)->version(), 12);
  EXPECT_EQ((*snapshot)->files().size(), 12u);
  const auto gone = log.snapshot_at(5);
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().fault, Fault::kNotFound);
  EXPECT_THAT(gone.error().message, HasSubstr("cleaned up"));
}

TEST_F(CheckpointTest, a_table_of_nothing_but_a_checkpoint_is_read) {
  table(10);
  for (LogVersion v = 0; v <= 10; ++v) ASSERT_TRUE(store.remove(commit_path(kTable, v)));

  const auto snapshot = log.snapshot();

  ASSERT_TRUE(snapshot) << snapshot.error().text();
  EXPECT_EQ((*snapshot)->version(), 10);
  const auto next = must_commit(*snapshot, {file("next")});
  EXPECT_EQ(next->version(), 11);
  EXPECT_EQ((*log.snapshot(next))->files().size(), 11u);
}

TEST_F(CheckpointTest, pitfall_10_the_last_checkpoint_file_is_only_a_hint) {
  table(21);
  for (const char* text :
       {"", "{", "not json", "[]", R"({"version":"ten"})", R"({"version":-1})", R"({"version":10})",
        R"({"version":15,"size":1})", R"({"version":999999})", R"({"version":20,"parts":7})"}) {
    ASSERT_TRUE(store.put(path("_last_checkpoint"), text));
    const auto snapshot = log.snapshot();
    ASSERT_TRUE(snapshot) << text << ": " << snapshot.error().text();
    EXPECT_EQ((*snapshot)->version(), 21) << text;
    EXPECT_EQ((*snapshot)->files().size(), 21u) << text;
  }
  ASSERT_TRUE(store.remove(path("_last_checkpoint")));
  EXPECT_EQ((*log.snapshot())->version(), 21);
}

TEST_F(CheckpointTest, pitfall_10_a_multi_part_checkpoint_with_a_part_missing_is_ignored) {
  table(12);
  const std::string whole = checkpoint_text(10);
  const std::size_t middle = whole.find('\n', whole.size() / 2) + 1;
  ASSERT_TRUE(store.remove(path(checkpoint_name(10))));
  put("00000000000000000010.checkpoint.0000000001.0000000002.parquet", whole.substr(0, middle));

  EXPECT_EQ((*log.snapshot())->files().size(), 12u);  // from the commits

  put("00000000000000000010.checkpoint.0000000002.0000000002.parquet", whole.substr(middle));
  for (LogVersion v = 0; v < 10; ++v) ASSERT_TRUE(store.remove(commit_path(kTable, v)));
  const auto from_parts = log.snapshot();
  ASSERT_TRUE(from_parts) << from_parts.error().text();
  EXPECT_EQ((*from_parts)->files().size(), 12u);
}

TEST_F(CheckpointTest, a_damaged_checkpoint_gives_way_to_an_older_one) {
  table(21);
  put(checkpoint_name(20), "PAR1 and then nothing that makes sense");

  const auto snapshot = log.snapshot();

  ASSERT_TRUE(snapshot) << snapshot.error().text();
  EXPECT_EQ((*snapshot)->files().size(), 21u);
}

TEST_F(CheckpointTest, a_damaged_checkpoint_without_another_way_is_named) {
  table(12);
  put(checkpoint_name(10), "{");
  ASSERT_TRUE(store.remove(commit_path(kTable, 3)));

  const auto snapshot = log.snapshot();

  ASSERT_FALSE(snapshot);
  EXPECT_EQ(snapshot.error().fault, Fault::kCorrupt);
  EXPECT_THAT(snapshot.error().where, HasSubstr(checkpoint_name(10)));
}

TEST_F(CheckpointTest, a_version_has_the_time_of_its_commit_also_when_it_is_read_from_one) {
  const auto snapshot = table(3);
  clock.advance(std::chrono::hours(1));
  ASSERT_TRUE(log.checkpoint(snapshot));

  EXPECT_EQ((*log.snapshot())->timestamp(), snapshot->timestamp());
}

TEST_F(CheckpointTest,
       pitfall_14_in_commit_timestamps_rise_past_one_that_is_older_than_its_commit) {
  auto snapshot = create(metadata({{"delta.enableInCommitTimestamps", "true"}}));
  snapshot = must_commit(snapshot, {file("a")});
  clock.advance(std::chrono::hours(-1));  // this machine's clock was an hour ahead of the store's
  ASSERT_TRUE(log.checkpoint(snapshot));

  const auto next = must_commit(*log.snapshot(), {file("b")});

  EXPECT_GT(next->timestamp(), snapshot->timestamp());
}

TEST_F(CheckpointTest, a_table_that_was_read_from_one_is_not_read_again_when_nothing_changed) {
  table(10);
  const auto first = log.snapshot();
  ASSERT_TRUE(first) << first.error().text();

  EXPECT_EQ(*log.snapshot(*first), *first);
}

TEST_F(CheckpointTest, a_hint_at_one_that_is_gone_hides_no_version) {
  table(25);
  const auto at_25 = log.snapshot();
  ASSERT_TRUE(log.checkpoint(*at_25));
  ASSERT_TRUE(store.put(path("_last_checkpoint"), R"({"version":20,"size":1})"));
  ASSERT_TRUE(store.remove(path(checkpoint_name(20))));

  const auto between = log.snapshot_at(22);

  ASSERT_TRUE(between) << between.error().text();
  EXPECT_EQ((*between)->files().size(), 22u);
}

TEST_F(CheckpointTest, the_next_one_is_written_although_the_last_one_is_damaged) {
  auto snapshot = must_commit(table(11), {removal("f1", now_ms())});
  put(checkpoint_name(10), "PAR1 and then nothing that makes sense");

  for (LogVersion v = 13; v <= 20; ++v) {
    snapshot = must_commit(snapshot, {file("f" + std::to_string(v))});
  }

  ASSERT_TRUE(has(checkpoint_name(20)));
  EXPECT_THAT(checkpoint_text(20), HasSubstr(R"({"remove":{"path":"f1")"));
}

TEST_F(CheckpointTest, it_keeps_only_tombstones_that_are_young_and_still_removed) {
  auto snapshot = must_commit(create(), {file("old"), file("young"), file("back")});
  snapshot = must_commit(snapshot, {removal("old", now_ms() - 8 * kDayMs),
                                    removal("young", now_ms()), removal("back", now_ms())});
  snapshot = must_commit(snapshot, {file("back")});

  ASSERT_TRUE(log.checkpoint(snapshot));

  const std::string text = checkpoint_text(3);
  EXPECT_THAT(text, HasSubstr(R"({"remove":{"path":"young")"));
  EXPECT_EQ(text.find(R"({"remove":{"path":"old")"), std::string::npos);
  EXPECT_EQ(text.find(R"({"remove":{"path":"back")"), std::string::npos);
}

TEST_F(CheckpointTest, tombstones_pass_from_one_checkpoint_to_the_next_until_they_are_old) {
  auto snapshot = must_commit(create(), {file("a"), file("b")});
  snapshot = must_commit(snapshot, {removal("a", now_ms())});
  ASSERT_TRUE(log.checkpoint(snapshot));
  snapshot = must_commit(snapshot, {file("c")});
  ASSERT_TRUE(log.checkpoint(snapshot));
  EXPECT_THAT(checkpoint_text(3), HasSubstr(R"({"remove":{"path":"a")"));

  clock.advance(std::chrono::hours(8 * 24));
  snapshot = must_commit(snapshot, {file("d")});
  ASSERT_TRUE(log.checkpoint(snapshot));
  EXPECT_EQ(checkpoint_text(4).find(R"("remove")"), std::string::npos);
}

TEST_F(CheckpointTest, pitfall_12_positions_survive_in_it_and_only_old_ones_are_left_out) {
  const std::int64_t week = 7 * kDayMs;
  auto snapshot = create(metadata({{"delta.setTransactionRetentionDuration", "interval 7 days"}}));
  snapshot =
      must_commit(snapshot, {Txn{"a", 1, now_ms()}, Txn{"old", 9, now_ms() - week - 10'000}});
  snapshot = must_commit(snapshot, {Txn{"a", 2, now_ms()}, Txn{"b", 5}});
  ASSERT_TRUE(log.checkpoint(snapshot));
  for (LogVersion v = 0; v <= 2; ++v) ASSERT_TRUE(store.remove(commit_path(kTable, v)));

  const auto read = log.snapshot();

  ASSERT_TRUE(read) << read.error().text();
  EXPECT_EQ((*read)->txn("a"), 2);
  EXPECT_EQ((*read)->txn("b"), 5);
  EXPECT_EQ((*read)->txn("old"), std::nullopt);
}

TEST_F(CheckpointTest, very_many_positions_are_read_and_followed) {
  // One per raw file: a portal that lands a file per claim has these many in a month.
  constexpr int kPositions = 50'000;
  std::vector<Action> positions;
  for (int i = 0; i < kPositions; ++i) positions.emplace_back(Txn{"file " + std::to_string(i), 1});
  auto snapshot = must_commit(create(), std::move(positions));
  ASSERT_TRUE(log.checkpoint(snapshot));

  const auto read = log.snapshot();
  ASSERT_TRUE(read) << read.error().text();
  const auto next = must_commit(*read, {Txn{"file 7", 2}, Txn{"new", 1}, Txn{"new", 3}});

  EXPECT_EQ((*read)->txn("file 49999"), 1);
  EXPECT_EQ((*read)->txn("file 7"), 1);
  EXPECT_EQ((*read)->txn("new"), std::nullopt);
  EXPECT_EQ(next->txn("file 7"), 2);
  EXPECT_EQ(next->txn("file 8"), 1);
  EXPECT_EQ(next->txn("new"), 3);
}

TEST_F(CheckpointTest, domain_metadata_survives_and_removed_domains_do_not) {
  auto snapshot = must_commit(create(), {DomainMetadata{"a", "{}"}, DomainMetadata{"b", "{}"}});
  snapshot = must_commit(snapshot, {DomainMetadata{"b", "", true}});
  ASSERT_TRUE(log.checkpoint(snapshot));

  EXPECT_THAT(checkpoint_text(2), HasSubstr(R"({"domainMetadata":{"domain":"a")"));
  EXPECT_EQ(checkpoint_text(2).find(R"("domain":"b")"), std::string::npos);
}

}  // namespace
}  // namespace claimlake::delta
