#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "app/output.h"
#include "refresh/plan_diff.h"

namespace claimlake::app {

// Prints what a plan changes, what reads that, what is computed, and what it may cost.
// `environment`: that it is for; "" is main.
void print_plan(const refresh::Plan& plan, const std::string& environment, const Output& output);
nlohmann::json to_json(const refresh::Plan& plan);

// Likewise how the rows of its tables would differ.
void print_diffs(const std::vector<refresh::PlanDiff>& diffs, const Output& output);
nlohmann::json to_json(const std::vector<refresh::PlanDiff>& diffs);

}  // namespace claimlake::app
