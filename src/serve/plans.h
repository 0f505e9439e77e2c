#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace claimlake::serve {

// What an insurer sells: one term of one pet. Money in cents.
struct Plan {
  std::string name;
  std::int64_t monthly_premium_cents = 0;
  std::int64_t annual_deductible_cents = 0;
  std::int64_t coverage_limit_cents = 0;
  int reimbursement_percentage = 0;
  int waiting_period_days = 0;
};
const std::vector<Plan>& plans();
std::vector<std::string> plan_names();
const Plan& plan_of(std::string_view name);  // which must be one

// What each of these adds to the monthly premium.
inline constexpr std::int64_t kWellnessCents = 10'00;
inline constexpr std::int64_t kDentalCents = 8'00;
inline constexpr std::int64_t kBehavioralCents = 5'00;

}  // namespace claimlake::serve
