#pragma once

#include "app/commands.h"

namespace claimlake::app {

// Serves the lake's API and page until Ctrl-C or SIGTERM, then stops within ten seconds. Runs the
// pipeline too, if `with_pipeline` and no other process of this machine does.
// Errors: kInvalidInput (an address that is not loopback), kUnavailable (the port is taken: says
// which and how to choose another).
Result<Exit> serve_until_stopped(Home& home, const Globals& globals, bool with_pipeline = true);

}  // namespace claimlake::app
