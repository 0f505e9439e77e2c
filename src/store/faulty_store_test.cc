#include "store/faulty_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "store/memory_store.h"

namespace claimlake::store {
namespace {

// The fate of each operation by its number from 0; all others are normal.
class Script final : public FaultPlan {
 public:
  explicit Script(std::map<int, Fate> fates) : fates_(std::move(fates)) {}
  Fate next(Operation, std::string_view) override {
    const auto found = fates_.find(operations_++);
    return found == fates_.end() ? Fate::kNormal : found->second;
  }
  bool arrives(std::string_view) override { return arrives_now; }

  bool arrives_now = false;

 private:
  std::map<int, Fate> fates_;
  int operations_ = 0;
};

template <class T>
Fault fault_of(const Result<T>& result) {
  EXPECT_FALSE(result);
  return result.error().fault;
}

TEST(FaultyStore, fails_without_doing_it) {
  MemoryStore memory;
  Script script({{0, Fate::kFail}});
  FaultyStore store(memory, script);

  EXPECT_EQ(fault_of(store.put("a", "1")), Fault::kUnavailable);

  EXPECT_FALSE(memory.read("a"));
  EXPECT_TRUE(store.put("a", "1"));
}

TEST(FaultyStore, is_dead_for_good_and_changes_nothing_any_more) {
  MemoryStore memory;
  Script script({{1, Fate::kDieBefore}});
  FaultyStore store(memory, script);
  auto writer = store.create("w");
  ASSERT_TRUE(writer);

  EXPECT_EQ(fault_of(store.put("a", "1")), Fault::kCancelled);

  EXPECT_TRUE(store.dead());
  EXPECT_EQ(fault_of(store.read("a")), Fault::kCancelled);
  EXPECT_EQ(fault_of((*writer)->finish()), Fault::kCancelled);
  EXPECT_EQ(fault_of(store.put_if_absent("b", "1")), Fault::kCancelled);
  EXPECT_TRUE(memory.list_all("")->empty());
}

TEST(FaultyStore, dies_after_the_operation_has_happened) {
  MemoryStore memory;
  Script script({{0, Fate::kDieAfter}});
  FaultyStore store(memory, script);

  EXPECT_EQ(fault_of(store.put_if_absent("a", "1")), Fault::kCancelled);

  EXPECT_EQ(*memory.read("a"), "1");
  EXPECT_TRUE(store.dead());
}

TEST(FaultyStore, loses_the_answer_with_or_without_the_write) {
  MemoryStore memory;
  Script script({{0, Fate::kLoseRequest}, {1, Fate::kLoseAnswer}, {2, Fate::kLoseAnswer}});
  FaultyStore store(memory, script);

  EXPECT_EQ(*store.put_if_absent("a", "1"), Put::kAmbiguous);
  EXPECT_EQ(*store.put_if_absent("b", "1"), Put::kAmbiguous);
  EXPECT_EQ(fault_of(store.put("c", "1")), Fault::kTimeout);

  EXPECT_FALSE(memory.read("a"));
  EXPECT_TRUE(memory.read("b"));
  EXPECT_TRUE(memory.read("c"));
}

TEST(FaultyStore, lets_a_late_put_lose_against_one_that_came_between) {
  MemoryStore memory;
  Script script({{0, Fate::kLate}});
  FaultyStore store(memory, script);
  EXPECT_EQ(*store.put_if_absent("a", "late"), Put::kAmbiguous);
  EXPECT_EQ(fault_of(store.read("a")), Fault::kNotFound);
  EXPECT_EQ(*store.put_if_absent("a", "between"), Put::kDone);

  script.arrives_now = true;

  EXPECT_EQ(*store.read("a"), "between");
  EXPECT_EQ(store.land_late(), 0);
}

TEST(FaultyStore, lands_a_late_file_even_after_death) {
  MemoryStore memory;
  Script script({{2, Fate::kLate}});
  FaultyStore store(memory, script);
  auto writer = store.create("a");
  ASSERT_TRUE(writer);
  ASSERT_TRUE((*writer)->append("1"));
  EXPECT_EQ(fault_of((*writer)->finish()), Fault::kTimeout);
  store.kill();
  EXPECT_FALSE(memory.read("a"));

  EXPECT_EQ(store.land_late(), 1);

  EXPECT_EQ(*memory.read("a"), "1");
}

TEST(FaultyStore, repeats_a_put_later_over_what_came_between) {
  MemoryStore memory;
  Script script({{0, Fate::kTwice}});
  FaultyStore store(memory, script);
  EXPECT_TRUE(store.put("a", "first"));
  EXPECT_TRUE(store.put("a", "second"));
  EXPECT_EQ(*store.read("a"), "second");
  store.kill();

  EXPECT_EQ(store.land_late(), 1);

  EXPECT_EQ(*memory.read("a"), "first");
}

}  // namespace
}  // namespace claimlake::store
