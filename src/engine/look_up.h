#pragma once

#include <string>
#include <vector>

#include "delta/schema.h"

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
  // Of the table, those that are wanted; none: all. Those of `any` come with them.
  std::vector<std::string> columns = {};
};

// The column of a table that hides where its rows stand (file_number, file_row_number), or "". Rows
// of such a table cannot be spoken of by their places.
std::string column_that_hides_places(const delta::Schema& schema);

// How the rows are read.
struct RowsFound {
  // A SELECT of them, with file_number and file_row_number behind the columns.
  std::string select;
  bool few = false;  // there are not many, and no more is read than for some of them
};

}  // namespace claimlake::engine
