#pragma once

#include "base/result.h"
#include "check/findings.h"
#include "check/log_folder.h"

namespace claimlake::check {

// Holds each compacted log (VERSION.VERSION.compacted.json) against the entries that it stands for,
// where those are still there. Errors: those of the store.
Done check_compacted_logs(const store::Store& store, const LogFolder& folder, Findings& findings);

}  // namespace claimlake::check
