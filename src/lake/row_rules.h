#pragma once

#include <optional>
#include <string>
#include <vector>

#include "delta/action.h"
#include "delta/column_rules.h"

namespace claimlake::lake {

// What a table asks of each row (delta/column_rules.h), as SQL that the engine runs.

struct ColumnRule {
  std::string default_value;  // SQL over no column; "" = null
  std::string generated;      // SQL over the table's columns; "" = not generated
  std::vector<std::size_t> generated_from;
  std::optional<delta::Identity> identity;

  // Whether the column has a value of its own for rows that do not bring one.
  bool fills_itself() const { return !generated.empty() || identity.has_value(); }
};

struct RowCheck {
  std::string sql;   // over the table's columns; true or null for rows that are right
  std::string said;  // what a row breaks: "the constraint positive: amount > 0"
  std::vector<std::size_t> columns;  // that it looks at
};

struct RowRules {
  std::vector<ColumnRule> columns;  // one for each of the schema
  std::vector<RowCheck> checks;
};

// Errors: kInvalidInput: an expression that cannot be computed here, or that names a column that it
// may not name: the table cannot be written then. kCorrupt: as delta::column_rules.
Result<RowRules> row_rules(const delta::Metadata& metadata, const delta::Schema& schema);

// The condition that rows must meet for `check`, with the columns it looks at. Errors: as above.
Result<RowCheck> row_check(const delta::Check& check, const delta::Schema& schema);

}  // namespace claimlake::lake
