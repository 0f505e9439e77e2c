#pragma once

#include <optional>
#include <string>
#include <vector>

#include "table.h"

// The few expressions that histories use, as SQL and as what they mean.

namespace claimlake::model {

// A row of the table and one of a MERGE's source; either may be absent.
struct Scope {
  const std::vector<Column>* columns = nullptr;
  const Row* row = nullptr;
  const std::vector<Column>* source_columns = nullptr;
  const Row* source = nullptr;

  const Cell& cell(bool of_source, const std::string& column) const;
};

// One comparison of a column with constants. It is true, or it is not: false and unknown are one.
struct Comparison {
  enum class Kind { kEqual, kLess, kAtLeast, kIn, kIsNull, kIsNotNull, kDistinct };
  Kind kind = Kind::kEqual;
  bool of_source = false;
  std::string column;
  Type type = Type::kInteger;
  std::vector<Cell> values;

  bool holds(const Scope& scope) const;
  std::string sql(const std::string& table, const std::string& source) const;
};

// All of them; none is true.
using Condition = std::vector<Comparison>;
bool holds(const Condition& condition, const Scope& scope);
// Whether the table has the columns of it that are not of a source.
bool fits(const Condition& condition, const Table& table);
// `table`, `source`: what stands before the names of columns, for example "t.".
std::string to_sql(const Condition& condition, const std::string& table = "",
                   const std::string& source = "s.");

struct Value {
  enum class Kind { kConstant, kColumn, kPlus };
  Kind kind = Kind::kConstant;
  Type type = Type::kInteger;
  Cell constant;  // kPlus: what is added to the column
  bool of_source = false;
  std::string column;

  Cell of(const Scope& scope) const;
  std::string sql(const std::string& table = "", const std::string& source = "s.") const;
};

struct Assignment {
  std::string column;
  Value value;
};

// Rows for which `condition` holds and whose id is one of those for which `among` holds, if it is
// there: a subquery over the table itself.
struct Where {
  Condition condition;
  std::optional<Condition> among;
  std::string sql() const;
  std::vector<bool> of(const Table& table) const;  // for each row
  bool fits(const Table& table) const;
};

}  // namespace claimlake::model
