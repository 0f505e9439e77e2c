#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "app/terminal.h"
#include "base/result.h"
#include "engine/rows.h"

namespace claimlake::app {

// How a command answers: text for people, or one JSON value on standard output with --json.
struct Output {
  bool json = false;
  void text(const std::string& text) const;       // nothing with --json
  void table(const TextRows& rows) const;         // likewise
  void value(const nlohmann::json& value) const;  // only with --json
};

// Documented in docs/reference/cli.md.
enum class Exit : int {
  kDone = 0,
  kFailed = 1,        // the work was done but a rule, a table or a check failed
  kUsage = 2,         // the command line is wrong
  kInvalidInput = 3,  // SQL, a file, a configuration is wrong
  kNotFound = 4,
  kConflict = 5,
  kUnavailable = 6,  // disk, permission, memory, network
  kCorrupt = 7,
  kTimeout = 8,
  kCancelled = 130,  // Ctrl-C
};

Exit exit_of(Fault fault);
// Prints "error: ..." to standard error, or the error as JSON to standard output with --json.
Exit report(Error error, const Output& output);

}  // namespace claimlake::app
