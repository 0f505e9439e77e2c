#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace claimlake::engine {

// How the rows of a SELECT hang on the rows of the tables that it reads, by the columns that are
// its key (docs/decisions/0007-keys-from-the-plan.md).

// One place where the SELECT reads a table. A CTE that is read twice has each of its places twice.
struct KeyRoute {
  enum class Way { kKey, kJoin, kWhole };

  std::string table;  // "silver.fact_claims"
  Way way = Way::kWhole;
  // kKey: the columns that hold the key, in its order. kJoin: those that equal `other_columns` of
  // the place that route `other` is about, which stands before this one.
  std::vector<std::string> columns = {};
  std::size_t other = 0;
  std::vector<std::string> other_columns = {};
  std::string reason = {};  // kWhole: why, for people
};

struct KeyFlow {
  std::string lost = {};  // why nothing is known; then there are no routes
  std::vector<KeyRoute> routes;
  // Why a row without a key may come or go that no route leads to; "" where none can. Of rows that
  // have a key the routes tell all.
  std::string keyless = {};
};

}  // namespace claimlake::engine
