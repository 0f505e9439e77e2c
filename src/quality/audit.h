#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
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
  // What queries of rules read in the place of these tables.
  std::map<std::string, std::string> in_place = {};
};

// What was counted for the rules of a table. Most of it is a sum over its rows: when some of them
// change, it goes on from what it was.
struct Tally {
  struct Numbers {  // what they are depends on the kind of rule
    std::optional<double> checked, second;
  };
  std::int64_t rows = 0;
  std::int64_t rejected = 0;
  // Of the rows of a Silver table that are published, the sum of their scores in hundredths: whole
  // numbers, which add up exactly. Absent where it was not counted.
  std::optional<std::int64_t> score_hundredths = {};
  std::map<std::string, Numbers> rules;  // by name

  std::string text() const;  // JSON
  // Absent if `text` is none.
  static std::optional<Tally> parse(std::string_view text);
};

struct Audit {
  std::vector<RuleResult> results;  // in the order of the rules
  Tally tally;
  std::int64_t rows = 0;      // that the table will have
  std::int64_t rejected = 0;  // rows that must be taken out before the commit
  std::optional<double> mean_row_score;
  bool fails = false;  // the table must keep its last good version
};

// Judges what is staged by all rules of its model. Reads only the columns that statistics do not
// answer for, in one scan; then, only where rows failed, their names, and only where two rows seem
// to share a key, that key. Errors: as Session::query.
Result<Audit> audit(engine::Session& session, const AuditInput& input);

// A table some of whose rows were exchanged since it was audited.
struct ChangeAuditInput {
  Tally before;
  AuditInput gone;   // the rows as they were, refused ones too; what was read of other tables then
  AuditInput come;   // as they are now
  AuditInput whole;  // the table as it will be: for rules that cannot go on from what they were
  std::set<std::string> changed;  // other tables that changed since
};
// The same outcome as an audit of the whole, reading the whole only for rules that need it: those
// whose number is no sum over rows, or not over rows of one changed table alone.
Result<Audit> audit_change(engine::Session& session, const ChangeAuditInput& input);

}  // namespace claimlake::quality
