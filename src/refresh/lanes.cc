#include "refresh/lanes.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include "base/check.h"

namespace claimlake::refresh {

namespace {

enum class State { kWaiting, kRunning, kEnded };

}  // namespace

std::size_t Lanes::add(std::function<void()> work, std::vector<std::size_t> after, Weigh weigh,
                       double seconds) {
  for (const std::size_t number : after)
    CHECK(number < pieces_.size(), "waits for what is unknown");
  pieces_.push_back({std::move(work), std::move(after), std::move(weigh), seconds});
  return pieces_.size() - 1;
}

// From the beginning of each piece to the end of all that waits for it, one after the other.
std::vector<double> Lanes::ways_left() const {
  std::vector<double> behind(pieces_.size());
  for (std::size_t i = pieces_.size(); i-- > 0;) {
    behind[i] += pieces_[i].seconds;
    for (const std::size_t before : pieces_[i].after) {
      behind[before] = std::max(behind[before], behind[i]);
    }
  }
  return behind;
}

void Lanes::run(int lanes, std::int64_t weight_max) {
  if (lanes <= 1) {
    for (const Piece& piece : pieces_) piece.work();
    return;
  }
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<State> states(pieces_.size(), State::kWaiting);
  std::vector<std::optional<std::int64_t>> weights(pieces_.size());  // once they could begin
  std::size_t running = 0;
  std::int64_t running_weight = 0;
  std::size_t ended = 0;
  const auto may_begin = [&](std::size_t number) {
    if (states[number] != State::kWaiting) return false;
    const Piece& piece = pieces_[number];
    for (const std::size_t before : piece.after) {
      if (states[before] != State::kEnded) return false;
    }
    if (!weights[number]) weights[number] = piece.weigh ? piece.weigh() : 0;
    return running == 0 || *weights[number] <= weight_max - running_weight;
  };
  const std::vector<double> left = ways_left();
  const auto next = [&] {
    std::size_t number = pieces_.size();
    for (std::size_t i = 0; i < pieces_.size(); ++i) {
      if ((number == pieces_.size() || left[i] > left[number]) && may_begin(i)) number = i;
    }
    return number;
  };
  const auto lane = [&] {
    std::unique_lock lock(mutex);
    for (;;) {
      std::size_t number = pieces_.size();
      changed.wait(lock, [&] {
        number = next();
        return number < pieces_.size() || ended == pieces_.size();
      });
      if (number == pieces_.size()) return;
      states[number] = State::kRunning;
      ++running;
      running_weight += *weights[number];
      lock.unlock();
      pieces_[number].work();
      lock.lock();
      states[number] = State::kEnded;
      --running;
      running_weight -= *weights[number];
      ++ended;
      changed.notify_all();
    }
  };
  std::vector<std::thread> threads;
  for (int i = 1; i < lanes; ++i) threads.emplace_back(lane);
  lane();
  for (std::thread& thread : threads) thread.join();
}

}  // namespace claimlake::refresh
