#include "refresh/lanes.h"

#include <gmock/gmock.h>

#include <atomic>
#include <latch>
#include <mutex>

namespace claimlake::refresh {
namespace {

TEST(Lanes, one_lane_keeps_the_order) {
  Lanes lanes;
  std::vector<int> done;
  for (int i = 0; i < 5; ++i) lanes.add([&done, i] { done.push_back(i); }, {});

  lanes.run(1);

  EXPECT_EQ(done, (std::vector<int>{0, 1, 2, 3, 4}));
}

TEST(Lanes, nothing_begins_before_what_it_waits_for_has_ended) {
  for (int round = 0; round < 50; ++round) {
    Lanes lanes;
    std::mutex mutex;
    std::vector<std::size_t> order;
    const auto note = [&](std::size_t number) {
      return [&, number] {
        const std::lock_guard lock(mutex);
        order.push_back(number);
      };
    };
    lanes.add(note(0), {});
    lanes.add(note(1), {0});
    lanes.add(note(2), {0});
    lanes.add(note(3), {1, 2});

    lanes.run(3);

    ASSERT_EQ(order.size(), 4u);
    EXPECT_EQ(order.front(), 0u);
    EXPECT_EQ(order.back(), 3u);
  }
}

TEST(Lanes, two_lanes_work_side_by_side) {
  // Each waits until the other has begun: with one thread this would never end.
  Lanes lanes;
  std::latch both(2);
  std::atomic<int> ended{0};
  for (int i = 0; i < 2; ++i) {
    lanes.add(
        [&] {
          both.arrive_and_wait();
          ++ended;
        },
        {});
  }

  lanes.run(2);

  EXPECT_EQ(ended, 2);
}

TEST(Lanes, begins_with_what_leaves_the_longest_way) {
  Lanes lanes;
  std::mutex mutex;
  std::vector<int> begun;
  std::latch both(2);
  const auto note = [&](int number) {
    return [&, number] {
      {
        const std::lock_guard lock(mutex);
        begun.push_back(number);
      }
      if (number == 1 || number == 2) both.arrive_and_wait();
    };
  };
  lanes.add(note(0), {}, {}, 2);
  const std::size_t first = lanes.add(note(1), {}, {}, 1);
  lanes.add(note(2), {}, {}, 3);
  lanes.add(note(3), {first}, {}, 4);

  lanes.run(2);

  ASSERT_EQ(begun.size(), 4U);
  EXPECT_THAT((std::vector<int>{begun[0], begun[1]}), testing::UnorderedElementsAre(1, 2))
      << "1 with what waits for it takes 5, 2 takes 3, 0 takes 2";
}

TEST(Lanes, what_is_too_heavy_together_runs_one_after_the_other) {
  Lanes lanes;
  std::atomic<int> heavy{0};
  std::atomic<bool> together{false};
  std::latch light_began(1);
  const auto work = [&] {
    if (++heavy > 1) together = true;
    light_began.wait();  // what is light goes past those that wait
    --heavy;
  };
  for (int i = 0; i < 3; ++i) lanes.add(work, {}, [] { return 60; });
  lanes.add([&] { light_began.count_down(); }, {}, [] { return 40; });

  lanes.run(2, 100);

  EXPECT_FALSE(together);
}

TEST(Lanes, what_is_heavier_than_all_may_weigh_runs_alone) {
  Lanes lanes;
  std::atomic<int> running{0};
  std::atomic<bool> alone{true};
  std::atomic<int> ended{0};
  for (int i = 0; i < 4; ++i) {
    lanes.add(
        [&] {
          if (++running > 1) alone = false;
          --running;
          ++ended;
        },
        {}, [] { return 500; });
  }

  lanes.run(2, 100);

  EXPECT_TRUE(alone);
  EXPECT_EQ(ended, 4);
}

}  // namespace
}  // namespace claimlake::refresh
