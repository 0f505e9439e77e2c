#pragma once

#include <compare>
#include <cstdint>
#include <duckdb/planner/expression.hpp>
#include <map>
#include <set>
#include <utility>

#include "engine/column_lineage.h"

namespace claimlake::engine {

// What a column of a plan is made from, while the plan is walked.
struct Origin {
  ColumnSource source;
  // Not 0: it is a value of the row that a subquery is computed for, and there a constant. Which
  // subquery, by how deep it stands.
  int outer = 0;
  auto operator<=>(const Origin&) const = default;
};
using Origins = std::set<Origin>;

// A column of a plan: table and place.
using PlanColumn = std::pair<duckdb::idx_t, duckdb::idx_t>;
using OriginsOfColumns = std::map<PlanColumn, Origins>;

// What becomes of `origins` where their value is used in that way.
Origins used(const Origins& origins, LineageWay way);
void add(Origins& to, const Origins& more);

// What an expression over `columns` is made from. `counted`: what an aggregate is made from that
// has no columns to compute it from, as COUNT(*).
Origins origins_of(const duckdb::Expression& expression, const OriginsOfColumns& columns,
                   const Origins& counted = {});

}  // namespace claimlake::engine
