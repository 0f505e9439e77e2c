#include "delta/log.h"

#include <atomic>
#include <barrier>

#include "delta/log_fixture_for_test.h"
#include "delta/log_json.h"
#include "store/counting_store.h"
#include "store/faulty_store.h"
#include "store/local_store.h"
#include "store/passing_store_for_test.h"
#include "store/temporary_folder_for_test.h"

namespace claimlake::delta {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

TEST_F(LogTest, creates_a_table_and_reads_it_back) {
  create();

  const auto snapshot = log.snapshot();

  ASSERT_TRUE(snapshot) << snapshot.error().text();
  EXPECT_EQ((*snapshot)->version(), 0);
  EXPECT_EQ((*snapshot)->schema().fields.size(), 2u);
  EXPECT_TRUE((*snapshot)->files().empty());
  EXPECT_EQ((*snapshot)->row_count(), 0);
}

TEST_F(LogTest, a_table_that_is_not_there_is_not_found) {
  const auto snapshot = log.snapshot();

  ASSERT_FALSE(snapshot);
  EXPECT_EQ(snapshot.error().fault, Fault::kNotFound);
  EXPECT_EQ(snapshot.error().where, kTable);
}

TEST_F(LogTest, creating_a_table_twice_is_a_conflict) {
  create();

  const auto again = log.commit({.actions = {Protocol{}, metadata()}});

  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().fault, Fault::kConflict);
  EXPECT_THAT(again.error().message, HasSubstr("exists already"));
}

TEST_F(LogTest, appends_and_overwrites) {
  const auto created = create();
  const auto first = must_commit(created, {file("a"), file("b")});
  const auto second =
      must_commit(first, {removal("a"), removal("b"), file("c")}, {.whole_table = true});

  EXPECT_THAT(paths(first), ElementsAre("a", "b"));
  EXPECT_EQ(first->row_count(), 20);
  EXPECT_EQ(first->files_bytes(), 200);
  EXPECT_THAT(paths(second), ElementsAre("c"));
  const auto read = log.snapshot();
  ASSERT_TRUE(read);
  EXPECT_THAT(paths(*read), ElementsAre("c"));
}

TEST_F(LogTest, an_older_snapshot_stays_as_it_was) {
  const auto first = must_commit(create(), {file("a")});
  const auto second = must_commit(first, {removal("a"), file("b")}, {.whole_table = true});
  const auto third = must_commit(second, {file("c")});

  EXPECT_THAT(paths(first), ElementsAre("a"));
  EXPECT_THAT(paths(second), ElementsAre("b"));
  EXPECT_THAT(paths(third), ElementsAre("b", "c"));
}

TEST_F(LogTest, travels_to_a_version) {
  const auto first = must_commit(create(), {file("a")});
  must_commit(first, {file("b")});

  const auto old = log.snapshot_at(1);

  ASSERT_TRUE(old);
  EXPECT_THAT(paths(*old), ElementsAre("a"));
  const auto future = log.snapshot_at(3);
  ASSERT_FALSE(future);
  EXPECT_EQ(future.error().fault, Fault::kNotFound);
  EXPECT_THAT(future.error().message, HasSubstr("newest is 2"));
}

TEST_F(LogTest, travels_to_a_time) {
  const Timestamp start = clock.now();
  const auto first = must_commit(create(), {file("a")});  // one second later
  must_commit(first, {file("b")});

  EXPECT_EQ(*log.version_at(start), 0);
  EXPECT_EQ(*log.version_at(start + std::chrono::milliseconds(1'500)), 1);
  EXPECT_EQ(*log.version_at(start + std::chrono::hours(1)), 2);
  const auto before = log.version_at(start - std::chrono::seconds(1));
  ASSERT_FALSE(before);
  EXPECT_EQ(before.error().fault, Fault::kNotFound);
}

TEST_F(LogTest, pitfall_14_times_of_files_that_fall_back_are_made_to_rise) {
  create();
  clock.advance(-std::chrono::hours(1));  // the machine's clock was set back
  put(commit_name(1), R"({"commitInfo":{"timestamp":1,"operation":"WRITE"}})");

  const auto history = log.history(10);

  ASSERT_TRUE(history);
  EXPECT_EQ((*history)[0].version, 1);
  EXPECT_EQ((*history)[0].timestamp - (*history)[1].timestamp, std::chrono::milliseconds(1));
  EXPECT_EQ((*log.snapshot())->timestamp(), (*history)[0].timestamp);
}

// A table that was copied: all of its files are young. Versions 0 and 1 have no time of their own,
// version 2 turned them on.
TEST_F(LogTest, pitfall_14_a_time_is_looked_for_on_its_side_of_the_enablement) {
  const auto at = [](std::int64_t ms) { return Timestamp(std::chrono::milliseconds(ms)); };
  std::string first = R"({"commitInfo":{"timestamp":1000,"operation":"CREATE TABLE"}})"
                      "\n";
  append_line(Protocol{}, first);
  append_line(metadata(), first);
  put(commit_name(0), first);
  clock.advance(std::chrono::seconds(10));
  put(commit_name(1), R"({"commitInfo":{"timestamp":2000,"operation":"WRITE"}})");
  std::string enabling =
      R"({"commitInfo":{"inCommitTimestamp":5000,"timestamp":5000,"operation":"SET"}})"
      "\n";
  append_line(Protocol{1, 7, {}, {"inCommitTimestamp"}}, enabling);
  append_line(metadata({{"delta.enableInCommitTimestamps", "true"},
                        {"delta.inCommitTimestampEnablementVersion", "2"},
                        {"delta.inCommitTimestampEnablementTimestamp", "5000"}}),
              enabling);
  put(commit_name(2), enabling);
  put(commit_name(3),
      R"({"commitInfo":{"inCommitTimestamp":6000,"timestamp":6000,"operation":"WRITE"}})");

  EXPECT_EQ(*log.version_at(at(5000)), 2);
  EXPECT_EQ(*log.version_at(at(5999)), 2);
  EXPECT_EQ(*log.version_at(at(6000)), 3);
  EXPECT_EQ(*log.version_at(clock.now()), 3);
  const auto before = log.version_at(at(4999));  // the files of 0 and 1 are younger than that
  ASSERT_FALSE(before);
  EXPECT_EQ(before.error().fault, Fault::kNotFound);
}

TEST_F(LogTest, pitfall_14_in_commit_timestamps_rise_even_if_the_clock_does_not) {
  const auto created = create(metadata({{"delta.enableInCommitTimestamps", "true"}}));
  clock.advance(-std::chrono::hours(1));
  const auto first = must_commit(created, {file("a")});

  EXPECT_EQ(first->timestamp() - created->timestamp(), std::chrono::milliseconds(1));
  EXPECT_EQ(*log.version_at(first->timestamp()), 1);
  EXPECT_EQ(*log.version_at(created->timestamp()), 0);
}

TEST_F(LogTest, shows_history_newest_first) {
  const auto created = create();
  clock.advance(std::chrono::seconds(1));
  const auto made = log.commit({.base = created,
                                .actions = {file("a")},
                                .info = {.operation = "WRITE",
                                         .parameters = {{"mode", "Append"}},
                                         .metrics = {{"numOutputRows", "10"}},
                                         .user = "root",
                                         .run = "run-1"}});
  ASSERT_TRUE(made);

  const auto history = log.history(10);

  ASSERT_TRUE(history);
  ASSERT_EQ(history->size(), 2u);
  const auto& newest = (*history)[0];
  EXPECT_EQ(newest.version, 1);
  EXPECT_EQ(newest.timestamp, clock.now());
  EXPECT_EQ(newest.info.operation, "WRITE");
  EXPECT_EQ(newest.info.parameters.at("mode"), "\"Append\"");
  EXPECT_EQ(newest.info.metrics.at("numOutputRows"), "10");
  EXPECT_EQ(newest.info.user, "root");
  EXPECT_EQ(newest.info.run, "run-1");
  EXPECT_EQ(newest.info.read_version, 0);
  EXPECT_TRUE(newest.info.is_blind_append);
  EXPECT_EQ(newest.info.engine_info, "Claimlake/0.1.0");
  EXPECT_EQ(log.history(1)->size(), 1u);
}

TEST_F(LogTest, commit_info_is_the_first_line) {
  create();

  const auto bytes = store.read(commit_path(kTable, 0));

  ASSERT_TRUE(bytes);
  EXPECT_TRUE(bytes->starts_with(R"({"commitInfo":{"timestamp":1700000000000,)")) << *bytes;
}

TEST_F(LogTest, a_gap_in_the_log_names_the_missing_file) {
  const auto first = must_commit(create(), {file("a")});
  must_commit(first, {file("b")});
  ASSERT_TRUE(store.remove(commit_path(kTable, 1)));

  const auto snapshot = log.snapshot();

  ASSERT_FALSE(snapshot);
  EXPECT_EQ(snapshot.error().fault, Fault::kCorrupt);
  EXPECT_THAT(snapshot.error().message, HasSubstr("00000000000000000001.json"));
}

TEST_F(LogTest, a_damaged_commit_names_file_and_line) {
  create();
  put(commit_name(1), "{\"txn\":{\"appId\":\"a\",\"version\":1}}\n{\"add\":{\"path\":\n");

  const auto snapshot = log.snapshot();

  ASSERT_FALSE(snapshot);
  EXPECT_EQ(snapshot.error().fault, Fault::kCorrupt);
  EXPECT_EQ(snapshot.error().where, commit_path(kTable, 1) + ":2");
}

TEST_F(LogTest, refresh_reads_only_new_commits) {
  store::CountingStore counting(store);
  JsonParquetIo io(counting);
  Log counted({counting, io, clock, random}, kTable);
  auto snapshot = create();
  for (int i = 0; i < 25; ++i) {
    snapshot = must_commit(snapshot, {file("f" + std::to_string(i))});
  }
  const auto known = counted.snapshot();
  must_commit(snapshot, {file("new")});
  counting.reset();

  const auto refreshed = counted.snapshot(*known);

  ASSERT_TRUE(refreshed);
  EXPECT_EQ((*refreshed)->version(), 26);
  EXPECT_EQ((*refreshed)->files().size(), 26u);
  EXPECT_THAT(counting.counts().opened, ElementsAre(commit_path(kTable, 26)));
  EXPECT_EQ(counting.counts().lists, 0);
  EXPECT_EQ(counted.snapshot(*refreshed)->get(), refreshed->get());  // nothing new: the same one
}

TEST_F(LogTest, refresh_sees_a_table_that_was_made_anew) {
  const auto old = must_commit(create(), {file("a")});
  ASSERT_TRUE(store.remove(commit_path(kTable, 0)));
  ASSERT_TRUE(store.remove(commit_path(kTable, 1)));
  clock.advance(std::chrono::seconds(1));
  must_commit(must_commit(create(), {file("x")}), {file("y")});

  const auto refreshed = log.snapshot(old);

  ASSERT_TRUE(refreshed);
  EXPECT_THAT(paths(*refreshed), ElementsAre("x", "y"));
}

TEST_F(LogTest, refused_features_are_named) {
  put(commit_name(0),
      R"({"protocol":{"minReaderVersion":3,"minWriterVersion":7,"readerFeatures":["wormholes"],)"
      R"("writerFeatures":["wormholes"]}}
{"metaData":{"id":"i","format":{"provider":"parquet"},"schemaString":"{\"type\":\"struct\",\"fields\":[]}","partitionColumns":[],"configuration":{}}})");

  const auto snapshot = log.snapshot();

  ASSERT_FALSE(snapshot);
  EXPECT_EQ(snapshot.error().fault, Fault::kInvalidInput);
  EXPECT_THAT(snapshot.error().message, HasSubstr("'wormholes'"));
}

TEST_F(LogTest, a_table_with_an_unknown_writer_feature_can_be_read_but_not_written) {
  put(commit_name(0),
      R"({"protocol":{"minReaderVersion":1,"minWriterVersion":7,"writerFeatures":["timeLoops"]}}
{"metaData":{"id":"i","format":{"provider":"parquet"},"schemaString":"{\"type\":\"struct\",\"fields\":[]}","partitionColumns":[],"configuration":{}}})");

  const auto snapshot = log.snapshot();
  ASSERT_TRUE(snapshot) << snapshot.error().text();
  const auto written = commit(*snapshot, {file("a")});

  ASSERT_FALSE(written);
  EXPECT_THAT(written.error().message, HasSubstr("'timeLoops'"));
  EXPECT_FALSE(store.head(commit_path(kTable, 1)));
}

TEST_F(LogTest, an_append_only_table_keeps_its_rows) {
  const auto first = must_commit(create(metadata({{"delta.appendOnly", "true"}})), {file("a")});

  const auto overwritten = commit(first, {removal("a")}, {.whole_table = true});

  ASSERT_FALSE(overwritten);
  EXPECT_EQ(overwritten.error().fault, Fault::kInvalidInput);
  EXPECT_THAT(overwritten.error().message, HasSubstr("append-only"));
}

TEST_F(LogTest, a_bad_property_is_refused_before_it_is_committed) {
  const auto made =
      log.commit({.actions = {Protocol{}, metadata({{"delta.checkpointInterval", "often"}})}});

  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().fault, Fault::kInvalidInput);
  EXPECT_THAT(made.error().message, HasSubstr("delta.checkpointInterval = 'often'"));
}

TEST_F(LogTest, pitfall_3_an_empty_partition_value_is_written_as_null) {
  const auto created = create(metadata({}, {"day"}));
  const auto first = must_commit(created, {file("a", {{"day", ""}})});

  EXPECT_EQ(first->files()[0].partition_values.at("day"), std::nullopt);
  EXPECT_THAT(*store.read(commit_path(kTable, 1)), HasSubstr(R"("partitionValues":{"day":null})"));
}

TEST_F(LogTest, pitfall_5_paths_are_compared_byte_for_byte_and_with_their_deletion_vector) {
  AddFile with_vector = file("v");
  with_vector.deletion_vector = DeletionVector{"u", "abc", 1, 10, 2};
  AddFile with_other = file("v");
  with_other.deletion_vector = DeletionVector{"u", "abc", 50, 10, 3};
  RemoveFile old_vector = removal("v");
  old_vector.deletion_vector = with_vector.deletion_vector;
  const auto first = must_commit(create(), {file("a%20b"), with_vector});

  const auto second =
      must_commit(first, {removal("a b"), removal("./a%20b"), removal("v"), with_other, old_vector},
                  {.whole_table = true});

  EXPECT_THAT(paths(second), ElementsAre("a%20b", "v"));
  EXPECT_EQ(second->files()[1].deletion_vector->offset, 50);
  EXPECT_EQ(second->row_count(), 10 + 7);  // the newest vector deletes three of ten
  EXPECT_EQ(second->row_count(1), 10);
}

TEST_F(LogTest, the_same_path_added_again_replaces_the_old_entry) {
  const auto first = must_commit(create(), {file("a"), file("b")});
  AddFile again = file("a");
  again.stats_json = R"({"numRecords":3})";
  const auto second = must_commit(first, {again});

  EXPECT_THAT(paths(second), UnorderedElementsAre("a", "b"));
  EXPECT_EQ(second->row_count(), 13);
}

TEST_F(LogTest, pitfall_12_the_newest_position_counts_and_only_it_expires) {
  const std::int64_t now = 1'700'000'000'000;
  const std::int64_t day = 86'400'000;
  const auto created =
      create(metadata({{"delta.setTransactionRetentionDuration", "interval 7 days"}}));
  auto snapshot = must_commit(created, {Txn{"expired", 1, now}, Txn{"kept", 1}, Txn{"old", 5}});
  snapshot = must_commit(snapshot, {Txn{"expired", 2, now - 8 * day}, Txn{"kept", 2, now}});

  EXPECT_EQ(snapshot->txn("expired"), std::nullopt);  // not 1, which is older than 2
  EXPECT_EQ(snapshot->txn("kept"), 2);
  EXPECT_EQ(snapshot->txn("old"), 5);  // without a time it never expires
  EXPECT_EQ(snapshot->txn("unknown"), std::nullopt);
  EXPECT_EQ((*log.snapshot())->txn("kept"), 2);
}

TEST_F(LogTest, statistics_are_read_by_column) {
  AddFile with_stats = file("a");
  with_stats.stats_json =
      R"({"numRecords":3,"minValues":{"id":-5,"s":{"b":"x\"y"},"d.e":1.50},)"
      R"("maxValues":{"id":7,"s":{"b":null}},"nullCount":{"id":1,"s":{"b":3}}})";
  const auto first = must_commit(create(), {with_stats, file("b")});

  const ColumnStats& id = first->column_stats("id");
  const ColumnStats& nested = first->column_stats("s.b");

  ASSERT_EQ(id.entries.size(), 2u);
  EXPECT_EQ(id.entries[0].min, "-5");
  EXPECT_EQ(id.entries[0].max, "7");
  EXPECT_EQ(id.entries[0].null_count, 1);
  EXPECT_EQ(id.entries[1].min, std::nullopt);
  EXPECT_EQ(nested.entries[0].min, "x\"y");
  EXPECT_EQ(nested.entries[0].max, std::nullopt);
  EXPECT_EQ(nested.entries[0].null_count, 3);
  EXPECT_TRUE(first->column_stats("d.e").entries[0].min);
}

// A store of which each call is a journey: what is asked at the same time is one.
class FarStore final : public store::PassingStore {
 public:
  using PassingStore::PassingStore;
  bool distant() const override { return true; }
  Result<std::string> read(std::string_view path) const override {
    const int now = ++reading_;
    for (int seen = most_; now > seen && !most_.compare_exchange_weak(seen, now);) {
    }
    if (path.ends_with(".json") && waits_ > 0 && --waits_ >= 0) together_.arrive_and_wait();
    auto bytes = inner_.read(path);
    --reading_;
    return bytes;
  }
  Result<std::vector<store::ObjectInfo>> list(std::string_view folder,
                                              std::string_view start) const override {
    ++lists_;
    return inner_.list(folder, start);
  }

  // The next four reads of commits end only when all of them are under way.
  void expect_four_at_once() { waits_ = 4; }
  int most_at_once() const { return most_; }
  int lists() const { return lists_; }

 private:
  mutable std::atomic<int> reading_{0};
  mutable std::atomic<int> most_{0};
  mutable std::atomic<int> waits_{0};
  mutable std::atomic<int> lists_{0};
  mutable std::barrier<> together_{4};
};

TEST_F(LogTest, commits_of_a_distant_store_are_read_at_the_same_time) {
  auto snapshot = create();
  for (int i = 0; i < 7; ++i) snapshot = must_commit(snapshot, {file(std::to_string(i))});
  FarStore far(store);
  const Log far_log({far, parquet, clock, random}, kTable);
  ASSERT_TRUE(far_log.snapshot_at(3)) << "it reads one by one, too";
  far.expect_four_at_once();

  const auto read = far_log.snapshot_at(7);

  ASSERT_TRUE(read) << read.error().text();
  EXPECT_EQ((*read)->files().size(), 7u);
  EXPECT_GE(far.most_at_once(), 4);
}

TEST_F(LogTest, what_is_new_in_a_distant_store_is_listed_once) {
  const auto old = must_commit(create(), {file("a")});
  FarStore far(store);
  const Log far_log({far, parquet, clock, random}, kTable);
  const auto known = *far_log.snapshot();
  const int before = far.lists();
  EXPECT_EQ((*far_log.snapshot(known))->version(), 1) << "nothing is new";
  EXPECT_EQ(far.lists(), before);
  auto snapshot = old;
  for (int i = 0; i < 5; ++i) snapshot = must_commit(snapshot, {file(std::to_string(i))});

  const auto newest = far_log.snapshot(known);

  ASSERT_TRUE(newest) << newest.error().text();
  EXPECT_EQ((*newest)->version(), 6);
  EXPECT_EQ(paths(*newest), paths(snapshot));
  EXPECT_EQ(far.lists(), before + 1);
}

TEST(LogOnDisk, works_on_the_local_file_system) {
  const store::TemporaryFolder folder;
  const auto store = store::open_local(folder.path());
  ASSERT_TRUE(store);
  const SystemClock clock;
  SeededRandom random(1);
  JsonParquetIo parquet(**store);
  Log log({**store, parquet, clock, random}, "t");
  auto snapshot = log.commit({.actions = {Protocol{}, LogTest::metadata()}});
  for (int i = 0; i < 12; ++i) {
    ASSERT_TRUE(snapshot) << snapshot.error().text();
    snapshot = log.commit({.base = *snapshot, .actions = {LogTest::file(std::to_string(i))}});
  }

  const auto read = log.snapshot();

  ASSERT_TRUE(read) << read.error().text();
  EXPECT_EQ((*read)->version(), 12);
  EXPECT_EQ((*read)->files().size(), 12u);
  EXPECT_TRUE((*store)->head("t/_delta_log/00000000000000000010.checkpoint.parquet"));
}

}  // namespace
}  // namespace claimlake::delta
