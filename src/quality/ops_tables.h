#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "delta/schema.h"
#include "quality/result.h"

namespace claimlake::quality {

// ops.quality_results: one row per rule, table and run.
inline constexpr std::string_view kResultsTable = "ops.quality_results";
delta::Schema results_schema();

// Of which run and which version of the table `results` are. No version: nothing was committed.
struct ResultsContext {
  std::string run_id;
  std::optional<std::int64_t> table_version;
  Timestamp evaluated_at{};
};

// The results as a SELECT in the shape of ops.quality_results. `results` must not be empty.
std::string results_select(const std::vector<RuleResult>& results, const ResultsContext& context);

// The older versions that a keyed Silver table left behind: the SELECT of ops.vw_<table>_versions.
// Every Bronze row whose key arrived more than once, with _version (1 is the newest),
// _is_duplicate and _duplicate_of ("file#position" of the newest). Empty if the model has no
// latest_by.
std::string versions_select(const pack::Model& model);
// "vw_fact_claims_versions".
std::string versions_view_name(const pack::Model& model);

}  // namespace claimlake::quality
