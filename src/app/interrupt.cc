#include "app/interrupt.h"

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <memory>
#include <thread>

#include "base/check.h"

namespace claimlake::app {
namespace {

// Written by the signal handler, read by the listener thread. A pipe is the only thing that both
// may touch.
std::atomic<int> wake_pipe{-1};
std::atomic<int> signals_seen{0};
std::atomic<bool> second_ends{true};

void on_signal(int) {
  if (signals_seen.fetch_add(1) > 0) {
    if (second_ends.load()) _exit(130);
    return;
  }
  const int fd = wake_pipe.load();
  if (fd >= 0) [[maybe_unused]]
    const auto written = write(fd, "s", 1);
}

}  // namespace

struct Interrupt::Listener {
  Cancel cancel;
  std::function<void()> wake;
  int pipe_ends[2] = {-1, -1};
  struct sigaction old_interrupt {};
  struct sigaction old_terminate {};
  std::thread thread;

  void listen() {
    char why = 0;
    if (read(pipe_ends[0], &why, 1) != 1 || why != 's') return;
    cancel.cancel();
    if (wake) wake();
  }
};

Interrupt::Interrupt(Cancel cancel, std::function<void()> wake, Again again)
    : listener_(std::make_unique<Listener>()) {
  listener_->cancel = std::move(cancel);
  listener_->wake = std::move(wake);
  CHECK(pipe(listener_->pipe_ends) == 0, "no pipe for signals");
  signals_seen = 0;
  second_ends = again == Again::kEnds;
  wake_pipe = listener_->pipe_ends[1];
  struct sigaction action {};
  action.sa_handler = on_signal;
  sigaction(SIGINT, &action, &listener_->old_interrupt);
  sigaction(SIGTERM, &action, &listener_->old_terminate);
  listener_->thread = std::thread([listener = listener_.get()] { listener->listen(); });
}

Interrupt::~Interrupt() {
  sigaction(SIGINT, &listener_->old_interrupt, nullptr);
  sigaction(SIGTERM, &listener_->old_terminate, nullptr);
  wake_pipe = -1;
  [[maybe_unused]] const auto written = write(listener_->pipe_ends[1], "q", 1);
  listener_->thread.join();
  close(listener_->pipe_ends[0]);
  close(listener_->pipe_ends[1]);
}

}  // namespace claimlake::app
