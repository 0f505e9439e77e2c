// Times that commits hold, and since when, after the protocol's text.
#include "delta/in_commit_time.h"

#include "delta/log_fixture_for_test.h"
#include "delta/log_json.h"

namespace claimlake::delta {
namespace {

constexpr const char* kSinceVersion = "delta.inCommitTimestampEnablementVersion";
constexpr const char* kSinceTime = "delta.inCommitTimestampEnablementTimestamp";

class InCommitTimeTest : public LogTest {
 public:
  static Metadata on(std::map<std::string, std::string> more = {}) {
    more.emplace("delta.enableInCommitTimestamps", "true");
    return metadata(std::move(more));
  }
  static Protocol protocol() { return {1, 7, {}, {"inCommitTimestamp"}}; }
  std::int64_t time_of(LogVersion version) {
    std::string bytes = *store.read(commit_path(kTable, version));
    const auto info = parse_commit_info(bytes, "log");
    return info && *info ? (*info)->in_commit_timestamp_ms.value_or(-1) : -1;
  }
  static std::int64_t ms(Timestamp time) {
    return std::chrono::floor<std::chrono::milliseconds>(time).time_since_epoch().count();
  }
};

TEST_F(InCommitTimeTest, a_table_that_is_there_says_since_when_it_has_them) {
  auto snapshot = must_commit(create(), {file("a")});
  const std::int64_t before = ms(store.head(commit_path(kTable, 1))->modified_at);
  clock.advance(Timestamp(std::chrono::milliseconds(before - 60'000)) -
                clock.now());  // of another machine, say

  const auto made = log.commit({.base = snapshot, .actions = {protocol(), on()}});

  ASSERT_TRUE(made) << made.error().text();
  EXPECT_EQ(time_of(2), before + 1) << "later than the file of the version before";
  const auto& properties = (*made)->metadata().configuration;
  EXPECT_EQ(properties.at(kSinceVersion), "2");
  EXPECT_EQ(properties.at(kSinceTime), std::to_string(before + 1));
  const auto again = log.snapshot();
  EXPECT_EQ((*again)->metadata().configuration, properties);
}

TEST_F(InCommitTimeTest, who_turns_them_on_as_the_second_says_the_version_it_became) {
  const auto base = create();
  must_commit(base, {file("a")});

  const auto made = commit(base, {protocol(), on()});

  ASSERT_TRUE(made) << made.error().text();
  EXPECT_EQ((*made)->metadata().configuration.at(kSinceVersion), "2");
  EXPECT_EQ((*made)->metadata().configuration.at(kSinceTime), std::to_string(time_of(2)));
}

TEST_F(InCommitTimeTest, a_new_table_has_them_from_the_start_and_need_not_say_so) {
  const auto made = log.commit({.actions = {protocol(), on()}});
  ASSERT_TRUE(made);
  EXPECT_FALSE((*made)->metadata().configuration.contains(kSinceVersion));
}

TEST_F(InCommitTimeTest, older_metadata_does_not_change_since_when) {
  auto snapshot = must_commit(create(), {file("a")});
  snapshot = must_commit(snapshot, {protocol(), on()});

  snapshot = must_commit(snapshot, {on({{kSinceVersion, "1"}, {kSinceTime, "5"}, {"k", "v"}})});

  EXPECT_EQ(snapshot->metadata().configuration.at(kSinceVersion), "2");
  EXPECT_EQ(snapshot->metadata().configuration.at("k"), "v");
}

TEST_F(InCommitTimeTest, history_and_travel_go_by_files_before_and_by_commits_after) {
  auto snapshot = must_commit(create(), {file("a")});
  const Timestamp of_file = store.head(commit_path(kTable, 1))->modified_at;
  clock.advance(of_file - std::chrono::hours(1) - clock.now());
  snapshot = *log.commit({.base = snapshot, .actions = {protocol(), on()}});
  clock.advance(of_file + std::chrono::hours(1) - clock.now());
  snapshot = *log.commit({.base = snapshot, .actions = {file("b")}});

  const auto history = log.history(10);

  ASSERT_TRUE(history);
  ASSERT_EQ(history->size(), 4u);
  EXPECT_EQ(ms((*history)[0].timestamp), time_of(3));
  EXPECT_EQ(ms((*history)[1].timestamp), time_of(2));
  EXPECT_EQ((*history)[2].timestamp, of_file);
  EXPECT_EQ(*log.version_at(of_file), 1);
  EXPECT_EQ(*log.version_at(of_file + std::chrono::milliseconds(1)), 2);
  EXPECT_EQ(*log.version_at(of_file + std::chrono::hours(2)), 3);
}

}  // namespace
}  // namespace claimlake::delta
