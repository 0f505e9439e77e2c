#pragma once

#include <CLI/App.hpp>

namespace claimlake::app {

// Gives `--help` of `app` and of all its commands our form: the first line of a command's
// description says what it does, the others are examples; each help ends with the options that
// every command takes. Call it once all commands are added; `app` outlives nothing of it.
void shape_help(CLI::App& app);

}  // namespace claimlake::app
