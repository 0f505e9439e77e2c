// Which ids the log gives to rows, by hand after the protocol's text.
#include "delta/row_tracking.h"

#include "delta/log_fixture_for_test.h"
#include "delta/log_json.h"

namespace claimlake::delta {
namespace {

using testing::HasSubstr;
using testing::Not;

class RowTrackingTest : public LogTest {
 public:
  static Protocol protocol() { return {1, 7, {}, {"rowTracking", "domainMetadata"}}; }
  SnapshotPtr tracked(std::map<std::string, std::string> more = {}) {
    more.emplace("delta.enableRowTracking", "true");
    auto made = log.commit({.actions = {protocol(), metadata(std::move(more))}});
    EXPECT_TRUE(made) << made.error().text();
    return made ? *made : nullptr;
  }
  static AddFile rows(std::string path, int count) {
    AddFile out = file(std::move(path));
    out.stats_json = R"({"numRecords":)" + std::to_string(count) + "}";
    return out;
  }
  using Ids = std::map<std::string, std::pair<std::int64_t, std::int64_t>>;
  // First id and version by path.
  static Ids ids(const SnapshotPtr& snapshot) {
    Ids out;
    for (const AddFile& add : snapshot->files()) {
      out[add.path] = {add.base_row_id.value_or(-1), add.default_row_commit_version.value_or(-1)};
    }
    return out;
  }
  std::string entry(LogVersion version) { return *store.read(commit_path(kTable, version)); }
};

TEST_F(RowTrackingTest, each_file_begins_after_the_highest_id_of_those_before) {
  auto snapshot = must_commit(tracked(), {rows("a", 3), rows("b", 0), rows("c", 5)});
  EXPECT_EQ(ids(snapshot), (Ids{{"a", {0, 1}}, {"b", {3, 1}}, {"c", {3, 1}}}));
  EXPECT_THAT(entry(1),
              HasSubstr(R"({"domainMetadata":{"domain":"delta.rowTracking",)"
                        R"("configuration":"{\"rowIdHighWaterMark\":7}","removed":false}})"));
  EXPECT_THAT(entry(1), HasSubstr(R"("tags":{"delta.rowTracking.preserved":"true"})"));

  snapshot = must_commit(snapshot, {removal("c"), rows("d", 1)}, {.whole_table = true});
  EXPECT_EQ(ids(snapshot), (Ids{{"a", {0, 1}}, {"b", {3, 1}}, {"d", {8, 2}}}));
  EXPECT_EQ(ids(*log.snapshot()), ids(snapshot));
}

TEST_F(RowTrackingTest, a_file_that_comes_back_keeps_its_ids) {
  const auto first = must_commit(tracked(), {rows("a", 3)});
  const AddFile old = first->files()[0];
  auto snapshot = must_commit(first, {removal("a"), rows("b", 2)}, {.whole_table = true});

  snapshot = must_commit(snapshot, {removal("b"), old, rows("c", 1)}, {.whole_table = true});

  EXPECT_EQ(ids(snapshot), (Ids{{"a", {0, 1}}, {"c", {5, 3}}}));
}

TEST_F(RowTrackingTest, who_comes_second_numbers_his_rows_after_those_of_the_first) {
  const auto base = must_commit(tracked(), {rows("a", 3)});
  must_commit(base, {rows("b", 4)});

  const auto second = must_commit(base, {rows("c", 2)});

  EXPECT_EQ(ids(second), (Ids{{"a", {0, 1}}, {"b", {3, 2}}, {"c", {7, 3}}}));
  EXPECT_THAT(entry(3), HasSubstr(R"(\"rowIdHighWaterMark\":8)"));
  EXPECT_EQ(ids(*log.snapshot()), ids(second));
}

TEST_F(RowTrackingTest, the_highest_id_outlives_a_checkpoint) {
  auto snapshot = must_commit(tracked({{"delta.checkpointInterval", "2"}}), {rows("a", 3)});
  snapshot = must_commit(snapshot, {removal("a")}, {.whole_table = true});
  for (LogVersion v = 0; v <= 2; ++v) ASSERT_TRUE(store.remove(commit_path(kTable, v)));

  snapshot = must_commit(*log.snapshot(), {rows("b", 1)});

  EXPECT_EQ(ids(snapshot), (Ids{{"b", {3, 3}}}));
}

TEST_F(RowTrackingTest, a_table_that_has_the_feature_and_does_not_use_it_gives_ids_all_the_same) {
  auto made = log.commit({.actions = {protocol(), metadata()}});
  ASSERT_TRUE(made);
  EXPECT_EQ(ids(must_commit(*made, {rows("a", 3)})), (Ids{{"a", {0, 1}}}));
  EXPECT_THAT(entry(1), Not(HasSubstr("preserved")));
}

TEST_F(RowTrackingTest, a_table_that_suspends_it_gives_none) {
  auto made =
      log.commit({.actions = {protocol(), metadata({{"delta.rowTrackingSuspended", "true"}})}});
  ASSERT_TRUE(made);
  EXPECT_EQ(ids(must_commit(*made, {rows("a", 3)})), (Ids{{"a", {-1, -1}}}));
}

TEST_F(RowTrackingTest, a_file_that_does_not_say_how_many_rows_it_has_is_refused) {
  AddFile unknown = file("a");
  unknown.stats_json = R"({"minValues":{}})";

  const auto made = commit(tracked(), {unknown});

  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().text(), HasSubstr("file a do not say how many rows"));
  EXPECT_FALSE(store.head(commit_path(kTable, 1)));
}

TEST_F(RowTrackingTest, ids_do_not_run_over) {
  auto snapshot = must_commit(
      tracked(),
      {DomainMetadata{kRowTrackingDomain, R"({"rowIdHighWaterMark":9223372036854775800})"}});
  EXPECT_TRUE(commit(snapshot, {rows("a", 6)}));
  EXPECT_FALSE(commit(snapshot, {rows("b", 9)}));
}

TEST(RowIdHighWaterMark, is_none_where_the_domain_says_nothing_of_use) {
  for (const char* text : {"", "{}", "[]", R"({"rowIdHighWaterMark":"x"})", "{"}) {
    EXPECT_EQ(row_id_high_water_mark({{kRowTrackingDomain, {kRowTrackingDomain, text}}}), -1)
        << text;
  }
  EXPECT_EQ(row_id_high_water_mark(
                {{kRowTrackingDomain, {kRowTrackingDomain, R"({"rowIdHighWaterMark":4})"}}}),
            4);
}

}  // namespace
}  // namespace claimlake::delta
