#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "engine/engine.h"

namespace claimlake::bench {

// Whom a new claim may be of: a policy that is in silver.dim_policies, and a provider.
struct Policy {
  std::string policy, pet, customer, provider;
};

// `count` of them at most, in an order that follows nothing else.
Result<std::vector<Policy>> policies(engine::Engine& engine, int count);

// The line of a raw file. `id` and `day` of service are new, the rest is plausible.
std::string claim_text(const std::string& id, const Policy& of, const std::string& day);

// The value that `share` of all are below; of none 0.
double at(std::vector<double> values, double share);

// Resident memory of this process now, in bytes.
std::int64_t resident_bytes();
// Time of processors that this process took until now.
double processor_seconds();

}  // namespace claimlake::bench
