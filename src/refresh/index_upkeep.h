#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/cancel.h"
#include "engine/engine.h"
#include "lake/lake.h"
#include "pack/pack.h"

namespace claimlake::refresh {

// By which columns rows of which tables are looked up when the tables of a pack are refreshed by
// key.
std::map<std::string, std::set<std::vector<std::string>>> looked_up(const pack::Pack& pack);

// What is kept of a table's key indexes, and what not yet: the next look-up would make it first.
struct IndexState {
  std::string table;
  std::int64_t missing = 0;  // once for each data file and set of columns
  std::int64_t files = 0;
  std::int64_t bytes = 0;
};

// Of all tables that are looked up, ascending by name. Reads no row.
Result<std::vector<IndexState>> index_states(lake::Lake& lake, engine::Engine& engine,
                                             const pack::Pack& pack);

// Makes what is missing and removes what is of data files that the newest versions have not, and of
// tables that are gone. Returns how many were made. Errors: kCancelled; what was made stays.
Result<std::int64_t> keep_indexes(lake::Lake& lake, engine::Engine& engine,
                                  engine::Session& session, const pack::Pack& pack,
                                  const Cancel& cancel);

// The cheap half of it, for while other work waits: removes what is of data files that the newest
// versions have not. Who reads an older version makes what it looks up there again.
void drop_gone_indexes(lake::Lake& lake, engine::Engine& engine);

}  // namespace claimlake::refresh
