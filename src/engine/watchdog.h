#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <thread>

#include "base/clock.h"
#include "base/deadline.h"

namespace claimlake::engine {

// Calls back when time is up: one thread for all queries that have a time limit. Thread-safe.
class Watchdog {
 public:
  explicit Watchdog(const Clock& clock);  // outlives this
  ~Watchdog();

  // Armed until destroyed. After the destructor returned, the callback neither runs nor will.
  class Guard {
   public:
    Guard(Watchdog& watchdog, Deadline deadline, std::function<void()> on_time)
        : watchdog_(watchdog), deadline_(deadline), on_time_(std::move(on_time)) {}
    ~Guard();
    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;
    bool fired() const { return fired_.load(); }

   private:
    friend class Watchdog;
    Watchdog& watchdog_;
    const Deadline deadline_;
    const std::function<void()> on_time_;
    std::atomic<bool> fired_{false};
  };

  // Calls `on_time` once when `deadline` has passed. It must be short and must not block.
  std::unique_ptr<Guard> watch(Deadline deadline, std::function<void()> on_time);

  const Clock& clock() const { return clock_; }

 private:
  void run(const std::stop_token& stop);

  const Clock& clock_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::set<Guard*> guards_;
  std::jthread thread_;  // last: it uses all of the above
};

}  // namespace claimlake::engine
