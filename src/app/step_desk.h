#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "app/home.h"

namespace claimlake::app {

// Makes the runs that clients of a server ask for, one after the other, and never while the
// pipeline of this process works on the tables. Thread-safe.
class StepDesk {
 public:
  explicit StepDesk(Home& home) : home_(home) { home_.goes_on(); }  // `home` outlives this

  // Errors: kConflict (the tables are worked on, for too long to wait), those of a run.
  Result<refresh::RunReport> take(refresh::RunOptions wanted, const Cancel& cancel);
  // Ends the step that runs in its middle; nothing of it is published then. No more are taken.
  void stop();
  // Held while tables are worked on.
  std::timed_mutex& at_work() { return at_work_; }

 private:
  struct Running {
    refresh::Pipeline* pipeline = nullptr;
    Cancel cancel;
    bool stopped = false;
  };

  Home& home_;
  std::timed_mutex at_work_;
  Guarded<Running> running_;
};

}  // namespace claimlake::app
