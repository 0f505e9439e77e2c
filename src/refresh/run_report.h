#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "delta/action.h"
#include "quality/result.h"

namespace claimlake::refresh {

// What became of one table in a run.
enum class TableOutcome {
  kBuilt,    // a new version was committed
  kSkipped,  // no input changed
  kRefused,  // a `fail` rule broke: the last good version stays
  kFailed,   // the SQL or the store failed: the last version stays
  kWaiting,  // not started, because the run was stopped or an input has no version yet
};

const char* outcome_name(TableOutcome outcome);  // "built", "skipped", ...

// A raw file that was left out of an ingest. What the fault says of the file: mend it
// (kInvalidInput, kCorrupt), or try again.
struct FileLeftOut {
  std::string file;
  Fault fault;
  std::string reason;
};

struct TableReport {
  std::string table;
  TableOutcome outcome = TableOutcome::kWaiting;
  std::optional<delta::LogVersion> version;  // that readers see now
  std::int64_t rows = 0;                     // written
  std::int64_t refused_rows = 0;             // in quarantine or dropped
  Timestamp started_at{};
  double seconds = 0;
  bool by_key_tried = false;  // and by what it took judged, even if it was built as a whole then
  std::string way;      // of a table that was built: "by key (3 touched)", or "whole: ..." and why
  std::string message;  // why it was refused or failed, for people
  // It failed, but only because others have built it from the newest inputs, by another model, or
  // have dropped it with its model.
  bool left_to_others = false;
  bool of_other_definition =
      false;  // it failed, for others build it, from the newest inputs or not
  // The table because of which it was kept back, where all are published together; else "".
  std::string kept_back_by;
  std::vector<quality::RuleResult> results;
  std::vector<FileLeftOut> left_out;  // of a Bronze table; a failed one without any took no file in
};

// What is to be said of the table: its message; or, where it was built, that a rule fails for every
// row that it is about, which is more likely a mistake in the rule than in the rows. "": nothing.
std::string remark(const TableReport& table);

// Work on a table that has just begun: there is something to do.
struct BegunTable {
  std::string run;
  std::string kind;  // "ingest" or "run"
  Timestamp run_started_at{};
  std::string table;
  Timestamp started_at{};
};

// One ingest or one run.
struct RunReport {
  std::string run;  // its id
  Timestamp started_at{};
  double seconds = 0;
  std::vector<TableReport> tables;
  bool together = false;  // its tables were published together, or not at all

  std::int64_t rows() const;
  std::int64_t refused_rows() const;
  bool ok() const;  // no table refused or failed
};

}  // namespace claimlake::refresh
