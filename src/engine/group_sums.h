#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace claimlake::engine {

// A SELECT that adds up the rows of one table by some of its columns, and nothing else: rows that
// come or go change its result by what they alone would give.
struct GroupSums {
  enum class Kind {
    kGroup,     // `column` of the table, by which is grouped
    kOfGroup,   // computed from such columns
    kSum,       // COUNT, or SUM of `column` that is 0 over no rows
    kDistinct,  // how many values `column` has
  };
  struct Item {
    Kind kind = Kind::kGroup;
    std::string column = {};   // kSum: of SUM; "" of COUNT
    bool counts_rows = false;  // COUNT(*)
  };
  std::vector<Item> items;          // of the SELECT, in order
  std::size_t groups = 0;           // columns by which is grouped
  std::set<std::string> columns;    // of the table that it reads, lower case
  std::set<std::string> chosen_by;  // of these, those of WHERE
};

// Read from the text. Absent for any other SELECT, and for one that cannot be parsed. Types are not
// known here: a SUM goes on exactly only if its column holds whole numbers or decimals.
std::optional<GroupSums> group_sums(std::string_view select);

}  // namespace claimlake::engine
