#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "delta/snapshot.h"

namespace claimlake::delta {

using ColumnStatsEntry = ColumnStats::Entry;

// Reads what statistics texts say about one column.
class StatsReader {
 public:
  // `column`: "a", or "s.b" for a field of a struct; a column whose name has the dot comes first.
  explicit StatsReader(std::string_view column);
  // Damaged or absent statistics say nothing; they never fail.
  ColumnStatsEntry read(std::string_view stats_json);

 private:
  std::string column_;
  std::string buffer_;  // the text with the padding that the parser wants
};

}  // namespace claimlake::delta
