#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace claimlake::engine {

// A statement that changes the rows of one table, in the engine's grammar but not in its types.
// Expressions and relations are SQL texts that mean the same wherever the names they use do.
struct ChangeStatement {
  enum class Kind { kInsert, kUpdate, kDelete, kMerge };

  struct Assignment {
    std::string column;
    std::optional<std::string> value;  // absent: DEFAULT
  };

  // One WHEN ... THEN ... of a MERGE.
  struct Clause {
    enum class When { kMatched, kNotMatched, kNotMatchedBySource };
    enum class Then { kUpdate, kDelete, kInsert, kNothing, kError };
    When when = When::kMatched;
    Then then = Then::kNothing;
    std::string condition;                // "" = always
    bool all_columns = false;             // UPDATE SET *, INSERT *: by name, from the source
    std::vector<Assignment> assignments;  // otherwise; an INSERT without column names has them ""
  };

  Kind kind = Kind::kInsert;
  std::string schema;  // of the table; "" = the session's
  std::string table;
  std::string alias;  // "" = none
  std::string with;   // "WITH x AS (...) ", or ""

  // INSERT: a SELECT. UPDATE, DELETE: what else is joined, as in FROM, or "". MERGE: one relation
  // with its alias, as in FROM.
  std::string source;
  std::string source_alias;  // of MERGE's relation

  std::string condition;                   // WHERE, or MERGE's ON; "" = none
  std::vector<std::string> using_columns;  // MERGE ... USING (a, b) in the place of ON
  // What MERGE's ON, or USING, asks of all rows that match: a column of the table equals one of the
  // source.
  struct Equality {
    std::string column;
    std::string source_column;
  };
  std::vector<Equality> equalities;
  std::vector<Assignment> assignments;  // of UPDATE
  std::vector<std::string> columns;     // of INSERT; none = the table's, in order
  bool by_name = false;                 // INSERT BY NAME
  bool evolve = false;                  // columns that only the rows have are added
  // INSERT in the place of rows: all, or those that meet a condition, which new ones must meet too.
  bool overwrite = false;
  std::string replace;
  std::vector<Assignment> partition;  // of INSERT: columns that all rows have this value of
  // Columns of INSERT's VALUES that are DEFAULT, by their place. Where not all rows are, a column
  // behind all others says which: in the order in which they stand here.
  struct Default {
    std::size_t place = 0;
    bool all_rows = true;
  };
  std::vector<Default> defaults;
  std::vector<Clause> clauses;  // of MERGE
};

// Reads INSERT, UPDATE, DELETE, TRUNCATE and MERGE INTO; absent if `sql` is another statement, or
// none at all. Errors: kInvalidInput: a part that no table of a lake can do (RETURNING, ON
// CONFLICT), a function that people may not call (`where` is line:column).
Result<std::optional<ChangeStatement>> parse_change(std::string_view sql);

}  // namespace claimlake::engine
