#include "schedule/arrivals.h"

namespace claimlake::schedule {

Arrived SilentArrivals::wait(std::chrono::microseconds at_most) {
  std::unique_lock lock(mutex_);
  woken_.wait_for(lock, at_most, [this] { return wake_; });
  wake_ = false;
  return {};
}

void SilentArrivals::wake() {
  const std::lock_guard lock(mutex_);
  wake_ = true;
  woken_.notify_all();
}

}  // namespace claimlake::schedule
