#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "pack/model.h"

namespace claimlake::quality {

struct CheckOptions {
  // An SQL expression (sql_timestamp), which becomes _silver_processed_at or _gold_processed_at.
  std::string processed_at = "CAST(NULL AS TIMESTAMP WITH TIME ZONE)";
  Date as_of{};  // CURRENT_DATE in the conditions of rules
  // What is read in the place of the parents of exists_in rules, by "table.column"; it must hold
  // the values that the judged rows have. Where there is none, the parent itself.
  std::map<std::string, std::string> parents = {};
  // The relation with the rows of ops.waivers; empty: nothing is waived.
  std::string waivers = {};
};

// The SELECT that computes a table together with what the program adds to it, in one pass:
//
//   Silver: the model's columns, then _is_valid, _quality_score, _is_duplicate, _duplicate_of,
//           _dq, _silver_processed_at. A row that breaks a quarantine, drop or fail rule is still
//           there, with _quality_score = -1: so the least score of the staged files says for free
//           whether anything has to be taken out. A rule that is waived for the row counts as one
//           that flags it.
//   Gold:   the model's columns, then _gold_processed_at, _source_tables, _aggregation_type.
//   Bronze: `model_sql` as it is.
//
// `model_sql` is the model's SELECT with its as-of date put in. Parents of exists_in rules are
// read by their names as they stand now. The model must be bound (pack::load_pack).
std::string checked_select(const pack::Model& model, std::string_view model_sql,
                           const CheckOptions& options);

// True if the action takes a row out of the table.
bool rejects(pack::Action action);
// True if a person may let a row in that such a rule takes out: not where the rule keeps the whole
// table back, for then no row is refused by itself.
bool can_be_waived(pack::Action action);

// The SQL condition under which a row rule fails, and under which it applies ("TRUE" if always).
// Columns are those of a relation called `row`.
std::string failed_condition(const pack::Rule& rule, const pack::Model& model, std::string_view row,
                             const CheckOptions& options);
std::string applies_condition(const pack::Rule& rule, std::string_view row, Date as_of);

// A point in time as an SQL literal with time zone.
std::string sql_timestamp(Timestamp time);

}  // namespace claimlake::quality
