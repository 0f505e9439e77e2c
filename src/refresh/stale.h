#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/guarded.h"
#include "engine/engine.h"
#include "lake/lake.h"
#include "pack/pack.h"
#include "refresh/run_report.h"

namespace claimlake::refresh {

// ops.stale: one row per table whose last refresh was refused or failed; its readers see an older
// version (docs/formats/quarantine.md). Written only when that changes, and made by the first time.
inline constexpr std::string_view kStaleTable = "ops.stale";
inline constexpr std::string_view kStaleAppId = "claimlake.stale";

// A table whose rows are older than they should be.
struct Stale {
  std::string table;
  std::string because_of;  // the table whose refresh came to nothing: itself, one that it reads,
                           // or one that is published together with it
  Timestamp since{};       // when that happened first
  std::string outcome;     // "refused", "failed"
  std::string run;         // the last one that tried
  std::vector<std::string> rules;  // that broke; none where it failed
  std::string message;             // why, for people

  std::string text() const;  // one line for people
};
// The object of the contract: schema Stale of api/openapi.yaml.
std::string to_json(const Stale& stale);

using StaleList = std::vector<Stale>;  // one per table, in the order of the pack

// Keeps ops.stale in step with what a run did. Costs one look-up where all went well before and
// now.
Done keep_stale(lake::Lake& lake, engine::Engine& engine, const RunReport& report);

// Which tables and views are stale: those of ops.stale, and what reads them. Thread-safe.
class StaleTables {
 public:
  // All outlive this.
  StaleTables(lake::Lake& lake, engine::Engine& engine, const pack::Pack& pack)
      : lake_(lake), engine_(engine), pack_(pack) {}

  // As of now. Reads the table only where it has another version than the last time.
  Result<std::shared_ptr<const StaleList>> look();
  // As this version of ops.stale says; null: there is no such table, and nothing is stale.
  Result<std::shared_ptr<const StaleList>> at(const delta::SnapshotPtr& snapshot);

 private:
  struct Seen {
    std::string table_id;
    delta::LogVersion version = -1;
    std::shared_ptr<const StaleList> list;
  };

  lake::Lake& lake_;
  engine::Engine& engine_;
  const pack::Pack& pack_;
  Guarded<Seen> seen_;
};

// The one of `list` that is of `table`, or null.
const Stale* find_stale(const StaleList& list, std::string_view table);

}  // namespace claimlake::refresh
