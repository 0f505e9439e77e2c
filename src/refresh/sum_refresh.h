#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "engine/engine.h"
#include "pack/key_mapping.h"
#include "pack/model.h"

namespace claimlake::refresh {

// A model that adds up the rows of one table (engine/group_sums.h) need not read the rows of a key
// again: what it had and the rows that came and went say what it has now
// (docs/decisions/0009-sums-between-silver-and-gold.md).

// The one table whose rows the model adds up exactly, or "".
Result<std::string> added_up(engine::Session& session, const pack::Model& model);

// What select_of_sums looks up, whatever changed; none if the model does not add up.
std::vector<engine::LookUp> look_ups_of_sums(const pack::Model& model);

// Relations by the names that SQL in the session can read.
struct SumChange {
  const pack::Model& model;
  Date as_of{};
  std::string changed;  // rows of the table that came and went (table_diff)
  std::string keys;     // that they touch
  std::string old;      // rows of the model's table for these keys
  const pack::Finder& find;
};

// A SELECT of the model's rows for the keys. `model` is one that adds up.
Result<std::string> select_of_sums(const SumChange& change);

// The model's SELECT over `relation` in place of its table.
std::string sums_over(const pack::Model& model, Date as_of, const std::string& relation);

// A SELECT of the rows of `rows`, made by select_of_sums, that cannot be: a count
// below none.
std::string impossible_sums(const pack::Model& model, const std::string& rows);

}  // namespace claimlake::refresh
