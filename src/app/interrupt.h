#pragma once

#include <functional>
#include <memory>

#include "base/cancel.h"

namespace claimlake::app {

// Listens for Ctrl-C (SIGINT) and SIGTERM while it lives: sets `cancel`, and calls `wake` on a
// thread of its own (so it may take locks). One at a time.
class Interrupt {
 public:
  // What a second Ctrl-C does: end the process at once, or nothing (in a shell, which goes on).
  enum class Again { kEnds, kNothing };

  Interrupt(Cancel cancel, std::function<void()> wake, Again again = Again::kEnds);
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

 private:
  struct Listener;
  std::unique_ptr<Listener> listener_;
};

}  // namespace claimlake::app
