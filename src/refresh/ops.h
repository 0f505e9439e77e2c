#pragma once

#include <string>
#include <vector>

#include "bronze/ingest.h"
#include "engine/engine.h"
#include "lake/lake.h"
#include "pack/model.h"
#include "quality/audit.h"
#include "refresh/run_report.h"

namespace claimlake::refresh {

// ops.runs: one row per table and run.
inline constexpr const char* kRunsTable = "ops.runs";

// The tables that the program keeps about its own work (docs/formats/lake.md). One thread at a
// time.
class Ops {
 public:
  // Both outlive this.
  Ops(lake::Lake& lake, const Clock& clock) : lake_(lake), clock_(clock) {}

  // Creates ops.runs, ops.quality_results and ops.quarantine where they are absent.
  Done prepare();

  // Adds what a run did to ops.runs and ops.quality_results.
  Done record(engine::Session& session, const RunReport& report, const char* kind);

  // Makes ops.quarantine hold what `staged` (a relation of the session) shows of the model's
  // refused rows; `any` says whether there are any. Rows that waited and are refused no more
  // become `replayed`. Nothing is written where nothing was waiting and nothing was refused.
  Done keep_rejects(engine::Session& session, const pack::Model& model, const std::string& staged,
                    bool any, const std::string& run);

  // Adds broken records of a Bronze table that are not there yet.
  Done keep_broken(engine::Session& session, const lake::TableName& table,
                   const std::vector<bronze::BrokenRecord>& records, const std::string& run);

 private:
  // Commits `select` to `table`, trying again where another process was first.
  Done append(engine::Session& session, const char* table, const std::string& select,
              const std::string& run);

  lake::Lake& lake_;
  const Clock& clock_;
};

}  // namespace claimlake::refresh
