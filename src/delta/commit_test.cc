// Pitfall 15: a version is committed by exactly one writer, and each writer learns whether it was
// it, also when the store's answer is lost.
#include <deque>
#include <thread>

#include "delta/log_fixture_for_test.h"
#include "store/faulty_store.h"

namespace claimlake::delta {
namespace {

using store::Fate;
using store::Operation;
using testing::ElementsAre;
using testing::HasSubstr;

// The next put_if_absent calls meet these fates, all other calls are normal.
class PutFates final : public store::FaultPlan {
 public:
  Fate next(Operation operation, std::string_view) override {
    if (operation == Operation::kHead && heads_fail) return Fate::kFail;
    if (operation != Operation::kPutIfAbsent || fates.empty()) return Fate::kNormal;
    const Fate fate = fates.front();
    fates.pop_front();
    if (before_next) std::exchange(before_next, nullptr)();
    return fate;
  }
  bool arrives(std::string_view) override { return late_arrives; }

  std::deque<Fate> fates;
  bool late_arrives = false;
  bool heads_fail = false;
  std::function<void()> before_next;  // may use the inner store: another writer
};

class LostAnswers : public LogTest {
 public:
  PutFates plan;
  store::FaultyStore faulty{store, plan};
  Log mine{{faulty, parquet, clock, random}, kTable};

  Result<SnapshotPtr> append(const SnapshotPtr& base, const std::string& path) {
    return mine.commit({.base = base, .actions = {file(path)}, .info = {.operation = "WRITE"}});
  }
};

TEST_F(LostAnswers, pitfall_15_a_commit_whose_answer_was_lost_is_not_repeated) {
  const auto base = create();
  plan.fates = {Fate::kLoseAnswer};

  const auto made = append(base, "a");

  ASSERT_TRUE(made) << made.error().text();
  EXPECT_EQ((*made)->version(), 1);
  EXPECT_THAT(paths(*log.snapshot()), ElementsAre("a"));
}

TEST_F(LostAnswers, pitfall_15_a_commit_whose_request_was_lost_is_put_again) {
  const auto base = create();
  plan.fates = {Fate::kLoseRequest, Fate::kLoseRequest};

  const auto made = append(base, "a");

  ASSERT_TRUE(made) << made.error().text();
  EXPECT_EQ((*log.snapshot())->version(), 1);
}

TEST_F(LostAnswers, pitfall_15_a_request_that_arrives_late_and_one_repeated_make_one_version) {
  const auto base = create();
  plan.fates = {Fate::kLate};
  plan.late_arrives = true;

  const auto made = append(base, "a");
  faulty.land_late();

  ASSERT_TRUE(made) << made.error().text();
  EXPECT_EQ((*log.snapshot())->version(), 1);
  EXPECT_THAT(paths(*log.snapshot()), ElementsAre("a"));
}

TEST_F(LostAnswers, pitfall_15_exists_may_be_our_own_commit_repeated_on_its_way) {
  const auto base = create();
  plan.fates = {Fate::kTwice};

  const auto made = append(base, "a");

  ASSERT_TRUE(made) << made.error().text();
  EXPECT_THAT(paths(*log.snapshot()), ElementsAre("a"));
}

TEST_F(LostAnswers, pitfall_15_another_writer_who_was_first_is_followed) {
  const auto base = create();
  plan.fates = {Fate::kLoseRequest};
  plan.before_next = [&] { must_commit(base, {file("theirs")}); };

  const auto made = append(base, "mine");

  ASSERT_TRUE(made) << made.error().text();
  EXPECT_EQ((*made)->version(), 2);
  EXPECT_THAT(paths(*log.snapshot()), ElementsAre("theirs", "mine"));
}

TEST_F(LostAnswers, pitfall_15_answers_lost_again_and_again_say_that_the_commit_may_be_there) {
  const auto base = create();
  plan.fates = std::deque<Fate>(20, Fate::kLoseRequest);

  const auto made = append(base, "a");

  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().fault, Fault::kUnavailable);
  EXPECT_THAT(made.error().message, HasSubstr("may have been made or not"));
}

TEST_F(LostAnswers, a_process_that_dies_right_after_its_put_learns_that_it_may_be_there) {
  const auto base = create();
  plan.fates = {Fate::kDieAfter};

  const auto made = append(base, "a");

  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().fault, Fault::kUnavailable);  // so that nobody removes the files
  EXPECT_THAT(paths(*log.snapshot()), ElementsAre("a"));
}

TEST_F(LostAnswers, a_commit_that_cannot_be_looked_at_afterwards_is_a_commit) {
  const auto base = create();
  plan.heads_fail = true;

  const auto made = append(base, "a");
  plan.heads_fail = false;

  ASSERT_TRUE(made) << made.error().text();
  EXPECT_THAT(paths(*made), ElementsAre("a"));
  must_commit(*log.snapshot(), {file("b")});
  EXPECT_THAT(paths(*log.snapshot(*made)), ElementsAre("a", "b"));
}

TEST_F(LostAnswers, an_error_that_left_nothing_says_so) {
  const auto base = create();
  plan.fates = {Fate::kFail};

  const auto made = append(base, "a");

  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().fault, Fault::kUnavailable);
  EXPECT_THAT(made.error().message, HasSubstr("version 1 was not committed"));
  EXPECT_EQ((*log.snapshot())->version(), 0);
}

TEST_F(LogTest, writers_that_race_lose_no_file_and_no_version) {
  constexpr int kWriters = 4;
  constexpr int kCommits = 25;
  const auto base = create();
  std::vector<std::thread> writers;
  for (int w = 0; w < kWriters; ++w) {
    writers.emplace_back([&, w] {
      Log own({store, parquet, clock, random}, kTable);
      SnapshotPtr known = base;
      for (int i = 0; i < kCommits; ++i) {
        auto made = own.commit(
            {.base = known, .actions = {file(std::to_string(w) + "-" + std::to_string(i))}});
        ASSERT_TRUE(made) << made.error().text();
        known = *made;
      }
    });
  }
  for (std::thread& writer : writers) writer.join();

  const auto cold = log.snapshot();
  const auto warm = log.snapshot(base);

  ASSERT_TRUE(cold && warm);
  EXPECT_EQ((*cold)->version(), kWriters * kCommits);
  EXPECT_EQ((*cold)->files().size(), std::size_t{kWriters * kCommits});
  EXPECT_THAT(paths(*warm), testing::UnorderedElementsAreArray(paths(*cold)));
}

}  // namespace
}  // namespace claimlake::delta
