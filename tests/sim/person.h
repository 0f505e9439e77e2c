#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/random.h"
#include "delta/action.h"

namespace claimlake::sim {

// A statement about some table that a person may write: a correction, a claim that moves to another
// policy, month or status, a deletion, a restore, upkeep, a new column. `newest` gives the newest
// version of a table, or nothing.
std::string draw_statement(
    Random& random, Date today,
    const std::function<std::optional<delta::LogVersion>(const std::string& table)>& newest);

}  // namespace claimlake::sim
