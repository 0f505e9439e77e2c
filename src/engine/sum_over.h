#pragma once

#include <set>
#include <string>
#include <vector>

namespace claimlake::engine {

// One COUNT or SUM over rows of tables that are joined and filtered and nothing else.
struct SumOver {
  // Two columns, of two of the tables, that are equal in every row that counts. Once each way
  // round.
  struct Joined {
    std::string table, column;
    std::string other, other_column;
  };
  std::set<std::string> tables;  // by their names in the SQL, in lower case
  std::vector<Joined> joined;
};

}  // namespace claimlake::engine
