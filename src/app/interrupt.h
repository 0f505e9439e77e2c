#pragma once

#include <functional>
#include <memory>

#include "base/cancel.h"

namespace claimlake::app {

// Listens for Ctrl-C (SIGINT) and SIGTERM while it lives: sets `cancel`, and calls `wake` on a
// thread of its own (so it may take locks). A second Ctrl-C ends the process at once. One at a
// time.
class Interrupt {
 public:
  Interrupt(Cancel cancel, std::function<void()> wake);
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

 private:
  struct Listener;
  std::unique_ptr<Listener> listener_;
};

}  // namespace claimlake::app
