#pragma once

#include <string>
#include <vector>

#include "pack/pack.h"

namespace claimlake::pack {

// How the changes of one input lead to a model's keys, for people and programs.
struct InputRoute {
  std::string table;   // "silver.dim_pets"
  bool whole = false;  // any change may touch any key
  // One for each way that the SQL takes: "pet_id = silver.fact_claims.pet_id, whose claim_id is the
  // key". `whole`: why, and at which line of the file.
  std::vector<std::string> ways;
};

// What the turn of the day does to the rows of a model, in one sentence; "" where it has no day.
std::string day_text(const Model& model);

// By input, in the order of the SQL. Empty for a model that has no key.
std::vector<InputRoute> input_routes(const Model& model);

}  // namespace claimlake::pack
