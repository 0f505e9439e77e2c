#include "govern/throttle.h"

#include <gtest/gtest.h>

#include <string>

namespace claimlake::govern {
namespace {

using namespace std::chrono_literals;

class ThrottleTest : public testing::Test {
 protected:
  int taken(const std::string& key, int attempts, const Rate& rate) {
    int count = 0;
    for (int i = 0; i < attempts; ++i) count += throttle_.take(key, rate).count() == 0 ? 1 : 0;
    return count;
  }
  static constexpr Rate kThree{3, 60s};
  SimClock clock_{Timestamp(std::chrono::hours(1))};
  SeededRandom random_{5};
  Throttle throttle_{clock_, random_};
};

TEST_F(ThrottleTest, lets_some_through_at_once_then_one_at_a_time) {
  EXPECT_EQ(taken("ada", 10, kThree), 3);
  clock_.advance(59s);
  EXPECT_EQ(taken("ada", 10, kThree), 0);
  clock_.advance(1s);
  EXPECT_EQ(taken("ada", 10, kThree), 1);
  clock_.advance(10min);
  EXPECT_EQ(taken("ada", 10, kThree), 3);
}

TEST_F(ThrottleTest, says_how_long_to_wait) {
  taken("ada", 3, kThree);
  clock_.advance(20s);

  EXPECT_EQ(throttle_.take("ada", kThree), 40s);
}

TEST_F(ThrottleTest, an_attempt_that_was_held_back_counts_nothing) {
  taken("ada", 100, kThree);
  clock_.advance(60s);
  EXPECT_EQ(throttle_.take("ada", kThree), 0s);
}

TEST_F(ThrottleTest, an_attempt_that_is_given_back_counts_nothing) {
  for (int i = 0; i < 100; ++i) {
    ASSERT_EQ(throttle_.take("ada", kThree), 0s);
    throttle_.give_back("ada", kThree);
  }
}

TEST_F(ThrottleTest, keys_do_not_hold_each_other_back) {
  taken("ada", 3, kThree);
  EXPECT_EQ(taken("bob", 3, kThree), 3);
}

TEST_F(ThrottleTest, a_flood_of_other_keys_does_not_free_one) {
  taken("ada", 3, kThree);
  for (int i = 0; i < 200'000; ++i) throttle_.take("flood " + std::to_string(i), kThree);
  EXPECT_GT(throttle_.take("ada", kThree), 0s);
}

}  // namespace
}  // namespace claimlake::govern
