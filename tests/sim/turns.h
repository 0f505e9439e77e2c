#pragma once

#include <condition_variable>
#include <mutex>
#include <utility>
#include <vector>

#include "base/random.h"

namespace claimlake::sim {

// Lets several threads run one at a time, in an order that the seed decides: each gives way at
// its store operations, and nowhere else.
class Turns {
 public:
  // `random` outlives this. One in strides[i] operations of thread i hands over.
  Turns(std::vector<int> strides, Random& random)
      : strides_(std::move(strides)), running_(strides_.size(), true), random_(random) {}

  // Waits for the first turn of thread `me`.
  void begin(int me) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return turn_ == me; });
  }
  // Perhaps lets another thread go first.
  void yield(int me) {
    std::unique_lock lock(mutex_);
    const int stride = strides_[static_cast<std::size_t>(me)];
    if (random_.below(static_cast<std::uint64_t>(stride)) != 0) return;
    hand_over(me);
    changed_.wait(lock, [&] { return turn_ == me; });
  }
  // Lets the others go first for a long time: until they give way or end.
  void give_way(int me) {
    std::unique_lock lock(mutex_);
    hand_over(me);
    changed_.wait(lock, [&] { return turn_ == me; });
  }
  void end(int me) {
    const std::lock_guard lock(mutex_);
    running_[static_cast<std::size_t>(me)] = false;
    hand_over(me);
  }

 private:
  void hand_over(int me) {
    const int count = static_cast<int>(running_.size());
    for (int next = 1; next <= count; ++next) {
      turn_ = (me + next) % count;
      if (running_[static_cast<std::size_t>(turn_)]) break;
    }
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  const std::vector<int> strides_;
  std::vector<bool> running_;
  int turn_ = 0;
  Random& random_;
};

}  // namespace claimlake::sim
