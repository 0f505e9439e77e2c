#include "delta/log_cleanup.h"

#include "delta/log_fixture_for_test.h"

namespace claimlake::delta {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using namespace std::chrono_literals;

store::ObjectInfo object(const std::string& name, int day) {
  return {"t/_delta_log/" + name, 10, Timestamp{std::chrono::days(day)}};
}
std::string numbered(LogVersion version, const std::string& rest) {
  return commit_name(version).substr(0, 20) + rest;
}

TEST(ExpiredLog, ends_at_the_last_checkpoint_that_is_old_enough) {
  std::vector<store::ObjectInfo> listing;
  for (int v = 0; v < 9; ++v) {
    listing.push_back(object(commit_name(v), v));  // one a day
    listing.push_back(object(numbered(v, ".crc"), v));
  }
  listing.push_back(object(checkpoint_name(2), 2));
  listing.push_back(object(checkpoint_name(5), 5));
  listing.push_back(object("_last_checkpoint", 5));

  EXPECT_FALSE(expired_before(listing, Timestamp{1 * 24h})) << "no checkpoint is that old";
  EXPECT_EQ(expired_before(listing, Timestamp{4 * 24h}), 2);
  EXPECT_THAT(log_before(listing, 2),
              ElementsAre("t/_delta_log/" + commit_name(0), "t/_delta_log/" + numbered(0, ".crc"),
                          "t/_delta_log/" + commit_name(1), "t/_delta_log/" + numbered(1, ".crc")));
  EXPECT_EQ(expired_before(listing, Timestamp{5 * 24h}), 5);
  EXPECT_EQ(expired_before(listing, Timestamp{100 * 24h}), 5);
}

TEST(ExpiredLog, a_version_is_as_old_as_the_youngest_file_up_to_it) {
  const std::vector<store::ObjectInfo> listing = {
      object(commit_name(0), 1), object(commit_name(1), 50), object(commit_name(2), 3),
      object(checkpoint_name(2), 3), object(commit_name(3), 60)};
  EXPECT_FALSE(expired_before(listing, Timestamp{10 * 24h}));
}

TEST(ExpiredLog, half_a_checkpoint_keeps_nothing_readable) {
  const std::vector<store::ObjectInfo> listing = {
      object(commit_name(0), 1), object(commit_name(1), 1),
      object(numbered(1, ".checkpoint.0000000001.0000000002.parquet"), 1),
      object(commit_name(2), 2)};
  EXPECT_FALSE(expired_before(listing, Timestamp{10 * 24h}));
}

class LogCleanup : public LogTest {
 public:
  // Versions up to `last`, one each day.
  SnapshotPtr table(LogVersion last, std::map<std::string, std::string> properties) {
    properties["delta.checkpointInterval"] = "2";
    auto snapshot = create(metadata(std::move(properties)));
    for (LogVersion v = 1; v <= last; ++v) {
      clock.advance(24h);
      snapshot = must_commit(snapshot, {file("f" + std::to_string(v))});
    }
    return snapshot;
  }
  LogVersion oldest() const {
    const auto listing = sort_out(*store.list(log_folder(kTable)));
    return listing.commits.front().version;
  }
};

TEST_F(LogCleanup, old_versions_end_and_the_others_stay) {
  // The cut is at midnight, and cleaning up comes with every tenth checkpoint: that of version 20.
  table(21, {{"delta.logRetentionDuration", "interval 5 days"}});

  EXPECT_EQ(oldest(), 14);
  for (LogVersion v = 14; v <= 21; ++v) {
    const auto old = log.snapshot_at(v);
    ASSERT_TRUE(old) << old.error().text();
    EXPECT_EQ((*old)->files().size(), static_cast<std::size_t>(v));
  }
  const auto gone = log.snapshot_at(3);
  ASSERT_FALSE(gone);
  EXPECT_THAT(gone.error().text(), HasSubstr("cleaned up"));
}

TEST_F(LogCleanup, can_be_turned_off) {
  table(21, {{"delta.logRetentionDuration", "interval 5 days"},
             {"delta.enableExpiredLogCleanup", "false"}});
  EXPECT_EQ(oldest(), 0);
}

TEST_F(LogCleanup, thirty_days_are_kept_unless_the_table_says_otherwise) {
  table(21, {});
  EXPECT_EQ(oldest(), 0);
}

TEST_F(LogCleanup, times_in_commits_count_where_the_table_has_them) {
  // The clock ran far ahead once, so later commits have times in them that their files have not.
  auto snapshot = create(metadata({{"delta.checkpointInterval", "2"},
                                   {"delta.logRetentionDuration", "interval 5 days"},
                                   {"delta.enableInCommitTimestamps", "true"}}));
  clock.advance(24h * 100);
  snapshot = must_commit(snapshot, {file("ahead")});
  clock.advance(-24h * 99);
  for (LogVersion v = 2; v <= 21; ++v) {
    clock.advance(24h);
    snapshot = must_commit(snapshot, {file("f" + std::to_string(v))});
  }
  EXPECT_EQ(oldest(), 0) << "by their own times all versions after the first are young";
}

}  // namespace
}  // namespace claimlake::delta
