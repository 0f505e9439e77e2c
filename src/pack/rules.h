#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "engine/sum_over.h"
#include "pack/place.h"
#include "pack/yaml.h"

namespace claimlake::pack {

// Rules as docs/formats/rules.md defines them. They are read here because packs hold them;
// module `quality` applies them.

enum class RuleGroup { kRow, kSet, kTime };
// From the weakest to the strongest.
enum class Action { kFlag, kWarn, kQuarantine, kDrop, kFail };

struct NotNull {
  std::vector<std::string> columns;
};
// A literal as written; the column's type decides how it is read.
struct Between {
  std::string column;
  std::optional<std::string> low, high;
};
struct In {
  std::string column;
  std::vector<std::string> values;
};
struct Matches {
  std::string column;
  std::string pattern;
};
struct ExistsIn {
  std::string column;
  std::string table;  // "silver.dim_policies"
  std::string parent_column;
  std::optional<std::chrono::milliseconds> recheck;  // longer waits are overdue
};
struct RowCondition {
  std::string sql;
};
struct Unique {
  std::vector<std::string> columns;
};
struct RowCount {
  std::optional<std::int64_t> min, max;
};
// Limits are shares of rows with a value, in basis points: 9800 is 98 %.
struct Completeness {
  std::string column;
  std::optional<int> warn_below_bp, fail_below_bp;
};
struct Query {
  std::string sql;         // {new} stands for the table as it will be committed
  std::string comparison;  // "=", "<", "<=", ">", ">=" or "<>"
  std::string number;      // a decimal as written
  // The tables that each count and sum of it reads together, {new} as "_new"; empty if it is not
  // made of these alone (Session::sums_of). Known of bound models.
  std::vector<engine::SumOver> sums = {};
};
struct Freshness {
  std::string column;
  std::optional<std::chrono::milliseconds> warn_after, fail_after;
};

using RuleBody = std::variant<NotNull, Between, In, Matches, ExistsIn, RowCondition, Unique,
                              RowCount, Completeness, Query, Freshness>;

struct Rule {
  std::string name;
  RuleGroup group = RuleGroup::kRow;
  RuleBody body;
  Action action = Action::kFlag;  // of completeness and freshness: the strongest they can take
  int weight = 1;                 // row rules; 1..100
  std::string when;               // SQL condition; empty: always
  std::string reason;             // for people; empty: rule_text() says it
  Place place = {};               // of its name in the file
  std::string file = {};
};

struct TableRules {
  std::string table;        // "silver.fact_claims"
  std::vector<Rule> rules;  // in the order of the files: header first

  std::vector<const Rule*> of(RuleGroup group) const;
};

// "not_null", "exists_in", ...: the word of the rules file.
const char* rule_kind_name(const RuleBody& body);
const char* action_name(Action action);
// What the rule demands, as a sentence part: "claim_amount is between 0.01 and 50000".
std::string rule_text(const Rule& rule);
// Columns that the rule names outside of SQL texts.
std::vector<std::string> rule_columns(const Rule& rule);

// Reads a rules file, which names only `table`. Errors: kInvalidInput with file, line, column.
Result<TableRules> parse_rules(std::string_view yaml, std::string_view table,
                               std::string_view file);
// Reads the `expect` value of a model's header. `table` is "schema.table".
Result<std::vector<Rule>> parse_expect(const Yaml& node, std::string_view table,
                                       const std::string& file);

// What must hold for all rules of one table together: their names and their number.
Done check_rules(const std::vector<Rule>& rules);

}  // namespace claimlake::pack
