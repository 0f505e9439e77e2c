#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "refresh/plan.h"

namespace claimlake::refresh {

// How the rows of one table would differ from those that it has.
struct PlanDiff {
  struct Column {
    std::string column;
    std::int64_t rows = 0;  // with another value
    std::string key;        // of an example
    std::optional<std::string> before, after;
  };
  std::string table;
  bool by_key = true;         // else rows are compared as a whole: those that differ come and go
  std::int64_t compared = 0;  // rows that it has, of those that were looked at
  std::int64_t come = 0;
  std::int64_t go = 0;
  std::int64_t differ = 0;
  std::vector<Column> columns;  // only those that differ
  std::string note;             // what it was compared with, where that is not what one expects
};

// Computes the tables of `plan` by the pack as it is, from the versions of their inputs and with
// the date that they were computed with, and compares them with their rows: what the edit changes,
// and nothing else. All of them, each from the new rows of the others; or, with a share below 1,
// the models that are other ones, for about that share of their keys, from the tables as they are.
// Writes nothing to the lake. Errors: as Session::query.
Result<std::vector<PlanDiff>> diff_plan(const PlanInput& input, const Plan& plan, double share);

// Compares tables of an environment, whose lake `input` has, with those of main as they are now:
// these, or all that do not share all of their files with it. Before is main. Errors: kNotFound (no
// such table), as Session::query.
Result<std::vector<PlanDiff>> diff_with_main(const PlanInput& input,
                                             const std::vector<std::string>& tables);

}  // namespace claimlake::refresh
