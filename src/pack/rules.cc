#include "pack/rules.h"

#include "base/text.h"

namespace claimlake::pack {
namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

std::string percent(int basis_points) {
  std::string text = std::to_string(basis_points / 100);
  if (const int rest = basis_points % 100; rest != 0) {
    text += rest < 10 ? ".0" : ".";
    text += std::to_string(rest % 10 == 0 ? rest / 10 : rest);
  }
  return text + " %";
}

std::string hours(std::chrono::milliseconds time) {
  const std::int64_t ms = time.count();
  for (const auto& [unit, size] : {std::pair{" d", std::int64_t{86'400'000}},
                                   {" h", 3'600'000},
                                   {" min", 60'000},
                                   {" s", 1'000}}) {
    if (ms % size == 0) return std::to_string(ms / size) + unit;
  }
  return std::to_string(ms) + " ms";
}

// Says what each kind of rule demands.
struct Sentence {
  std::string operator()(const NotNull& rule) const {
    return joined(rule.columns) + (rule.columns.size() == 1 ? " has a value" : " have values");
  }
  std::string operator()(const Between& rule) const {
    if (!rule.high) return rule.column + " is at least " + *rule.low;
    if (!rule.low) return rule.column + " is at most " + *rule.high;
    return rule.column + " is between " + *rule.low + " and " + *rule.high;
  }
  std::string operator()(const In& rule) const {
    return rule.column + " is one of " + joined(rule.values);
  }
  std::string operator()(const Matches& rule) const {
    return rule.column + " looks like " + rule.pattern;
  }
  std::string operator()(const ExistsIn& rule) const {
    return rule.column + " is in " + rule.table + "." + rule.parent_column;
  }
  std::string operator()(const RowCondition& rule) const { return rule.sql; }
  std::string operator()(const Unique& rule) const { return joined(rule.columns) + " occurs once"; }
  std::string operator()(const RowCount& rule) const {
    if (!rule.max) return "at least " + std::to_string(*rule.min) + " rows";
    if (!rule.min) return "at most " + std::to_string(*rule.max) + " rows";
    return std::to_string(*rule.min) + " to " + std::to_string(*rule.max) + " rows";
  }
  std::string operator()(const Completeness& rule) const {
    const int limit = rule.warn_below_bp ? *rule.warn_below_bp : *rule.fail_below_bp;
    return rule.column + " has a value in at least " + percent(limit) + " of the rows";
  }
  std::string operator()(const Query& rule) const {
    return rule.sql + " " + rule.comparison + " " + rule.number;
  }
  std::string operator()(const Freshness& rule) const {
    const auto limit = rule.warn_after ? *rule.warn_after : *rule.fail_after;
    return "the newest " + rule.column + " is at most " + hours(limit) + " old";
  }
};

struct Columns {
  using List = std::vector<std::string>;
  List operator()(const NotNull& rule) const { return rule.columns; }
  List operator()(const Between& rule) const { return {rule.column}; }
  List operator()(const In& rule) const { return {rule.column}; }
  List operator()(const Matches& rule) const { return {rule.column}; }
  List operator()(const ExistsIn& rule) const { return {rule.column}; }
  List operator()(const RowCondition&) const { return {}; }
  List operator()(const Unique& rule) const { return rule.columns; }
  List operator()(const RowCount&) const { return {}; }
  List operator()(const Completeness& rule) const { return {rule.column}; }
  List operator()(const Query&) const { return {}; }
  List operator()(const Freshness& rule) const { return {rule.column}; }
};

struct KindName {
  const char* operator()(const NotNull&) const { return "not_null"; }
  const char* operator()(const Between&) const { return "between"; }
  const char* operator()(const In&) const { return "in"; }
  const char* operator()(const Matches&) const { return "matches"; }
  const char* operator()(const ExistsIn&) const { return "exists_in"; }
  const char* operator()(const RowCondition&) const { return "sql"; }
  const char* operator()(const Unique&) const { return "unique"; }
  const char* operator()(const RowCount&) const { return "row_count"; }
  const char* operator()(const Completeness&) const { return "completeness"; }
  const char* operator()(const Query&) const { return "sql"; }
  const char* operator()(const Freshness&) const { return "freshness"; }
};

}  // namespace

std::vector<const Rule*> TableRules::of(RuleGroup group) const {
  std::vector<const Rule*> list;
  for (const Rule& rule : rules) {
    if (rule.group == group) list.push_back(&rule);
  }
  return list;
}

const char* rule_kind_name(const RuleBody& body) { return std::visit(KindName{}, body); }

const char* action_name(Action action) {
  switch (action) {
    case Action::kFlag:
      return "flag";
    case Action::kWarn:
      return "warn";
    case Action::kQuarantine:
      return "quarantine";
    case Action::kDrop:
      return "drop";
    case Action::kFail:
      return "fail";
  }
  return "unknown";
}

std::string rule_text(const Rule& rule) {
  std::string text = std::visit(Sentence{}, rule.body);
  if (!rule.when.empty()) text += ", where " + rule.when;
  return text;
}

std::vector<std::string> rule_columns(const Rule& rule) { return std::visit(Columns{}, rule.body); }

}  // namespace claimlake::pack
