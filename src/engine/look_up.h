#pragma once

#include <string>
#include <vector>

namespace claimlake::engine {

// Rows of a table by values of their columns.
struct LookUp {
  // Those whose `columns` equal, in pairs, the columns `of_relation` of some row of `relation`.
  struct By {
    std::vector<std::string> columns;
    std::string relation;  // a name that SQL in this session can read
    std::vector<std::string> of_relation;
  };
  std::string table;    // "silver.fact_claims"
  std::vector<By> any;  // a row is found by one of them or more
};

// How the rows are read.
struct RowsFound {
  // A SELECT of them, with file_number and file_row_number behind the table's columns.
  std::string select;
  bool few = false;  // little of the table is read for them, and there are not many
};

}  // namespace claimlake::engine
