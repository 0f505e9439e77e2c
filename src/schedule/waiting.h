#pragma once

#include <string>
#include <vector>

#include "engine/engine.h"
#include "lake/lake.h"
#include "pack/pack.h"

namespace claimlake::schedule {

// kInvalidInput unless `step` is one: "silver" takes rows of Bronze in, "gold" rows of Silver.
Done check_step(const std::string& step);

// The SELECT of all rows that wait for a step: rows of Bronze that Silver has not taken in
// ("silver"), rows of Silver that Gold has not ("gold"). One row each, with the columns table (that
// waits; several joined by commas), "from", change (insert, update, delete), key, file and position
// (of Bronze rows). Empty where nothing waits. Positions are those of now.
Result<std::string> waiting_select(lake::Lake& lake, const pack::Pack& pack,
                                   const std::string& layer);

}  // namespace claimlake::schedule
