#pragma once

#include <string>

#include "app/commands.h"

namespace claimlake::app {

struct DemoOptions {
  bool fresh = false;  // delete the lake first
  int scale = 1;
  bool serve = true;
};

// From nothing to a page: makes the lake if there is none, generates raw files if there are none,
// ingests, runs, says what it did, and serves until Ctrl-C.
Result<Exit> run_demo(const Globals& globals, const DemoOptions& options);

}  // namespace claimlake::app
