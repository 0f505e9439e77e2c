#pragma once

#include <cstdint>
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

// The same of one step or, for "", of both, with the column `step` before the others.
Result<std::string> all_waiting(lake::Lake& lake, const pack::Pack& pack, const std::string& step);
// Of such a SELECT: its rows in their order, and how many there are of each kind, with the columns
// step, "from", change, "rows", "for".
std::string waiting_rows(const std::string& select, std::int64_t limit, std::int64_t offset);
std::string waiting_counts(const std::string& select);

}  // namespace claimlake::schedule
