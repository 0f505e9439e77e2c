#pragma once

#include <cstdint>
#include <duckdb/common/types.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/file_stats.h"

namespace duckdb {
class Connection;
class DatabaseInstance;
}  // namespace duckdb

namespace claimlake::engine {

// Rows along a Z curve: the values of each column are put into ranges that hold about as many rows
// each, and the bits of the numbers of the ranges are interleaved. Rows that are near each other
// along the curve are near each other in all columns, so that a file that is a part of it has
// narrow bounds in each of them.
class Curve {
 public:
  // Values of a column are told apart by this many bits at most.
  static constexpr unsigned kMostBits = 10;
  static constexpr std::size_t kMostColumns = 32;

  // `samples`: of each column, in any order, sort keys: bytes that compare as the values do.
  explicit Curve(std::vector<std::vector<std::string>> samples);

  std::size_t columns() const { return columns_.size(); }
  // The part of `column` in the place of a row on the curve; the places of all are or-ed together.
  std::uint64_t part(std::size_t column, std::string_view sort_key) const;

 private:
  struct Bound {
    std::uint64_t prefix;  // its first bytes, so that most comparisons are of one word
    std::string key;
  };
  struct Column {
    std::vector<Bound> bounds;           // ascending
    std::vector<std::uint64_t> numbers;  // of each range, its bits spread out
  };
  std::vector<Column> columns_;
};

// `select` in the order of a Z curve over some of its columns, `paths`, whose rows it samples
// first. `one_thread` writes them: of several, each takes the next 122,880 rows, which is no order
// in files that hold fewer. The text is to be run while `curve` stands in the session's state.
// Memory is bounded: the sample has a fixed number of rows, and the sort spills. Throws what DuckDB
// throws.
struct AlongCurve {
  std::optional<Curve> curve;  // absent if there is only one column
  std::string select;
};
AlongCurve along_curve(duckdb::Connection& connection, std::string_view select,
                       const std::vector<ResultColumn>& columns,
                       const std::vector<std::vector<std::string>>& paths, bool one_thread);

// The function that along_curve orders by.
void register_curve(duckdb::DatabaseInstance& database);

}  // namespace claimlake::engine
