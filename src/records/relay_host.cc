#include "records/relay_host.h"

#include <algorithm>

#include "base/log.h"

namespace claimlake::records {
namespace {

using namespace std::chrono_literals;

// After a failure, twice as long after each further one. Without one another process may have left
// something behind: it is looked for at times.
constexpr auto kRetryFirst = 500ms;
constexpr auto kRetryMax = 30'000ms;
constexpr auto kLookEvery = 10'000ms;
constexpr auto kTidyEvery = 1h;
// What is written at rest goes to raw at once; under a flood rows are collected for so long, so
// that files do not take the disk from those who write.
constexpr auto kCollect = 50ms;

}  // namespace

RelayHost::RelayHost(Records& records, store::Store& store)
    : records_(records),
      relay_(records, store),
      tidied_at_(records.clock().steady_now() - kTidyEvery),
      thread_([this] { run(); }) {
  records_.on_commit([this] {
    {
      const std::lock_guard lock(mutex_);
      is_told_ = true;
    }
    changed_.notify_one();
  });
}

RelayHost::~RelayHost() {
  records_.on_commit({});
  {
    const std::lock_guard lock(mutex_);
    is_stopped_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

RelayState RelayHost::state() const {
  return state_.with([](const RelayState& state) { return state; });
}

void RelayHost::run() {
  std::unique_lock lock(mutex_);
  while (!is_stopped_) {
    is_told_ = false;
    lock.unlock();
    work();
    lock.lock();
    if (is_busy_) {
      changed_.wait_for(lock, kCollect, [this] { return is_stopped_; });
    } else if (failures_count_ == 0) {
      changed_.wait_for(lock, kLookEvery, [this] { return is_told_ || is_stopped_; });
    } else {
      const auto wait = std::min<std::chrono::milliseconds>(
          kRetryFirst * (1 << std::min(failures_count_ - 1, 10)), kRetryMax);
      changed_.wait_for(lock, wait, [this] { return is_stopped_; });
    }
  }
}

void RelayHost::work() {
  const auto turn = relay_.turn();
  if (!turn) return fail(turn.error());
  failures_count_ = 0;
  is_busy_ = turn->files > 0;
  state_.with([&turn](RelayState& state) {
    state.files += turn->files;
    state.rows += turn->rows;
    state.problem.clear();
  });
  const auto now = records_.clock().steady_now();
  if (now - tidied_at_ < kTidyEvery) return;
  tidied_at_ = now;
  if (const Done tidied = relay_.tidy(); !tidied) fail(tidied.error());
}

void RelayHost::fail(const Error& error) {
  ++failures_count_;
  is_busy_ = false;
  state_.with([&](RelayState& state) {
    if (state.problem.empty()) state.problem_since = records_.clock().now();
    state.problem = error.text();
  });
  log(LogLevel::kWarning, "relay_failed", {{"error", error.text()}});
}

}  // namespace claimlake::records
