#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace claimlake::datagen {

// The words of the book and what they mean for risk. Names and ranges follow the field list of the
// pet line; factors are in per cent of an average pet.

enum class Species : std::uint8_t { kDog, kCat, kBird, kExotic };

struct City {
  std::string_view name, state, zip_code, area_code;
};
struct Breed {
  std::string_view name;
  Species species;
  int weight_low, weight_high;  // tenths of a pound, adult
  int frequency_pct, severity_pct;
};
struct Plan {
  std::string_view name;
  int monthly_cents, deductible_dollars, limit_dollars, reimbursement_pct;
  int wellness_pct, dental_pct, behavioral_pct;  // how many take the add-on
};
struct ClaimType {
  std::string_view name;
  std::string_view category;
  int low_dollars, high_dollars;
  int weight;              // how often, for an adult dog
  int young_pct, old_pct;  // how often against that, below 2 and from 8 years
  bool furry_only;         // happens to dogs and cats only
};

inline constexpr std::string_view kSpeciesNames[] = {"Dog", "Cat", "Bird", "Exotic"};
inline constexpr std::string_view kStatusNames[] = {
    "Submitted", "Under Review", "Approved", "Partially Approved", "Denied", "Paid"};
enum ClaimStatus : std::uint8_t {
  kSubmitted,
  kUnderReview,
  kApproved,
  kPartiallyApproved,
  kDenied,
  kPaid
};
inline constexpr std::string_view kDenialNames[] = {"Pre-existing condition", "Waiting period",
                                                    "Not covered", "Documentation missing"};
enum Denial : std::uint8_t { kPreExisting, kWaitingPeriod, kNotCovered, kDocumentation };
inline constexpr std::string_view kPolicyStatusNames[] = {"Pending", "Cancelled", "Expired",
                                                          "Active"};
enum PolicyStatus : std::uint8_t { kPending, kCancelled, kExpired, kActive };
inline constexpr std::string_view kSegmentNames[] = {"New", "Active", "Loyal", "At Risk",
                                                     "Churned"};
enum Segment : std::uint8_t { kNewSegment, kActiveSegment, kLoyal, kAtRisk, kChurned };
// Index 0 is none.
inline constexpr std::string_view kConditionNames[] = {"",         "Allergies",    "Hip Dysplasia",
                                                       "Diabetes", "Heart Murmur", "Arthritis"};
enum Condition : std::uint8_t { kNoCondition, kAllergies, kHips, kDiabetes, kHeart, kArthritis };

enum PlanIndex : std::uint8_t { kBasic, kStandard, kPremium, kUnlimited };

std::span<const std::string_view> first_names();
std::span<const std::string_view> last_names();
std::span<const std::string_view> pet_names();
std::span<const std::string_view> streets();
std::span<const std::string_view> colors();
std::span<const City> cities();
std::span<const Breed> breeds();  // ordered by species
std::span<const Plan> plans();    // ordered by PlanIndex
std::span<const ClaimType> claim_types();
// The breeds of one species: a part of breeds().
std::span<const Breed> breeds_of(Species species);
// True where a claim of this type for a pet that had this condition before is not insured.
bool comes_from(const ClaimType& type, Condition condition);

}  // namespace claimlake::datagen
