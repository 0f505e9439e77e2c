#include "store/held_commits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "store/faulty_store.h"
#include "store/memory_store.h"

namespace claimlake::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* kFirst = "silver/a/_delta_log/00000000000000000000.json";
constexpr const char* kSecond = "silver/a/_delta_log/00000000000000000001.json";
constexpr const char* kOther = "gold/b/_delta_log/00000000000000000000.json";
constexpr const char* kChecksum = "silver/a/_delta_log/00000000000000000001.crc";

std::vector<std::string> paths(const Result<std::vector<ObjectInfo>>& objects) {
  std::vector<std::string> out;
  EXPECT_TRUE(objects);
  for (const ObjectInfo& object : *objects) out.push_back(object.path);
  return out;
}

class HeldCommitsTest : public testing::Test {
 protected:
  SimClock clock;
  MemoryStore below{clock};
  HeldCommits store{below, clock};
};

TEST_F(HeldCommitsTest, only_who_reads_through_it_sees_what_is_held) {
  ASSERT_TRUE(below.put(kFirst, "one"));
  ASSERT_EQ(*store.put_if_absent(kSecond, "two"), Put::kDone);
  ASSERT_EQ(*store.put_if_absent(kOther, "new"), Put::kDone);
  store.put_aside(kChecksum, "sum");

  EXPECT_EQ(*store.read(kSecond), "two");
  EXPECT_EQ(store.head(kSecond)->size, 3);
  const auto reader = store.open(kSecond);
  char bytes[2];
  ASSERT_TRUE(reader && (*reader)->read(1, bytes));
  EXPECT_EQ(std::string(bytes, 2), "wo");
  EXPECT_THAT(paths(store.list("silver/a/_delta_log")), ElementsAre(kFirst, kChecksum, kSecond));
  EXPECT_THAT(paths(store.list("silver/a/_delta_log", "00000000000000000001.json")),
              ElementsAre(kSecond));
  EXPECT_THAT(paths(store.list_all("gold")), ElementsAre(kOther));
  EXPECT_THAT(*store.list_folders(""), ElementsAre("gold", "silver"));
  EXPECT_THAT(*store.list_folders("gold/b"), ElementsAre("_delta_log"));

  EXPECT_THAT(paths(below.list_all("")), ElementsAre(kFirst));
}

TEST_F(HeldCommitsTest, a_version_that_is_there_or_held_is_not_committed_again) {
  ASSERT_TRUE(below.put(kFirst, "one"));
  EXPECT_EQ(*store.put_if_absent(kFirst, "mine"), Put::kExists);
  EXPECT_EQ(*store.put_if_absent(kSecond, "two"), Put::kDone);
  EXPECT_EQ(*store.put_if_absent(kSecond, "mine"), Put::kExists);
  EXPECT_EQ(*store.read(kSecond), "two");
}

TEST_F(HeldCommitsTest, all_else_goes_on_at_once) {
  ASSERT_TRUE(store.put("silver/a/part.parquet", "rows"));
  ASSERT_EQ(*store.put_if_absent("silver/a/_delta_log/_last_checkpoint", "1"), Put::kDone);
  EXPECT_EQ(*below.read("silver/a/part.parquet"), "rows");
  EXPECT_TRUE(below.head("silver/a/_delta_log/_last_checkpoint"));
  ASSERT_TRUE(store.remove("silver/a/part.parquet"));
  EXPECT_FALSE(below.head("silver/a/part.parquet"));
}

TEST_F(HeldCommitsTest, publishes_in_the_order_of_the_commits) {
  ASSERT_TRUE(store.put_if_absent(kFirst, "one"));
  ASSERT_TRUE(store.put_if_absent(kOther, "new"));
  ASSERT_TRUE(store.put_if_absent(kSecond, "two"));
  store.put_aside(kChecksum, "sum");

  const auto published = store.publish();

  ASSERT_EQ(published.commits.size(), 3u);
  EXPECT_EQ(published.commits[1].table, "gold/b");
  EXPECT_EQ(published.commits[2].version, 1);
  EXPECT_EQ(published.taken, "");
  EXPECT_THAT(store.held(), IsEmpty());
  EXPECT_EQ(*below.read(kSecond), "two");
  EXPECT_EQ(*below.read(kChecksum), "sum");
}

TEST_F(HeldCommitsTest, who_saw_a_version_while_it_was_held_knows_it_again) {
  ASSERT_TRUE(store.put_if_absent(kFirst, "one"));
  const Timestamp said = store.head(kFirst)->modified_at;
  clock.advance(std::chrono::seconds(1));
  store.publish();
  EXPECT_EQ(store.head(kFirst)->modified_at, said);
  EXPECT_EQ(store.list("silver/a/_delta_log")->front().modified_at, said);

  clock.advance(std::chrono::seconds(1));
  ASSERT_TRUE(below.put(kFirst, "eno"));
  EXPECT_NE(store.head(kFirst)->modified_at, said) << "another one under its name";
}

TEST_F(HeldCommitsTest, stops_at_a_version_that_another_writer_has_taken) {
  ASSERT_TRUE(store.put_if_absent(kFirst, "one"));
  ASSERT_TRUE(store.put_if_absent(kOther, "new"));
  ASSERT_TRUE(store.put_if_absent(kSecond, "two"));
  EXPECT_EQ(*store.taken(), "");
  ASSERT_TRUE(below.put(kOther, "theirs"));
  EXPECT_EQ(*store.taken(), kOther);

  const auto published = store.publish();

  EXPECT_EQ(published.commits.size(), 1u);
  EXPECT_EQ(published.taken, kOther);
  EXPECT_FALSE(published.failed);
  EXPECT_EQ(*below.read(kOther), "theirs");
  EXPECT_FALSE(below.head(kSecond));
  ASSERT_EQ(store.drop().size(), 2u);
  EXPECT_EQ(*store.read(kOther), "theirs");
  EXPECT_FALSE(store.head(kSecond));
}

// One fate for the first put, and what is normal for all else.
class OnePut final : public FaultPlan {
 public:
  explicit OnePut(Fate fate) : fate_(fate) {}
  Fate next(Operation operation, std::string_view) override {
    if (operation != Operation::kPutIfAbsent) return Fate::kNormal;
    return std::exchange(fate_, Fate::kNormal);
  }
  bool arrives(std::string_view) override { return false; }

 private:
  Fate fate_;
};

TEST_F(HeldCommitsTest, a_table_that_was_dropped_meanwhile_is_not_begun_with_a_late_version) {
  ASSERT_TRUE(below.put(kFirst, "one"));
  ASSERT_EQ(*store.put_if_absent(kSecond, "two"), Put::kDone);
  EXPECT_EQ(*store.taken(), "");
  ASSERT_TRUE(below.remove(kFirst));

  EXPECT_EQ(*store.taken(), kSecond);
  EXPECT_EQ(store.publish().taken, kSecond) << "also if that is seen only then";
  EXPECT_THAT(paths(below.list_all("")), IsEmpty());
}

TEST_F(HeldCommitsTest, old_entries_may_have_gone_behind_a_checkpoint) {
  ASSERT_TRUE(below.put("silver/a/_delta_log/00000000000000000000.checkpoint.parquet", "all"));
  ASSERT_EQ(*store.put_if_absent(kSecond, "two"), Put::kDone);
  EXPECT_EQ(*store.taken(), "");
  EXPECT_EQ(store.publish().commits.size(), 1U);
}

TEST_F(HeldCommitsTest, a_lost_answer_is_settled_by_looking) {
  for (const Fate fate : {Fate::kLoseRequest, Fate::kLoseAnswer, Fate::kTwice}) {
    MemoryStore memory(clock);
    OnePut plan(fate);
    FaultyStore faulty(memory, plan);
    HeldCommits held(faulty, clock);
    ASSERT_TRUE(held.put_if_absent(kFirst, "one"));
    ASSERT_TRUE(held.put_if_absent(kSecond, "two"));
    const auto published = held.publish();
    EXPECT_EQ(published.commits.size(), 2u);
    EXPECT_EQ(*memory.read(kFirst), "one");
  }
}

TEST_F(HeldCommitsTest, what_cannot_be_put_is_still_held) {
  OnePut plan(Fate::kFail);
  FaultyStore faulty(below, plan);
  HeldCommits held(faulty, clock);
  ASSERT_TRUE(held.put_if_absent(kFirst, "one"));
  const auto published = held.publish();
  EXPECT_THAT(published.commits, IsEmpty());
  ASSERT_TRUE(published.failed);
  EXPECT_EQ(published.failed->fault, Fault::kUnavailable);
  EXPECT_FALSE(published.unknown);
  EXPECT_EQ(held.held().size(), 1u);
  EXPECT_FALSE(below.head(kFirst));
}

TEST_F(HeldCommitsTest, where_nobody_knows_whether_it_arrived_that_is_said) {
  OnePut plan(Fate::kDieAfter);
  FaultyStore faulty(below, plan);
  HeldCommits held(faulty, clock);
  ASSERT_TRUE(held.put_if_absent(kFirst, "one"));
  const auto published = held.publish();
  ASSERT_TRUE(published.unknown);
  EXPECT_EQ(published.unknown->table, "silver/a");
}

}  // namespace
}  // namespace claimlake::store
