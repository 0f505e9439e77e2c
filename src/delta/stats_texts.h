#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "delta/schema.h"

namespace claimlake::delta {

// Takes the statistics of files apart, value by value and without loss: a number is handed on as
// its digits, for a decimal may have more than a double holds. One thread.
class StatsTexts {
 public:
  // The columns that are looked for, by physical names. Those without fields of their own are
  // numbered in the order in which they stand, structs before what follows them.
  explicit StatsTexts(const StructType& columns);
  std::size_t leaves() const { return leaves_; }

  struct Values {
    std::optional<std::int64_t> records;
    std::optional<bool> tight_bounds;
    // By number of the column.
    std::vector<std::optional<std::string>> min;
    std::vector<std::optional<std::string>> max;
    std::vector<std::optional<std::int64_t>> null_count;
  };
  // Absent if the text is no JSON object.
  std::optional<Values> read(std::string_view stats_json);

  struct Node {
    std::map<std::string, Node, std::less<>> fields;
    std::optional<std::size_t> leaf;
  };

 private:
  void number(const StructType& type, Node& node);
  Node root_;
  std::size_t leaves_ = 0;
  std::string buffer_;
};

}  // namespace claimlake::delta
