#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/engine.h"

namespace claimlake::refresh {

// Two SELECTs that should give the same rows.
struct RowDiffInput {
  std::string left;  // is run twice: the one that costs less
  std::string right;
  std::vector<std::string> key;      // tells rows apart; none: only whole rows are compared
  std::vector<std::string> columns;  // of both sides, compared beside the key
  std::size_t rows_max = 10;         // how many rows are told one by one
  // Columns of doubles: of rows with one key, values that differ by a billionth are the same. The
  // order in which doubles are added up is not always the same.
  std::set<std::string> nearly = {};
};

struct DifferentCell {
  std::string column;
  std::optional<std::string> left;  // as text; absent: null, or the row is not on that side
  std::optional<std::string> right;
};

struct DifferentRow {
  enum class On { kBoth, kLeft, kRight };
  On on = On::kBoth;
  std::vector<std::optional<std::string>> key;  // as text, in the order of RowDiffInput::key
  // kBoth: the columns that differ. Else all columns.
  std::vector<DifferentCell> cells;
};

struct RowDiff {
  bool by_key = false;  // false: there is no key, or it is not unique; whole rows were compared
  std::int64_t left_rows = 0;
  std::int64_t right_rows = 0;
  std::int64_t only_left = 0;
  std::int64_t only_right = 0;
  std::int64_t differing = 0;                     // of one key, with other values
  std::map<std::string, std::int64_t> by_column;  // rows of `differing` per column, where any
  std::vector<DifferentRow> rows;                 // the first ones of each kind, by key
  bool equal() const { return only_left == 0 && only_right == 0 && differing == 0; }
};

// Compares both ways: rows and values that only one side has, null equal to null. A row that is
// there twice must be there twice on both sides. Neither side is held in memory: what does not fit
// is spilled. `session`: kInternal, at rest. Errors: as Session::query.
Result<RowDiff> diff_rows(engine::Session& session, const RowDiffInput& input);

}  // namespace claimlake::refresh
