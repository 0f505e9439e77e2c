#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "datagen/date_texts.h"
#include "datagen/draw.h"
#include "datagen/vocabulary.h"

// The book of business that the generator writes down. It is made of blocks that know nothing of
// each other: 1,000 customers with their pets, policies and claims, drawn from the seed and the
// number of the block alone. So blocks can be made in any order, by any number of threads, and
// only the providers are shared. All amounts are whole cents.

namespace claimlake::datagen {

inline constexpr int kCustomersPerBlock = 1'000;
inline constexpr int kPetsPerBlock = 1'300;
inline constexpr int kPoliciesPerBlock = 1'200;
inline constexpr int kClaimsPerBlock = 3'000;
inline constexpr int kBlocksPerScale = 5;

using Uuid = std::array<char, 36>;
Uuid draw_uuid(Draw& draw);  // version 4

// A moment: a day and seconds in it. First versions are written in the morning and later ones in
// the afternoon, so that updated_at is always after created_at.
struct Moment {
  Day day = 0;
  int seconds = 0;
};
Moment morning(Draw& draw, Day day);
Moment afternoon(Draw& draw, Day day);

struct Provider {
  Uuid id;
  std::uint8_t last_name, kind_name, type, city, hours, specialty;  // specialty 0 is none
  std::uint16_t street_number, phone_line;
  std::uint32_t number;  // from 0, unique
  std::uint32_t licence;
  bool in_network, accepts_emergency;
  int rating_tenths, reviews, cost_pct;
  Moment created;
};

struct Customer {
  Uuid id;
  std::uint32_t number;  // from 0, unique in the book
  std::uint8_t first_name, last_name, city, street, domain, contact, referral;
  Segment segment;
  bool opt_in;
  std::uint16_t street_number, phone_line;
  Day born, since;
  Moment created, updated;
  std::int64_t lifetime_value;
};

struct Pet {
  Uuid id;
  std::uint32_t owner;  // index in the block
  std::uint8_t name, breed, color;
  Condition condition;
  std::uint8_t vaccination;
  bool male, neutered, active;
  int weight_tenths;
  std::uint32_t microchip;  // 0 is none
  Day born, adopted;
  Moment created, updated;
  std::uint32_t provider;  // where it usually goes
};

struct Policy {
  Uuid id;
  std::uint32_t number;  // from 0, unique in the book
  std::uint32_t pet;     // index in the block
  PlanIndex plan;
  PolicyStatus status;
  std::uint8_t payment_method;
  bool annual_payment, wellness, dental, behavioral;
  int waiting_days, renewal_count;
  std::int64_t monthly_premium;
  Day effective, expiration;
  std::optional<Day> cancelled;
  Moment created, updated;
  Day end() const { return cancelled.value_or(expiration); }
};

struct Claim {
  Uuid id;
  std::uint32_t number;  // from 0, unique in the book
  std::uint32_t policy;  // index in the block
  std::uint32_t provider;
  std::uint8_t type;
  ClaimStatus status;
  Denial denial;            // only where status is kDenied
  int processing_days = 0;  // 0 is not decided
  std::uint32_t diagnosis, invoice;
  Day service, submitted;
  std::int64_t amount = 0, deductible = 0, covered = 0, paid = 0;
  Moment created, updated;
};

struct Block {
  std::uint32_t index = 0;
  std::vector<Customer> customers;
  std::vector<Pet> pets;
  std::vector<Policy> policies;
  std::vector<Claim> claims;
};

// What all blocks share. Immutable once made.
struct World {
  World(std::uint64_t seed, Date as_of, int providers_count);
  std::uint64_t seed;
  Day as_of;  // the first day of which the book knows nothing yet
  DateTexts dates;
  std::vector<Provider> providers;
  std::array<std::vector<std::uint32_t>, 32> providers_by_city;
};

// Makes block `index`. Pure: the same arguments give the same block. Thread-safe.
Block make_block(const World& world, std::uint32_t index);

// The steps of make_block: customers, pets and policies; then their claims.
void add_households(const World& world, Draw& draw, Block& block);
void add_claims(const World& world, Draw& draw, Block& block);

}  // namespace claimlake::datagen
