#include <algorithm>
#include <utility>

#include "base/check.h"
#include "datagen/book.h"

// Customers, pets and policies. What a customer pays for policies in force decides the value tier
// (above 1,000 a year Platinum, above 500 Gold, above 200 Silver, else Bronze), so each block is
// put together from a fixed number of households of each kind: 15, 25, 35 and 25 per cent. The
// counts of pets and policies then come out exact: what insured households leave over becomes
// uninsured pets, and earlier terms of policies that were renewed.

namespace claimlake::datagen {
namespace {

enum class Household : std::uint8_t {
  kProspect,     // never had a policy: Bronze
  kLapsed,       // one term that was cancelled or ran out: Bronze
  kPending,      // the first term starts in the next days: Bronze
  kSilver,       // one small policy
  kGold,         // one policy
  kGoldTwo,      // two pets with a small one each
  kPlatinum,     // one large policy
  kPlatinumTwo,  // two pets
};
struct Share {
  Household kind;
  int count;
};
constexpr Share kShares[] = {{Household::kProspect, 95},  {Household::kLapsed, 140},
                             {Household::kPending, 15},   {Household::kSilver, 350},
                             {Household::kGold, 230},     {Household::kGoldTwo, 20},
                             {Household::kPlatinum, 120}, {Household::kPlatinumTwo, 30}};
constexpr int kProspectPets = 60;
constexpr Day kBookDays = 728;  // the book goes back just under 24 months
constexpr Day kTermDays = 365;

int insured_pets(Household kind) {
  if (kind == Household::kProspect) return 0;
  return kind == Household::kGoldTwo || kind == Household::kPlatinumTwo ? 2 : 1;
}

bool in_force(Household kind) { return kind >= Household::kSilver; }

template <class T>
void shuffle(Draw& draw, std::vector<T>& items) {
  for (std::size_t i = items.size(); i > 1; --i) {
    std::swap(items[i - 1], items[draw.below(static_cast<std::uint32_t>(i))]);
  }
}

// A start between `low` and `high` days ago. Recent days are likelier: the book grows.
Day days_ago(Draw& draw, Day low, Day high) {
  for (;;) {
    const Day days = draw.between(low, high);
    if (draw.below(1'000) >= static_cast<std::uint32_t>(days * 250 / kBookDays)) return days;
  }
}

// Builds one block; holds what its steps share.
class HouseholdMaker {
 public:
  HouseholdMaker(const World& world, Draw& draw, Block& block)
      : world_(world), draw_(draw), block_(block), as_of_(world.as_of) {}

  void make() {
    for (const Share& share : kShares) kinds_.insert(kinds_.end(), share.count, share.kind);
    CHECK(kinds_.size() == kCustomersPerBlock, "the shares are of the whole block");
    shuffle(draw_, kinds_);
    for (std::uint32_t i = 0; i < kCustomersPerBlock; ++i) add_customer(i);
    for (std::uint32_t i = 0; i < kCustomersPerBlock; ++i) {
      for (int pet = 0; pet < insured_pets(kinds_[i]); ++pet) add_insured_pet(i);
    }
    add_earlier_terms();
    add_uninsured_pets();
    summarise();
    for (std::uint32_t i = 0; i < kCustomersPerBlock; ++i) complete_customer(i);
    finish_policies();
  }

 private:
  void add_customer(std::uint32_t index) {
    Customer customer{};
    customer.id = draw_uuid(draw_);
    customer.number = block_.index * kCustomersPerBlock + index;
    customer.first_name = pick(first_names().size());
    customer.last_name = pick(last_names().size());
    customer.city = pick(cities().size());
    customer.street = pick(streets().size());
    customer.domain = pick(3);
    customer.contact = pick(3);
    customer.referral = pick(7);
    customer.opt_in = draw_.percent(50);
    customer.street_number = static_cast<std::uint16_t>(draw_.between(1, 9'999));
    customer.phone_line = static_cast<std::uint16_t>(draw_.below(10'000));
    customer.born = as_of_ - draw_.between(21 * 365, 80 * 365);
    customer.since = as_of_ - days_ago(draw_, 2, kBookDays);  // mended when there are policies
    block_.customers.push_back(customer);
  }

  Pet& add_pet(std::uint32_t owner) {
    Pet pet{};
    pet.id = draw_uuid(draw_);
    pet.owner = owner;
    pet.name = pick(pet_names().size());
    const std::uint32_t kind = draw_.below(100);
    const auto species = kind < 55   ? Species::kDog
                         : kind < 90 ? Species::kCat
                         : kind < 95 ? Species::kBird
                                     : Species::kExotic;
    const auto list = breeds_of(species);
    const Breed& breed = list[draw_.below(static_cast<std::uint32_t>(list.size()))];
    pet.breed = static_cast<std::uint8_t>(&breed - breeds().data());
    pet.weight_tenths = draw_.between(breed.weight_low, breed.weight_high);
    pet.color = pick(colors().size());
    pet.male = draw_.percent(50);
    pet.neutered = draw_.percent(60);
    pet.condition = static_cast<Condition>(draw_.percent(25) ? 1 + draw_.below(5) : 0);
    pet.vaccination = static_cast<std::uint8_t>(std::array{0, 0, 0, 0, 0, 0, 0, 0, 1, 2}[pick(10)]);
    pet.microchip = draw_.percent(30) ? 0 : 100'000'000 + draw_.below(900'000'000);
    const auto& nearby = world_.providers_by_city[block_.customers[owner].city];
    const auto count = static_cast<std::uint32_t>(nearby.size());
    pet.provider = nearby[std::min(draw_.below(count), draw_.below(count))];  // some are popular
    block_.pets.push_back(pet);
    return block_.pets.back();
  }

  // Puts birth and adoption before `joined`, the day on which the pet became known.
  void set_age(Pet& pet, Day joined) {
    const int old = static_cast<int>(draw_.below(1'000));
    pet.born = joined - 100 - 4'200 * old / 1'000 * old / 1'000;  // most are young
    pet.adopted = pet.born + draw_.between(50, std::min(365, joined - 25 - pet.born));
    pet.created = morning(draw_, joined);
    pet.updated = afternoon(draw_, draw_.between(joined, as_of_ - 1));
  }

  void add_insured_pet(std::uint32_t owner) {
    const Household kind = kinds_[owner];
    Pet& pet = add_pet(owner);
    pet.active = !in_force(kind) ? draw_.percent(88) : draw_.percent(98);
    Policy policy{};
    policy.pet = static_cast<std::uint32_t>(block_.pets.size() - 1);
    set_term(kind, policy);
    set_plan(kind, pet, policy);
    block_.policies.push_back(policy);
  }

  void set_term(Household kind, Policy& policy) {
    if (kind == Household::kPending) {
      policy.status = kPending;
      policy.effective = as_of_ + draw_.between(1, 15);
    } else if (in_force(kind)) {
      policy.status = kActive;
      policy.effective = as_of_ - days_ago(draw_, 1, kTermDays - 1);
    } else if (draw_.percent(45)) {
      policy.status = kExpired;
      policy.effective = as_of_ - days_ago(draw_, kTermDays + 1, kBookDays);
    } else {
      policy.status = kCancelled;
      do {
        policy.effective = as_of_ - days_ago(draw_, 45, kBookDays);
        policy.cancelled = policy.effective + draw_.between(30, 300);
      } while (*policy.cancelled >= as_of_);
    }
    policy.expiration = policy.effective + kTermDays;
  }

  // The premium follows plan, species, breed and age, within the limits of the household's tier.
  void set_plan(Household kind, const Pet& pet, Policy& policy) {
    int low = 1'000;
    int high = 19'500;
    switch (kind) {
      case Household::kSilver:
        policy.plan = draw_.percent(80) ? kBasic : kStandard;
        low = 1'800, high = 4'150;
        break;
      case Household::kGold:
        policy.plan = draw_.percent(65) ? kStandard : kPremium;
        low = 4'200, high = 8'300;
        break;
      case Household::kGoldTwo:
        policy.plan = kBasic;
        low = 2'120, high = 4'100;
        break;
      case Household::kPlatinum:
        policy.plan = draw_.percent(50) ? kPremium : kUnlimited;
        low = 8'400;
        break;
      case Household::kPlatinumTwo:
        policy.plan = draw_.percent(60) ? kStandard : kPremium;
        low = 4'250;
        break;
      default: {
        const std::uint32_t any = draw_.below(100);
        policy.plan = any < 45 ? kBasic : any < 80 ? kStandard : any < 95 ? kPremium : kUnlimited;
      }
    }
    const Plan& plan = plans()[policy.plan];
    const Breed& breed = breeds()[pet.breed];
    const int species_pct = std::array{105, 85, 60, 65}[static_cast<std::size_t>(breed.species)];
    const int breed_pct = (breed.frequency_pct + breed.severity_pct) / 2;
    const int premium =
        plan.monthly_cents * species_pct / 100 * breed_pct / 100 * draw_.between(92, 112) / 100;
    policy.monthly_premium = std::clamp(premium, low, high);
    policy.wellness = draw_.percent(static_cast<std::uint32_t>(plan.wellness_pct));
    policy.dental = draw_.percent(static_cast<std::uint32_t>(plan.dental_pct));
    policy.behavioral = draw_.percent(static_cast<std::uint32_t>(plan.behavioral_pct));
    policy.payment_method = pick(4);
    policy.annual_payment = draw_.percent(30);
  }

  // What is missing to the full count of policies are first terms of policies now in their second.
  void add_earlier_terms() {
    std::vector<std::uint32_t> active;
    for (std::uint32_t i = 0; i < block_.policies.size(); ++i) {
      if (block_.policies[i].status == kActive) active.push_back(i);
    }
    shuffle(draw_, active);
    const auto missing = kPoliciesPerBlock - block_.policies.size();
    CHECK(missing <= active.size(), "there are more policies in force than earlier terms");
    for (std::size_t i = 0; i < missing; ++i) {
      Policy& second = block_.policies[active[i]];
      second.renewal_count = 1;
      Policy first = second;
      first.renewal_count = 0;
      first.status = kExpired;
      first.effective = second.effective - kTermDays;
      first.expiration = second.effective;
      first.monthly_premium = second.monthly_premium * draw_.between(94, 99) / 100;
      block_.policies.push_back(first);
    }
  }

  // First terms come first in the file; numbers, dates of entry and waiting follow from the order.
  void finish_policies() {
    std::vector<Policy>& policies = block_.policies;
    std::sort(policies.begin(), policies.end(), [](const Policy& a, const Policy& b) {
      return std::pair(a.effective, a.pet) < std::pair(b.effective, b.pet);
    });
    for (std::uint32_t i = 0; i < policies.size(); ++i) {
      Policy& policy = policies[i];
      policy.id = draw_uuid(draw_);
      policy.number = block_.index * kPoliciesPerBlock + i;
      policy.waiting_days = policy.renewal_count > 0 ? 0 : draw_.percent(60) ? 14 : 30;
      const Day entered = policy.renewal_count > 0 ? policy.effective - 5 : joined_[policy.pet];
      policy.created = morning(draw_, entered);
      const Day changed = policy.cancelled.value_or(std::min(policy.effective, as_of_ - 1));
      policy.updated = afternoon(draw_, std::max(changed, entered));
    }
  }

  void add_uninsured_pets() {
    joined_.resize(block_.pets.size());
    for (const Policy& policy : block_.policies) {
      if (policy.renewal_count > 0) continue;  // the first term of that pet is in the list, too
      joined_[policy.pet] = std::min(policy.effective - draw_.between(1, 20), as_of_ - 2);
    }
    for (std::size_t i = 0; i < joined_.size(); ++i) set_age(block_.pets[i], joined_[i]);
    std::uint32_t next_prospect = 0;
    for (int pets = 0; block_.pets.size() < kPetsPerBlock; ++pets) {
      std::uint32_t owner = draw_.below(kCustomersPerBlock);
      if (pets < kProspectPets) {
        while (kinds_[next_prospect] != Household::kProspect) ++next_prospect;
        owner = next_prospect++;
      }
      Pet& pet = add_pet(owner);
      pet.active = draw_.percent(90);
      joined_.push_back(as_of_ - days_ago(draw_, 2, kBookDays));
      set_age(pet, joined_.back());
    }
  }

  // A customer is known since the first pet, some earlier; the rest follows from the household.
  void complete_customer(std::uint32_t index) {
    Customer& customer = block_.customers[index];
    const Summary& summary = summaries_[index];
    if (summary.first_joined < as_of_) {
      customer.since = summary.first_joined - (draw_.percent(20) ? draw_.between(1, 900) : 0);
    }
    customer.created = morning(draw_, customer.since);
    customer.updated = afternoon(draw_, draw_.between(customer.since, as_of_ - 1));
    const Household kind = kinds_[index];
    customer.segment = kind == Household::kLapsed                ? kChurned
                       : !in_force(kind)                         ? kNewSegment
                       : summary.next_expiration - as_of_ < 45   ? kAtRisk
                       : summary.renewed                         ? kLoyal
                       : as_of_ - summary.first_effective <= 180 ? kNewSegment
                                                                 : kActiveSegment;
    // Five years of premium, give or take, as a customer system would guess.
    customer.lifetime_value = summary.monthly_premium * 60 * draw_.between(70, 130) / 100 +
                              draw_.between(25'000, 150'000);
  }

  struct Summary {
    Day first_joined = 1 << 30;        // of the pets
    std::int64_t monthly_premium = 0;  // of policies in force
    Day first_effective = 1 << 30;
    Day next_expiration = 1 << 30;
    bool renewed = false;
  };

  void summarise() {
    summaries_.resize(kCustomersPerBlock);
    for (std::size_t i = 0; i < block_.pets.size(); ++i) {
      Summary& summary = summaries_[block_.pets[i].owner];
      summary.first_joined = std::min(summary.first_joined, joined_[i]);
    }
    for (const Policy& policy : block_.policies) {
      Summary& summary = summaries_[block_.pets[policy.pet].owner];
      summary.first_effective = std::min(summary.first_effective, policy.effective);
      if (policy.status != kActive) continue;
      summary.monthly_premium += policy.monthly_premium;
      summary.next_expiration = std::min(summary.next_expiration, policy.expiration);
      summary.renewed |= policy.renewal_count > 0;
    }
  }

  std::uint8_t pick(std::size_t count) {
    return static_cast<std::uint8_t>(draw_.below(static_cast<std::uint32_t>(count)));
  }

  const World& world_;
  Draw& draw_;
  Block& block_;
  const Day as_of_;
  std::vector<Household> kinds_;    // by customer
  std::vector<Day> joined_;         // by pet: the day on which it became known
  std::vector<Summary> summaries_;  // by customer
};

}  // namespace

void add_households(const World& world, Draw& draw, Block& block) {
  block.customers.reserve(kCustomersPerBlock);
  block.pets.reserve(kPetsPerBlock);
  block.policies.reserve(kPoliciesPerBlock);
  HouseholdMaker(world, draw, block).make();
}

}  // namespace claimlake::datagen
