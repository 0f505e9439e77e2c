#include "delta/conflict.h"

#include "delta/log_fixture_for_test.h"

namespace claimlake::delta {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const Action kAppend = LogTest::file("theirs", {{"day", "1"}});
const Action kRearranged = [] {
  AddFile file = LogTest::file("theirs", {{"day", "1"}});
  file.data_change = false;
  return file;
}();
const Action kRemoval = [] {
  RemoveFile remove = LogTest::removal("base");
  remove.extended_file_metadata = true;
  remove.partition_values = {{"day", "1"}};
  return remove;
}();
const Action kRemovalOfUnknown = LogTest::removal("base");

struct Case {
  const char* name;
  Action winning;
  std::vector<Action> mine;
  ReadSet read;
  bool conflicts;
};

const ReadSet kNothing{};
const ReadSet kAll{.whole_table = true};
const ReadSet kDay1{.partitions = {{{"day", "1"}}}};
const ReadSet kDay2{.partitions = {{{"day", "2"}}}};

// The rows of docs/formats/conflict.md.
const Case kCases[] = {
    {"append after append", kAppend, {LogTest::file("mine")}, kNothing, false},
    {"append after overwrite", kRemoval, {LogTest::file("mine")}, kNothing, false},
    {"overwrite after append", kAppend, {LogTest::removal("other")}, kAll, true},
    {"overwrite after removal", kRemoval, {LogTest::removal("other")}, kAll, true},
    {"overwrite after rearranging", kRearranged, {LogTest::removal("other")}, kAll, false},
    {"removal of the same file", kRemoval, {LogTest::removal("base")}, kNothing, true},
    {"replace of the same partition after append", kAppend, {}, kDay1, true},
    {"replace of another partition after append", kAppend, {}, kDay2, false},
    {"replace of the same partition after removal", kRemoval, {}, kDay1, true},
    {"replace of another partition after removal", kRemoval, {}, kDay2, false},
    {"replace after removal in a partition not known", kRemovalOfUnknown, {}, kDay2, true},
    {"append after schema change", Metadata{}, {LogTest::file("mine")}, kNothing, true},
    {"append after protocol change", Protocol{}, {LogTest::file("mine")}, kNothing, true},
    {"schema change after append", kAppend, {Metadata{}}, kNothing, false},
    {"same source", Txn{"app", 2}, {Txn{"app", 2}}, kNothing, true},
    {"another source", Txn{"other", 2}, {Txn{"app", 2}}, kNothing, false},
    {"same domain", DomainMetadata{"d", ""}, {DomainMetadata{"d", ""}}, kNothing, true},
    {"another domain", DomainMetadata{"e", ""}, {DomainMetadata{"d", ""}}, kNothing, false},
    {"same new path", kAppend, {LogTest::file("theirs")}, kNothing, true},
    {"restore after the start of a vacuum",
     CommitInfo{.operation = kVacuumStart},
     {LogTest::file("base")},
     {.brings_back = true},
     true},
    {"change of rows after the start of a vacuum",
     CommitInfo{.operation = kVacuumStart},
     {LogTest::removal("base")},
     {.rows = true},
     false},
    {"a change that names its version after the end of a vacuum",
     CommitInfo{.operation = kVacuumEnd},
     {LogTest::file("mine")},
     {.names_version = true},
     true},
    {"only information", CommitInfo{}, {LogTest::removal("base")}, kAll, false},
};

TEST(Conflict, follows_the_table_in_the_docs) {
  for (const Case& each : kCases) {
    const auto error = conflict(7, std::span(&each.winning, 1), each.mine, each.read);
    EXPECT_EQ(error.has_value(), each.conflicts) << each.name;
    if (!error) continue;
    EXPECT_EQ(error->fault, Fault::kConflict) << each.name;
    EXPECT_THAT(error->message, HasSubstr("version 7")) << each.name;
    EXPECT_FALSE(error->next.empty()) << each.name;
  }
}

// A change of rows (UPDATE, DELETE, MERGE) that took rows from file "mine".
TEST(Conflict, a_change_of_rows_follows_what_it_cannot_have_missed) {
  const std::vector<Action> mine = {LogTest::removal("mine"), LogTest::file("new")};
  const ReadSet rows{.rows = true};
  const ReadSet strict{.rows = true, .serializable = true};
  CommitInfo blind;
  blind.is_blind_append = true;
  const std::vector<Action> append = {blind, LogTest::file("theirs")};
  const std::vector<Action> update = {CommitInfo{}, LogTest::removal("base"),
                                      LogTest::file("theirs")};
  const std::vector<Action> removal = {CommitInfo{}, LogTest::removal("base")};
  AddFile fewer = LogTest::file("base");
  fewer.deletion_vector = DeletionVector{"i", "", {}, 0, 1};
  const std::vector<Action> fewer_rows = {CommitInfo{}, LogTest::removal("base"), fewer};
  RemoveFile with_vector = LogTest::removal("base");
  with_vector.deletion_vector = DeletionVector{"i", "", {}, 0, 2};
  const std::vector<Action> more_rows = {CommitInfo{}, with_vector, fewer};
  CommitInfo restore;
  restore.operation = "RESTORE";
  const std::vector<Action> other_rows = {restore, LogTest::removal("base"), fewer};
  const std::vector<Action> same_file = {CommitInfo{}, LogTest::removal("mine")};

  EXPECT_FALSE(conflict(7, append, mine, rows)) << "WriteSerializable: it may come after";
  EXPECT_TRUE(conflict(7, append, mine, strict)) << "Serializable: the log's order must hold";
  EXPECT_TRUE(conflict(7, update, mine, rows)) << "the new rows may be ones to change";
  EXPECT_FALSE(conflict(7, removal, mine, rows)) << "rows go where nothing was changed";
  EXPECT_FALSE(conflict(7, fewer_rows, mine, rows)) << "the same by a deletion vector";
  EXPECT_TRUE(conflict(7, more_rows, mine, rows)) << "a smaller vector brings rows back";
  EXPECT_TRUE(conflict(7, other_rows, mine, rows)) << "RESTORE may bring back some and take others";
  EXPECT_TRUE(conflict(7, same_file, mine, rows)) << "both changed the same file";
}

// A MERGE that found a row in file "base", and so did not insert one.
TEST(Conflict, a_merge_does_not_follow_the_removal_of_a_row_that_kept_it_from_inserting) {
  const std::vector<Action> mine = {LogTest::removal("mine"), LogTest::file("new")};
  const ReadSet read{.rows = true, .files = {"base"}};
  AddFile fewer = LogTest::file("base");
  fewer.deletion_vector = DeletionVector{"i", "", {}, 0, 1};
  RemoveFile rearranged = LogTest::removal("base");
  rearranged.data_change = false;

  const std::vector<Action> gone = {CommitInfo{}, LogTest::removal("base")};
  const std::vector<Action> fewer_rows = {CommitInfo{}, LogTest::removal("base"), fewer};
  const std::vector<Action> optimized = {CommitInfo{}, rearranged, kRearranged};
  const std::vector<Action> another = {CommitInfo{}, LogTest::removal("other")};

  EXPECT_TRUE(conflict(7, gone, mine, read));
  EXPECT_TRUE(conflict(7, fewer_rows, mine, read));
  EXPECT_TRUE(conflict(7, optimized, mine, read)) << "later removals name another file";
  EXPECT_FALSE(conflict(7, another, mine, read));
}

TEST(Conflict, a_position_of_the_same_source_is_told_before_all_else) {
  const std::vector<Action> winning = {Metadata{}, Txn{"app", 2}};
  const std::vector<Action> mine = {Txn{"app", 2}};

  const auto error = conflict(1, winning, mine, kNothing);

  ASSERT_TRUE(error);
  EXPECT_THAT(error->message, HasSubstr("same source 'app'"));
}

TEST_F(LogTest, an_append_follows_appends_of_others) {
  const auto base = create();
  must_commit(base, {file("theirs-1")});
  must_commit(*log.snapshot(), {file("theirs-2")});

  const auto mine = must_commit(base, {file("mine")});

  EXPECT_EQ(mine->version(), 3);
  EXPECT_THAT(paths(mine), ElementsAre("theirs-1", "theirs-2", "mine"));
  EXPECT_THAT(paths(*log.snapshot()), ElementsAre("theirs-1", "theirs-2", "mine"));
}

TEST_F(LogTest, an_overwrite_does_not_follow_an_append_that_it_has_not_read) {
  const auto base = must_commit(create(), {file("a")});
  must_commit(base, {file("theirs")});

  const auto mine = commit(base, {removal("a"), file("mine")}, {.whole_table = true});

  ASSERT_FALSE(mine);
  EXPECT_EQ(mine.error().fault, Fault::kConflict);
  EXPECT_EQ(mine.error().where, kTable);
  EXPECT_THAT(paths(*log.snapshot()), ElementsAre("a", "theirs"));
}

TEST_F(LogTest, replacing_a_partition_follows_a_change_to_another_one) {
  const auto base = must_commit(create(metadata({}, {"day"})),
                                {file("1", {{"day", "1"}}), file("2", {{"day", "2"}})});
  must_commit(base, {file("2b", {{"day", "2"}})});

  const auto mine = must_commit(base, {removal("1"), file("1b", {{"day", "1"}})},
                                {.partitions = {{{"day", "1"}}}});
  const auto late =
      commit(base, {removal("2"), file("2c", {{"day", "2"}})}, {.partitions = {{{"day", "2"}}}});

  EXPECT_THAT(paths(mine), ElementsAre("2", "2b", "1b"));
  ASSERT_FALSE(late);
  EXPECT_THAT(late.error().message, HasSubstr("2b"));
}

TEST_F(LogTest, two_writers_cannot_commit_the_same_position) {
  const auto base = create();
  must_commit(base, {file("a"), Txn{"source", 5}});

  const auto again = commit(base, {file("a-again"), Txn{"source", 5}});

  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().fault, Fault::kConflict);
  EXPECT_THAT(again.error().message, HasSubstr("position 5 of the same source 'source'"));
}

}  // namespace
}  // namespace claimlake::delta
