#include "engine/watchdog.h"

namespace claimlake::engine {
namespace {

// How late a time limit may be noticed. The clock is injected, so that it cannot be waited for.
constexpr std::chrono::milliseconds kPollInterval{5};

}  // namespace

Watchdog::Watchdog(const Clock& clock)
    : clock_(clock), thread_([this](const std::stop_token& stop) { run(stop); }) {}

Watchdog::~Watchdog() = default;

std::unique_ptr<Watchdog::Guard> Watchdog::watch(Deadline deadline, std::function<void()> on_time) {
  auto guard = std::make_unique<Guard>(*this, deadline, std::move(on_time));
  const std::lock_guard lock(mutex_);
  guards_.insert(guard.get());
  changed_.notify_one();
  return guard;
}

Watchdog::Guard::~Guard() {
  const std::lock_guard lock(watchdog_.mutex_);
  watchdog_.guards_.erase(this);
}

void Watchdog::run(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    if (guards_.empty()) {
      changed_.wait(lock, stop, [&] { return !guards_.empty(); });
      continue;
    }
    for (Guard* const guard : guards_) {
      if (!guard->fired_.load() && guard->deadline_.passed(clock_)) {
        guard->fired_.store(true);
        guard->on_time_();
      }
    }
    changed_.wait_for(lock, stop, kPollInterval, [] { return false; });
  }
}

}  // namespace claimlake::engine
