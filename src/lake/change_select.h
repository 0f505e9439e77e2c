#pragma once

#include <optional>
#include <string>
#include <vector>

#include "delta/schema.h"
#include "engine/change_statement.h"
#include "lake/merge_join.h"
#include "lake/row_rules.h"
#include "lake/table_name.h"

namespace claimlake::lake {

// A change of rows as one SELECT: which rows of which files go, and which rows come. Pure text, so
// that the engine's scan, join and pruning do the work
// (docs/decisions/0005-changes-are-selects.md).
//
//   UPDATE, DELETE, MERGE   one row for each row that a clause takes hold of, with the columns
//                           kClause   number in `clauses`, or kFound
//                           kFile     number of the target's file in its version, null: none
//                           kRow      position in that file, null: none
//                           kSame     true if the new row equals the old one
//                           kBroken   number in `broken` of the rule that the new row breaks, null:
//                                     none; only if there are rules
//                           and all columns of the table as the row will be (null for DELETE)
//   INSERT                  the new rows, in the columns of the table; one that breaks a rule ends
//                           it in an error
//
// Columns that fill themselves (RowRules) do so where the statement gives them no value. The
// numbers of an identity column come from a sequence, which whoever runs the SELECT makes before.
struct ChangeSelect {
  enum class Effect { kInsert, kUpdate, kDelete, kError };

  // The clause of a row of the table that nothing is done to, but that kept a MERGE from inserting.
  static constexpr int kFound = -1;

  static constexpr const char* kClause = "__clause";
  static constexpr const char* kFile = "__file";
  static constexpr const char* kRow = "__row";
  static constexpr const char* kSame = "__same";
  static constexpr const char* kBroken = "__broken";

  std::string sql;
  std::vector<Effect> clauses;  // by number; none for INSERT
  // True if one row of the table may come out more than once: then it is an error, unless the only
  // thing that is done to it is one DELETE without a condition.
  bool may_repeat = false;
  // True if a row of the source that matches none of the table may be inserted (MERGE).
  bool may_insert = false;
  std::vector<std::string> broken;  // what a row breaks, by number
};

// The sequence that numbers the rows of an identity column, in the session's temporary schema.
std::string identity_sequence(std::size_t column);

// What the SELECT is made for: the table as the session that runs it sees it.
struct ChangeTarget {
  TableName name;
  const delta::Schema& schema;
  const RowRules& rules;
  std::optional<engine::ChangeStatement::Equality> key = {};  // of MERGE: narrowing_key()
};

// `source_columns`: of the source, for MERGE with SET * or INSERT * and for INSERT; else not read.
// Errors: kInvalidInput, naming a column or clause that does not fit the table.
Result<ChangeSelect> change_select(const engine::ChangeStatement& statement,
                                   const ChangeTarget& target,
                                   const std::vector<std::string>& source_columns);

// A SELECT of all columns of the statement's source, to learn their names; "" if none are needed.
std::string source_select(const engine::ChangeStatement& statement);

}  // namespace claimlake::lake
