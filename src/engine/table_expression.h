#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace claimlake::engine {

// An expression that stands in a table's metadata (a CHECK constraint, a generated or a default
// value) as the engine computes it.
struct TableExpression {
  std::string sql;                   // over the table's columns, unqualified
  std::vector<std::string> columns;  // the top-level columns that it names, lower case, once each
};

// `text` is in the SQL of Spark. Only what means the same here is taken: what we cannot compute as
// the table's other writers do must stop the write, never change its outcome.
// `names`: of the table's columns; one of them may be a word that means something to our parser
// only. Errors: kInvalidInput, naming the part that is not known.
Result<TableExpression> table_expression(std::string_view text,
                                         const std::vector<std::string>& names);

// The text to keep in the table for an expression that was typed here: "a name" becomes `a name`,
// because in Spark double quotes hold a text.
std::string stored_expression(std::string_view typed);

}  // namespace claimlake::engine
