#pragma once

#include <string>
#include <string_view>

#include "base/cancel.h"
#include "base/progress.h"
#include "base/result.h"
#include "check/findings.h"
#include "delta/log.h"
#include "engine/engine.h"

namespace claimlake::check {

// What a check needs; all outlive it. Nothing is written.
struct CheckContext {
  delta::LogContext log;     // the store of the table, and what reads it as a query does
  engine::Session& session;  // of that store, with Access::kInternal
  Progress& progress;
  Cancel cancel;
};

struct CheckOptions {
  // Also reads all rows of the newest version, and holds the statistics against them.
  bool with_rows = false;
};

struct CheckReport {
  delta::LogVersion oldest = 0;  // of the versions that the log still has
  delta::LogVersion newest = 0;
  std::int64_t files = 0;  // of the newest version
  std::int64_t bytes = 0;
  Findings findings;

  bool ok() const { return findings.count(Severity::kError) == 0; }
};

// Checks the Delta table at `table_path` ("" is the root of the store) against the protocol: the
// whole log that is there, and the files of the newest version. In memory are the list of live
// files and one log entry at a time. Errors: kNotFound (no table there), those of the store and the
// engine, kCancelled; what is wrong with the table is in the report.
Result<CheckReport> check_table(const CheckContext& context, std::string_view table_path,
                                const CheckOptions& options = {});

}  // namespace claimlake::check
