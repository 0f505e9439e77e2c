#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pack/pack.h"

namespace claimlake::serve {

// The tables that the program keeps about itself, as the API reads them.
inline constexpr const char* kRuns = "ops.runs";
inline constexpr const char* kResults = "ops.quality_results";
inline constexpr const char* kQuarantine = "ops.quarantine";

// The columns of one of them, for when it has no version yet. CHECKs that it is one of them.
std::vector<pack::ColumnDoc> ops_columns(std::string_view table);

// The WITH-less SELECT of rule results in the contract's words, from the relation `results`: the
// columns of QualityResult, and `severity` (0 failed to 3 skipped).
std::string results_relation(std::string_view results, const pack::Pack& pack);

// Rows of ops.quarantine in the contract's words, from the relation `quarantine`: the columns of
// QuarantinedRow, `quarantine_id`, and `rules`.
std::string quarantine_relation(std::string_view quarantine);

// Schema RefusedCount: how many rows each table and rule refused, the most waiting first. `rows` is
// a FROM clause over quarantine_relation() AS t, with its WHERE if any.
std::string refused_counts(std::string_view rows);

// One row per table and run in the contract's words, from the relation `runs`: the columns of Run,
// `table_name` and `version`.
std::string runs_relation(std::string_view runs);

}  // namespace claimlake::serve
