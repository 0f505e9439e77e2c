#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "engine/engine.h"
#include "quality/result.h"

namespace claimlake::quality {

// What the statistics of staged files tell without reading a row.
struct StagedFacts {
  std::int64_t rows = 0;
  std::map<std::string, std::int64_t> null_counts;  // by column, where every file has it
  std::optional<double> least_score;                // of _quality_score
};
StagedFacts staged_facts(const std::vector<engine::WrittenFile>& files);

struct AuditInput {
  const pack::Model& model;  // bound; outlives the audit
  std::string relation;      // what is staged, readable in the session; see checked_select
  StagedFacts facts;
  Timestamp now{};  // against which freshness is judged
  Date as_of{};     // as given to checked_select
};

struct Audit {
  std::vector<RuleResult> results;  // in the order of the rules
  std::int64_t rows = 0;            // that the table will have
  std::int64_t rejected = 0;        // rows that must be taken out before the commit
  std::optional<double> mean_row_score;
  bool fails = false;  // the table must keep its last good version
};

// Judges what is staged by all rules of its model. Reads only the columns that statistics do not
// answer for, in one scan; then, only where rows failed, their names, and only where two rows seem
// to share a key, that key. Errors: as Session::query.
Result<Audit> audit(engine::Session& session, const AuditInput& input);

}  // namespace claimlake::quality
