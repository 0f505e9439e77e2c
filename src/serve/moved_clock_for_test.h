#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include "base/clock.h"

namespace claimlake::serve {

// The machine's clock, put forward by hand.
class MovedClock final : public Clock {
 public:
  Timestamp now() const override { return real_.now() + std::chrono::microseconds(micros_.load()); }
  std::chrono::steady_clock::time_point steady_now() const override { return real_.steady_now(); }
  void advance(std::chrono::microseconds by) { micros_ += by.count(); }

 private:
  SystemClock real_;
  std::atomic<std::int64_t> micros_{0};
};

}  // namespace claimlake::serve
