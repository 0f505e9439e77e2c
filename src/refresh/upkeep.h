#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/cancel.h"
#include "engine/engine.h"
#include "lake/lake.h"

namespace claimlake::refresh {

// What many small commits leave behind: files of few rows, and rows that deletion vectors take out
// of large ones. Reading a table costs more with each.
struct Debt {
  std::string table;
  std::int64_t files = 0;  // that are worth writing anew
  std::int64_t bytes = 0;  // of these
};

// The debt of all tables, those with the most first. Reads no row.
Result<std::vector<Debt>> debts(lake::Lake& lake);

struct Upkeep {
  std::string table;
  std::int64_t files_before = 0;
  std::int64_t files_after = 0;
  double seconds = 0;
  std::string message;  // why it was not done; the next upkeep tries again
};

// Pays the debt of the tables, one after the other. No row changes, readers go on as they were, and
// whoever commits to a table meanwhile comes first: its upkeep is then left for another time. In
// the long run each row is written anew a few times only (lake::Optimize::little). While `hurry`
// says that other work waits, only one table has its turn (none that could not be done), and of
// its debt what is soon paid, unless it has grown to many files; `hurry` may be empty. Errors:
// kCancelled, between two tables or within one; those before stay done.
Result<std::vector<Upkeep>> keep_up(lake::Lake& lake, engine::Session& session, const Clock& clock,
                                    const std::string& run, const Cancel& cancel,
                                    const std::function<bool()>& hurry = {});

}  // namespace claimlake::refresh
