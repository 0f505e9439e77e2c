#include <algorithm>
#include <tuple>

#include "base/check.h"
#include "datagen/book.h"

// Claims of a block. Where they fall follows exposure: a policy attracts claims by its days in
// force, its pet's species, breed, age and health. When they fall follows the seasons. Then each
// term is settled in the order of service: waiting period, cover, deductible once a year, limit.

namespace claimlake::datagen {
namespace {

// Scales all amounts so that the book's loss ratio comes out near 68 %.
constexpr int kSeverityPct = 72;
// By month, per cent of the busiest: injuries and parasites in summer, holiday food in December.
constexpr int kSeasonPct[] = {74, 72, 80, 86, 94, 100, 100, 98, 88, 80, 76, 84};

enum AgeBand { kYoung, kAdult, kOld, kAgeBands };

AgeBand age_band(Day age_days) {
  return age_days < 2 * 365 ? kYoung : age_days < 8 * 365 ? kAdult : kOld;
}

bool covered_by(const ClaimType& type, bool wellness, bool dental) {
  return (type.category != "Preventive" || wellness) && (type.category != "Dental" || dental);
}

// Running totals of the weights of claim types, by who claims.
class TypeTables {
 public:
  TypeTables() {
    for (int key = 0; key < kTables; ++key) {
      const bool furry = key & 1;
      const bool wellness = key & 2;
      const bool dental = key & 4;
      const int age = key / 8;
      std::uint32_t total = 0;
      for (std::size_t i = 0; i < claim_types().size(); ++i) {
        const ClaimType& type = claim_types()[i];
        const int age_pct = age == kYoung ? type.young_pct : age == kOld ? type.old_pct : 100;
        const bool possible = (furry || !type.furry_only) && covered_by(type, wellness, dental);
        total += possible ? static_cast<std::uint32_t>(type.weight * age_pct) : 0;
        totals_[static_cast<std::size_t>(key)][i] = total;
      }
    }
  }

  std::uint8_t draw(Draw& draw, bool furry, bool wellness, bool dental, AgeBand age) const {
    const auto& totals =
        totals_[static_cast<std::size_t>(furry + 2 * wellness + 4 * dental + 8 * age)];
    const std::uint32_t hit = draw.below(totals.back());
    return static_cast<std::uint8_t>(std::upper_bound(totals.begin(), totals.end(), hit) -
                                     totals.begin());
  }

 private:
  static constexpr int kTables = 8 * kAgeBands;
  std::array<std::array<std::uint32_t, 20>, kTables> totals_{};
};

const TypeTables& type_tables() {
  static const TypeTables tables;
  return tables;
}

class ClaimMaker {
 public:
  ClaimMaker(const World& world, Draw& draw, Block& block)
      : world_(world), draw_(draw), block_(block), as_of_(world.as_of) {}

  void make() {
    weigh_policies();
    std::vector<Claim>& claims = block_.claims;
    for (int i = 0; i < kClaimsPerBlock; ++i) claims.push_back(draw_claim());
    // Ids make the order total, so that every machine sorts alike.
    std::sort(claims.begin(), claims.end(), [](const Claim& a, const Claim& b) {
      return std::tie(a.policy, a.service, a.id) < std::tie(b.policy, b.service, b.id);
    });
    settle_terms();
    std::sort(claims.begin(), claims.end(), [](const Claim& a, const Claim& b) {
      return std::tie(a.created.day, a.created.seconds, a.id) <
             std::tie(b.created.day, b.created.seconds, b.id);
    });
    for (std::uint32_t i = 0; i < claims.size(); ++i) {
      claims[i].number = block_.index * kClaimsPerBlock + i;
    }
  }

 private:
  // The day after the last on which a service under `policy` can already have been claimed.
  Day service_end(const Policy& policy) const { return std::min(policy.end(), as_of_ - 1); }

  void weigh_policies() {
    std::uint64_t total = 0;
    for (const Policy& policy : block_.policies) {
      const Pet& pet = block_.pets[policy.pet];
      const Breed& breed = breeds()[pet.breed];
      const int days = std::max(0, service_end(policy) - policy.effective);
      const int species_pct = std::array{110, 90, 50, 55}[static_cast<std::size_t>(breed.species)];
      const int age_pct = std::array{125, 90, 160}[age_band(policy.effective - pet.born)];
      const int cover_pct = 100 + (policy.wellness ? 45 : 0) + (policy.dental ? 10 : 0);
      // Who has a high deductible does not send in every bill.
      const int plan_pct = std::array{75, 90, 110, 120}[policy.plan];
      const int health_pct = pet.condition == kNoCondition ? 100 : 120;
      auto weight = static_cast<std::uint64_t>(days) * 100;
      for (const int pct :
           {species_pct, age_pct, breed.frequency_pct, cover_pct, plan_pct, health_pct}) {
        weight = weight * static_cast<std::uint64_t>(pct) / 100;
      }
      total += weight;
      totals_.push_back(total);
    }
    CHECK(total > 0 && total < (1ULL << 32), "a block has exposure");
  }

  Claim draw_claim() {
    Claim claim{};
    const std::uint32_t hit = draw_.below(static_cast<std::uint32_t>(totals_.back()));
    claim.policy = static_cast<std::uint32_t>(
        std::upper_bound(totals_.begin(), totals_.end(), hit) - totals_.begin());
    const Policy& policy = block_.policies[claim.policy];
    const Pet& pet = block_.pets[policy.pet];
    claim.id = draw_uuid(draw_);
    claim.service = draw_service(policy);
    claim.submitted = claim.service + draw_.between(1, std::min(14, as_of_ - 1 - claim.service));
    claim.created = morning(draw_, claim.submitted);
    const bool furry = breeds()[pet.breed].species <= Species::kCat;
    const bool anything = draw_.percent(3);  // some claim what they have not insured
    claim.type = type_tables().draw(draw_, furry, anything || policy.wellness,
                                    anything || policy.dental, age_band(claim.service - pet.born));
    claim.provider = draw_provider(pet, claim_types()[claim.type]);
    claim.amount = draw_amount(claim, pet);
    claim.diagnosis = 1'000 + claim.type * 400u + draw_.below(40);
    claim.invoice = draw_.below(1'000'000);
    return claim;
  }

  Day draw_service(const Policy& policy) {
    for (;;) {
      const Day day = draw_.between(policy.effective, service_end(policy) - 1);
      const bool waiting = day < policy.effective + policy.waiting_days;
      if (waiting && !draw_.percent(15)) continue;
      const int season_pct = kSeasonPct[world_.dates.month(day) - 1];
      if (draw_.percent(static_cast<std::uint32_t>(season_pct))) return day;
    }
  }

  std::uint32_t draw_provider(const Pet& pet, const ClaimType& type) {
    const auto& nearby = world_.providers_by_city[block_.customers[pet.owner].city];
    const auto any = [&] { return nearby[draw_.below(static_cast<std::uint32_t>(nearby.size()))]; };
    if (type.category != "Emergency") return draw_.percent(85) ? pet.provider : any();
    for (int tries = 0; tries < 4; ++tries) {
      const std::uint32_t provider = any();
      if (world_.providers[provider].accepts_emergency) return provider;
    }
    return pet.provider;
  }

  // Small bills are frequent and large ones rare: the mean of u^3 and u^4 for a uniform u.
  std::int64_t draw_amount(const Claim& claim, const Pet& pet) {
    const ClaimType& type = claim_types()[claim.type];
    const std::int64_t u = draw_.below(1 << 16);
    const std::int64_t cube = (u * u >> 16) * u >> 16;
    const std::int64_t skew = (cube + (cube * u >> 16)) / 2;
    std::int64_t cents = type.low_dollars * 100 + (type.high_dollars - type.low_dollars) *
                                                      std::int64_t{100} * skew / (1 << 16);
    cents = cents * breeds()[pet.breed].severity_pct / 100;
    cents = cents * std::array{92, 98, 118}[age_band(claim.service - pet.born)] / 100;
    cents = cents * world_.providers[claim.provider].cost_pct / 100 * kSeverityPct / 100;
    return std::clamp<std::int64_t>(cents, 15'00, 45'000'00);
  }

  void settle_terms() {
    std::vector<Claim>& claims = block_.claims;
    for (std::size_t i = 0; i < claims.size(); ++i) {
      const bool first_of_term = i == 0 || claims[i].policy != claims[i - 1].policy;
      const Policy& policy = block_.policies[claims[i].policy];
      if (first_of_term) {
        deductible_left_ = plans()[policy.plan].deductible_dollars * std::int64_t{100};
        limit_left_ = plans()[policy.plan].limit_dollars * std::int64_t{100};
      }
      decide(policy, claims[i]);
    }
  }

  void decide(const Policy& policy, Claim& claim) {
    const Day decided = claim.submitted + draw_days(claim.amount);
    if (decided > as_of_ - 1) {
      claim.status = as_of_ - claim.submitted <= 2 ? kSubmitted : kUnderReview;
      claim.updated = claim.created;
      return;
    }
    claim.processing_days = decided - claim.submitted;
    claim.updated = afternoon(draw_, decided);
    if (const auto denial = denied(policy, claim)) {
      claim.status = kDenied;
      claim.denial = *denial;
      return;
    }
    pay(plans()[policy.plan], claim);
    if (claim.status != kApproved || claim.covered == 0 || draw_.percent(8)) return;
    const Day paid = decided + draw_.between(0, 5);
    if (paid > as_of_ - 1) return;
    claim.status = kPaid;
    claim.updated = afternoon(draw_, paid);
  }

  // Mean near four days; large bills take longer.
  int draw_days(std::int64_t amount) {
    if (amount < 300'00) return 1 + static_cast<int>(draw_.below(6));
    if (amount < 1'500'00) return 1 + static_cast<int>(draw_.below(6) + draw_.below(6));
    return 2 + static_cast<int>(draw_.below(10) + draw_.below(10));
  }

  std::optional<Denial> denied(const Policy& policy, const Claim& claim) {
    const ClaimType& type = claim_types()[claim.type];
    if (claim.service < policy.effective + policy.waiting_days) return kWaitingPeriod;
    if (!covered_by(type, policy.wellness, policy.dental)) return kNotCovered;
    if (comes_from(type, block_.pets[policy.pet].condition) && draw_.percent(85)) {
      return kPreExisting;
    }
    if (draw_.percent(3)) return kDocumentation;
    return std::nullopt;
  }

  void pay(const Plan& plan, Claim& claim) {
    // Wellness is an add-on of its own and knows no deductible.
    const bool preventive = claim_types()[claim.type].category == "Preventive";
    claim.deductible = preventive ? 0 : std::min(deductible_left_, claim.amount);
    deductible_left_ -= claim.deductible;
    claim.covered =
        std::min((claim.amount - claim.deductible) * plan.reimbursement_pct / 100, limit_left_);
    limit_left_ -= claim.covered;
    claim.paid = claim.covered;
    claim.status = kApproved;
    if (claim.covered > 0 && draw_.percent(8)) {
      claim.status = kPartiallyApproved;
      claim.paid = claim.covered * draw_.between(50, 90) / 100;
    }
  }

  const World& world_;
  Draw& draw_;
  Block& block_;
  const Day as_of_;
  std::vector<std::uint64_t> totals_;  // running totals of the policies' weights
  std::int64_t deductible_left_ = 0;   // of the term that is being settled
  std::int64_t limit_left_ = 0;
};

}  // namespace

void add_claims(const World& world, Draw& draw, Block& block) {
  block.claims.reserve(kClaimsPerBlock);
  ClaimMaker(world, draw, block).make();
}

}  // namespace claimlake::datagen
