#include "refresh/run_report.h"

#include <fmt/format.h>

namespace claimlake::refresh {

const char* outcome_name(TableOutcome outcome) {
  switch (outcome) {
    case TableOutcome::kBuilt:
      return "built";
    case TableOutcome::kSkipped:
      return "skipped";
    case TableOutcome::kRefused:
      return "refused";
    case TableOutcome::kFailed:
      return "failed";
    case TableOutcome::kWaiting:
      return "waiting";
  }
  return "unknown";
}

std::string remark(const TableReport& table) {
  std::string text = table.message;
  if (table.outcome != TableOutcome::kBuilt) return text;
  for (const quality::RuleResult& result : table.results) {
    const bool takes_out = result.outcome == quality::Outcome::kQuarantine ||
                           result.outcome == quality::Outcome::kDrop;
    const bool all = result.checked > 1 && result.failed == result.checked;
    if (result.group != pack::RuleGroup::kRow || !takes_out || !all) continue;
    text += fmt::format(
        "{}the rule {} fails for all {} rows that it is about ({}), and takes them out; if the "
        "rule is wrong, mend it: they come back with the next run",
        text.empty() ? "" : "; ", result.rule, result.failed, result.threshold);
  }
  return text;
}

std::int64_t RunReport::rows() const {
  std::int64_t sum = 0;
  for (const TableReport& table : tables) sum += table.rows;
  return sum;
}

std::int64_t RunReport::refused_rows() const {
  std::int64_t sum = 0;
  for (const TableReport& table : tables) sum += table.refused_rows;
  return sum;
}

bool RunReport::ok() const {
  for (const TableReport& table : tables) {
    if (table.outcome == TableOutcome::kRefused || table.outcome == TableOutcome::kFailed) {
      return false;
    }
  }
  return true;
}

}  // namespace claimlake::refresh
