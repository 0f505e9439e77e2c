#pragma once

#include <chrono>

#include "base/clock.h"

namespace claimlake {

// The moment at which waiting ends. Every wait takes one; retries spend the same one.
class Deadline {
 public:
  static Deadline never() { return Deadline(std::chrono::steady_clock::time_point::max()); }
  static Deadline in(const Clock& clock, std::chrono::microseconds time) {
    return Deadline(clock.steady_now() + time);
  }
  bool passed(const Clock& clock) const { return clock.steady_now() >= end_; }
  std::chrono::steady_clock::time_point end() const { return end_; }

 private:
  explicit Deadline(std::chrono::steady_clock::time_point end) : end_(end) {}
  std::chrono::steady_clock::time_point end_;
};

}  // namespace claimlake
