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

// The tables that the program keeps about its own work (docs/formats/lake.md). Thread-safe:
// commits are optimistic and tried again.
class Ops {
 public:
  // Both outlive this.
  Ops(lake::Lake& lake, const Clock& clock) : lake_(lake), clock_(clock) {}

  // Creates the tables where they are absent.
  Done prepare();

  // Adds what a run did to ops.runs and ops.quality_results.
  Done record(engine::Session& session, const RunReport& report, const char* kind);

  struct Rejects {
    bool any = false;
    std::int64_t state = 0;  // of the model's table (fingerprint.h)
    std::string run;
    std::string waivers;  // the relation with the rows of ops.waivers; "" if there is none
  };
  // Makes ops.quarantine hold what `staged` (a relation of the session) shows of the model's
  // refused rows. Rows that waited and are refused no more become `replayed` or `waived`. Nothing
  // is written where nothing was waiting and nothing was refused.
  Done keep_rejects(engine::Session& session, const pack::Model& model, const std::string& staged,
                    const Rejects& kept);
  // False if ops.quarantine holds the model's refused rows of another state than `state`: a process
  // that came too late with its table, or died before it, had refused other rows.
  Result<bool> has_rejects_of(const pack::Model& model, std::int64_t state);

  // Adds broken records of a Bronze table that are not there yet.
  Done keep_broken(engine::Session& session, const lake::TableName& table,
                   const std::vector<bronze::BrokenRecord>& records, const std::string& run);

 private:
  // Commits `select` to `table`, trying again where another process was first: always where it
  // has committed a position of `app_id`, if that is not empty.
  Done append(engine::Session& session, const char* table, const std::string& select,
              const std::string& run, const std::string& app_id = {});

  lake::Lake& lake_;
  const Clock& clock_;
};

}  // namespace claimlake::refresh
