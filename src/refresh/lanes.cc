#include "refresh/lanes.h"

#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/check.h"

namespace claimlake::refresh {

std::size_t Lanes::add(std::function<void()> work, std::vector<std::size_t> after) {
  for (const std::size_t number : after)
    CHECK(number < pieces_.size(), "waits for what is unknown");
  pieces_.push_back({std::move(work), std::move(after)});
  return pieces_.size() - 1;
}

void Lanes::run(int lanes) {
  if (lanes <= 1) {
    for (const Piece& piece : pieces_) piece.work();
    return;
  }
  enum class State { kWaiting, kRunning, kEnded };
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<State> states(pieces_.size(), State::kWaiting);
  std::size_t ended = 0;
  const auto is_ready = [&](std::size_t number) {
    if (states[number] != State::kWaiting) return false;
    for (const std::size_t before : pieces_[number].after) {
      if (states[before] != State::kEnded) return false;
    }
    return true;
  };
  const auto next_ready = [&] {
    std::size_t number = 0;
    while (number < pieces_.size() && !is_ready(number)) ++number;
    return number;
  };
  const auto lane = [&] {
    std::unique_lock lock(mutex);
    for (;;) {
      std::size_t number = pieces_.size();
      changed.wait(lock, [&] {
        number = next_ready();
        return number < pieces_.size() || ended == pieces_.size();
      });
      if (number == pieces_.size()) return;
      states[number] = State::kRunning;
      lock.unlock();
      pieces_[number].work();
      lock.lock();
      states[number] = State::kEnded;
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
