#include "refresh/run_report.h"

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
