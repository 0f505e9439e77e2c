#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace claimlake::serve {

// A call of the API, which the panels of the page show, and the tables that it always reads.
struct CallReads {
  std::string call;  // its id: "getSummary"
  std::string path;  // "/api/insights/summary"
  std::vector<std::string> tables;
};

// The calls whose answers come from tables of the pack. Errors: kCorrupt (a contract that cannot be
// read, which is built into the program).
Result<std::vector<CallReads>> call_reads();

}  // namespace claimlake::serve
