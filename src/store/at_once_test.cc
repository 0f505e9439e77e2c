#include "store/at_once.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <latch>

namespace claimlake::store {
namespace {

TEST(AtOnce, each_is_done_once) {
  std::array<std::atomic<int>, 100> times{};
  ASSERT_TRUE(for_each_at_once(8, times.size(), [&](std::size_t i) {
    ++times[i];
    return done();
  }));
  for (const auto& each : times) EXPECT_EQ(each, 1);
}

TEST(AtOnce, so_many_run_side_by_side_as_are_asked_for) {
  std::latch all_there(4);  // none gets through alone
  EXPECT_TRUE(for_each_at_once(4, 4, [&](std::size_t) {
    all_there.arrive_and_wait();
    return done();
  }));
}

TEST(AtOnce, none_is_begun_after_an_error) {
  std::size_t begun = 0;
  const auto worked = for_each_at_once(1, 10, [&](std::size_t i) -> Done {
    ++begun;
    if (i == 3) return Error{Fault::kUnavailable, "the third"};
    return done();
  });
  ASSERT_FALSE(worked);
  EXPECT_EQ(worked.error().message, "the third");
  EXPECT_EQ(begun, 4u);
}

TEST(AtOnce, of_several_errors_the_first_in_order_is_told) {
  std::latch all_there(4);
  const auto worked = for_each_at_once(4, 4, [&](std::size_t i) -> Done {
    all_there.arrive_and_wait();
    return Error{Fault::kUnavailable, std::to_string(i)};
  });
  ASSERT_FALSE(worked);
  EXPECT_EQ(worked.error().message, "0");
}

}  // namespace
}  // namespace claimlake::store
