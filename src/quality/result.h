#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pack/model.h"

namespace claimlake::quality {

// What a rule protects. Each rule counts in one dimension.
enum class Dimension { kComplete, kValid, kUnique, kConsistent, kTimely };
// What became of a rule in a run, from harmless to grave.
enum class Outcome { kPass, kFlag, kWarn, kQuarantine, kDrop, kFail };

const char* dimension_name(Dimension dimension);  // "complete", "valid", ...
const char* outcome_name(Outcome outcome);        // "pass", "flag", ...
Dimension dimension_of(const pack::RuleBody& body);

// How one rule did in one run.
struct RuleResult {
  std::string table;
  std::string rule;
  std::string kind;  // "not_null", "exists_in", ...
  pack::RuleGroup group = pack::RuleGroup::kRow;
  Dimension dimension = Dimension::kValid;
  std::int64_t checked = 0;  // rows that the rule applied to; 1 for a rule on the table as a whole
  std::int64_t failed = 0;
  std::optional<double> value;  // what was measured: rows, percent, seconds, a query's number
  std::string threshold;        // what was demanded
  Outcome outcome = Outcome::kPass;
  std::string message;  // for people; empty if it passed
};

// Whether the table must keep its last good version. Freshness never holds a commit back.
bool fails_table(const std::vector<RuleResult>& results);

}  // namespace claimlake::quality
