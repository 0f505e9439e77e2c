#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "pack/model_reads.h"

namespace claimlake::refresh {

// The texts by which a table is brought from one day to another
// (docs/decisions/0010-the-turn-of-the-day.md). Where the day decides the values of some columns
// only, these are computed of all rows and held against what the table has of them; a row that
// differs gets the new values and keeps its others.
class DayTurn {
 public:
  // `model` outlives it; its day_way is kColumns. The days as those of the last refresh and of
  // this.
  DayTurn(const pack::Model& model, Date before, Date now);

  // The key and the columns of the day of all rows that the model gives, and `_turns`: whether a
  // rule that holds the day judges the row otherwise than on the day before.
  std::string narrow() const;
  // The keys of rows of relation `now` (made of narrow()) that differ from those of relation
  // `before`, which has the columns of the table.
  std::string touched(std::string_view now, std::string_view before) const;
  // How many rows without a key differ.
  std::string keyless(std::string_view now, std::string_view before) const;
  // The model's rows of the keys that stand in `before`, rows of the table, and not in `computed`.
  std::string patched(std::string_view now, std::string_view before,
                      std::string_view computed) const;

 private:
  std::string columns(std::string_view relation) const;

  const pack::Model& model_;
  const pack::DayWay way_;
  const Date before_;
  const Date now_;
};

}  // namespace claimlake::refresh
