// Reads rules from YAML: the grammar of docs/formats/rules.md.
#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "pack/literal.h"
#include "pack/rules.h"

namespace claimlake::pack {
namespace {

using Names = std::vector<std::string>;

// Failed rules of a row are the bits of one BIGINT that must not become negative.
constexpr std::size_t kRowRulesMax = 62;

const Names kRowKinds = {"not_null", "between", "in", "matches", "exists_in", "sql"};
const Names kSetKinds = {"unique", "not_null", "row_count", "completeness", "sql"};
const Names kTimeKinds = {"freshness"};

const Names& kinds_of(RuleGroup group) {
  if (group == RuleGroup::kRow) return kRowKinds;
  return group == RuleGroup::kSet ? kSetKinds : kTimeKinds;
}

Names other_keys(RuleGroup group) {
  if (group == RuleGroup::kRow) return {"column", "else", "weight", "when", "reason", "recheck"};
  if (group == RuleGroup::kSet) return {"column", "else", "reason", "expect"};
  return {};
}

class RuleReader {
 public:
  RuleReader(std::string file, std::string_view table) : yaml_(std::move(file)), table_(table) {}

  // Reads `node`, the keys and values of one rule.
  Result<Rule> rule(const Yaml& node, const std::string& name, Place place, RuleGroup group) {
    TRY_DONE(start(name, place, group));
    const std::string what = "rule " + name;
    const Names& kinds = kinds_of(group);
    Names allowed = kinds;
    for (const std::string& key : other_keys(group)) allowed.push_back(key);
    TRY_DONE(yaml_.map(node, what, allowed));
    std::string kind;
    for (const std::string& key : node.keys) {
      if (std::find(kinds.begin(), kinds.end(), key) == kinds.end()) continue;
      if (!kind.empty()) {
        return yaml_.error(node, what + " has two kinds, " + kind + " and " + key,
                           "write two rules");
      }
      kind = key;
    }
    if (kind.empty()) {
      std::string list;
      for (const std::string& word : kinds) list += (list.empty() ? "" : ", ") + word;
      return yaml_.error(node, what + " does not say what must hold", "give one of: " + list);
    }
    TRY_DONE(read_column(node, kind));
    TRY_DONE(read_body(*node.find(kind), kind, node));
    TRY_DONE(read_common(node, kind));
    return std::move(rule_);
  }

  // Reads one entry of a header's `expect`: `kind` with an action or with a mapping.
  Result<Rule> short_form(const Yaml& value, const std::string& column, const std::string& kind,
                          Place place) {
    const bool set_rule = kind == "unique" || kind == "completeness" ||
                          (kind == "not_null" && table_.starts_with("gold."));
    TRY_DONE(start(column + "_" + kind, place, set_rule ? RuleGroup::kSet : RuleGroup::kRow));
    column_ = column;
    if (kind == "not_null" || kind == "unique") {
      if (kind == "unique") rule_.body = Unique{{column}};
      if (kind == "not_null") rule_.body = NotNull{{column}};
      TRY_DONE(read_action(value));
      if (rule_.action == Action::kDrop) {
        return yaml_.error(value, "drop needs a reason", "write the rule in the rules file");
      }
      return std::move(rule_);
    }
    const std::string what = "rule " + rule_.name;
    const std::map<std::string, Names> own = {{"between", {"min", "max"}},
                                              {"in", {"values"}},
                                              {"matches", {"pattern"}},
                                              {"exists_in", {"column", "recheck"}},
                                              {"completeness", {"warn", "fail"}}};
    const auto known = own.find(kind);
    if (known == own.end()) {
      return error_at(yaml_.file(), place,
                      "expect has no kind " + kind +
                          did_you_mean(kind, {"not_null", "unique", "between", "in", "matches",
                                              "exists_in", "completeness"}));
    }
    Names allowed = known->second;
    if (kind != "completeness") {
      for (const char* key : {"else", "weight", "when", "reason"}) allowed.emplace_back(key);
    }
    TRY_DONE(yaml_.map(value, what, allowed));
    TRY_DONE(read_short_body(value, kind, known->second));
    TRY_DONE(read_common(value, kind));
    return std::move(rule_);
  }

 private:
  Done start(const std::string& name, Place place, RuleGroup group) {
    rule_ = Rule{};
    rule_.name = name;
    rule_.group = group;
    rule_.place = place;
    rule_.file = yaml_.file();
    column_.clear();
    const bool plain =
        name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string::npos &&
        !name.empty() && name.size() <= 63;
    if (!plain) {
      return error_at(yaml_.file(), place, "this is not a name for a rule: " + name,
                      "use lower-case letters, digits and _, at most 63");
    }
    if (group == RuleGroup::kRow && !table_.starts_with("silver.")) {
      return error_at(yaml_.file(), place,
                      "rows are judged one by one only in Silver, not in " + table_,
                      "write it as a set rule");
    }
    return done();
  }

  Done read_column(const Yaml& node, const std::string& kind) {
    const Yaml* column = node.find("column");
    const Yaml* value = node.find(kind);
    const bool list_of_columns = kind == "not_null" && value->is_list();
    const bool needed = kind == "between" || kind == "in" || kind == "matches" ||
                        kind == "exists_in" || kind == "completeness" ||
                        (kind == "not_null" && !list_of_columns);
    if (!column && needed) return yaml_.error(node, "rule " + rule_.name + " needs the key column");
    if (column && !needed) {
      return yaml_.error(*column, "rule " + rule_.name + " takes no column: " + kind +
                                      " says itself what it is about");
    }
    if (column) {
      TRY(column_, yaml_.text(*column, "column"));
    }
    return done();
  }

  Done read_body(const Yaml& value, const std::string& kind, const Yaml& node) {
    if (kind == "not_null") return read_not_null(value);
    if (kind == "between") {
      if (!value.is_list() || value.items.size() != 2) {
        return yaml_.error(value, "between needs two values: [low, high]", "null is an open end");
      }
      return read_between(value, &value.items[0], &value.items[1]);
    }
    if (kind == "in") return read_in(value);
    if (kind == "matches") return read_matches(value);
    if (kind == "exists_in") return read_exists_in(value, node.find("recheck"));
    if (kind == "sql") return read_sql(value, node.find("expect"));
    if (kind == "unique") {
      TRY(Names columns, yaml_.texts(value, "unique"));
      rule_.body = Unique{std::move(columns)};
      return done();
    }
    if (kind == "row_count") return read_row_count(value);
    if (kind == "completeness") {
      TRY_DONE(yaml_.map(value, "completeness", {"warn", "fail"}));
      return read_completeness(value);
    }
    return read_freshness(value);
  }

  Done read_short_body(const Yaml& value, const std::string& kind, const Names& own) {
    if (kind == "between") return read_between(value, value.find("min"), value.find("max"));
    if (kind == "completeness") return read_completeness(value);
    TRY(const Yaml* inner, yaml_.need(value, "rule " + rule_.name, own[0]));
    if (kind == "in") return read_in(*inner);
    if (kind == "matches") return read_matches(*inner);
    return read_exists_in(*inner, value.find("recheck"));
  }

  Done read_not_null(const Yaml& value) {
    if (value.is_list()) {
      TRY(Names columns, yaml_.texts(value, "not_null"));
      rule_.body = NotNull{std::move(columns)};
      return done();
    }
    if (value.text != "true" || value.quoted) {
      return yaml_.error(value, "not_null is true (with column) or a list of columns");
    }
    rule_.body = NotNull{{column_}};
    return done();
  }

  Done read_between(const Yaml& value, const Yaml* low, const Yaml* high) {
    Between between{.column = column_};
    for (const auto& [node, end] : {std::pair{low, &between.low}, std::pair{high, &between.high}}) {
      if (!node || node->is_null()) continue;
      if (!node->is_scalar()) return yaml_.error(*node, "an end of between is one value");
      *end = node->text;
    }
    if (!between.low && !between.high) {
      return yaml_.error(value, "between needs at least one end");
    }
    rule_.body = std::move(between);
    return done();
  }

  Done read_in(const Yaml& value) {
    if (!value.is_list()) return yaml_.error(value, "in needs a list of values");
    TRY(Names values, yaml_.texts(value, "in"));
    rule_.body = In{column_, std::move(values)};
    return done();
  }

  Done read_matches(const Yaml& value) {
    TRY(std::string pattern, yaml_.text(value, "matches"));
    rule_.body = Matches{column_, std::move(pattern)};
    return done();
  }

  Done read_exists_in(const Yaml& value, const Yaml* recheck) {
    TRY(const std::string text, yaml_.text(value, "exists_in"));
    const std::vector<std::string> parts = split(text, '.');
    if (parts.size() != 3 || parts[0].empty() || parts[1].empty() || parts[2].empty()) {
      return yaml_.error(value, "exists_in must name schema.table.column, not " + text);
    }
    ExistsIn body{.column = column_, .table = parts[0] + "." + parts[1], .parent_column = parts[2]};
    if (body.table == table_) {
      return yaml_.error(value, "a table cannot wait for itself: " + text);
    }
    if (recheck) {
      TRY(body.recheck, yaml_.duration(*recheck, "recheck"));
    }
    rule_.body = std::move(body);
    return done();
  }

  Done read_sql(const Yaml& value, const Yaml* expect) {
    TRY(const std::string sql, yaml_.text(value, "sql"));
    if (rule_.group == RuleGroup::kRow) {
      rule_.body = RowCondition{sql};
      return done();
    }
    if (!expect)
      return yaml_.error(value, "rule " + rule_.name + " needs the key expect",
                         "for example expect: \"= 0\"");
    TRY(const std::string text, yaml_.text(*expect, "expect"));
    const std::size_t end = text.find_first_not_of("<>=");
    const std::size_t number = text.find_first_not_of(' ', end == std::string::npos ? 0 : end);
    const std::string comparison = end == std::string::npos ? "" : text.substr(0, end);
    const Names known = {"=", "<", "<=", ">", ">=", "<>"};
    if (std::find(known.begin(), known.end(), comparison) == known.end() ||
        number == std::string::npos || !is_decimal_text(text.substr(number))) {
      return yaml_.error(*expect, "expect is a comparison and a number, not " + text,
                         "for example \"= 0\"; comparisons: = < <= > >= <>");
    }
    rule_.body = Query{sql, comparison, text.substr(number)};
    return done();
  }

  Done read_row_count(const Yaml& value) {
    TRY_DONE(yaml_.map(value, "row_count", {"min", "max"}));
    RowCount body;
    for (const auto& [key, end] : {std::pair{"min", &body.min}, std::pair{"max", &body.max}}) {
      if (const Yaml* node = value.find(key)) {
        TRY(*end, yaml_.whole(*node, key, 0, 1'000'000'000'000));
      }
    }
    if (!body.min && !body.max) return yaml_.error(value, "row_count needs min or max");
    rule_.body = body;
    return done();
  }

  // "< 98%" or "< 99.5%" as basis points.
  Result<int> share(const Yaml& value) {
    const std::string& text = value.text;
    const std::size_t begin = text.starts_with("<") ? text.find_first_not_of("< ") : 0;
    const std::string number =
        begin == std::string::npos || !text.ends_with("%") || !text.starts_with("<")
            ? ""
            : text.substr(begin, text.size() - 1 - begin);
    const std::size_t dot = number.find('.');
    std::string part = dot == std::string::npos ? "" : number.substr(dot + 1);
    const std::string whole = number.substr(0, dot);
    if (!is_decimal_text(number) || whole.starts_with("-") || whole.size() > 3 || part.size() > 2) {
      return yaml_.error(value, "completeness is written like \"< 98%\", not " + text);
    }
    part.resize(2, '0');
    const int basis_points = std::stoi(whole) * 100 + std::stoi(part);
    if (basis_points > 10'000) return yaml_.error(value, "a share is at most 100%: " + text);
    return basis_points;
  }

  Done read_completeness(const Yaml& value) {
    Completeness body{.column = column_};
    if (const Yaml* node = value.find("warn")) {
      TRY(body.warn_below_bp, share(*node));
    }
    if (const Yaml* node = value.find("fail")) {
      TRY(body.fail_below_bp, share(*node));
    }
    if (!body.warn_below_bp && !body.fail_below_bp) {
      return yaml_.error(value, "completeness needs warn or fail");
    }
    rule_.action = body.fail_below_bp ? Action::kFail : Action::kWarn;
    rule_.body = std::move(body);
    return done();
  }

  Done read_freshness(const Yaml& value) {
    TRY_DONE(yaml_.map(value, "freshness", {"column", "warn", "fail"}));
    TRY(const Yaml* column, yaml_.need(value, "freshness", "column"));
    Freshness body;
    TRY(body.column, yaml_.text(*column, "column"));
    if (const Yaml* node = value.find("warn")) {
      TRY(body.warn_after, yaml_.duration(*node, "warn"));
    }
    if (const Yaml* node = value.find("fail")) {
      TRY(body.fail_after, yaml_.duration(*node, "fail"));
    }
    if (!body.warn_after && !body.fail_after) {
      return yaml_.error(value, "freshness needs warn or fail");
    }
    rule_.action = body.fail_after ? Action::kFail : Action::kWarn;
    rule_.body = std::move(body);
    return done();
  }

  Done read_action(const Yaml& node) {
    TRY(const std::string word, yaml_.text(node, "else"));
    const bool row = rule_.group == RuleGroup::kRow;
    Names words;
    for (const Action action :
         {Action::kFlag, Action::kWarn, Action::kQuarantine, Action::kDrop, Action::kFail}) {
      if (!row && action != Action::kWarn && action != Action::kFail) continue;
      words.push_back(action_name(action));
      if (words.back() == word) {
        rule_.action = action;
        return done();
      }
    }
    return yaml_.error(node, std::string("the action of a ") + (row ? "row" : "set") + " rule is " +
                                 (row ? "flag, warn, quarantine, drop or fail" : "warn or fail") +
                                 ", not " + word + did_you_mean(word, words));
  }

  // else, weight, when, reason, and the keys that belong to other kinds.
  Done read_common(const Yaml& node, const std::string& kind) {
    const std::string what = "rule " + rule_.name;
    const Yaml* action = node.find("else");
    if (kind == "completeness" && action) {
      return yaml_.error(*action, "completeness has no else: warn and fail stand in it");
    }
    if (kind != "completeness" && kind != "freshness") {
      if (!action) return yaml_.error(node, what + " needs the key else");
      TRY_DONE(read_action(*action));
    }
    if (const Yaml* weight = node.find("weight")) {
      TRY(const std::int64_t value, yaml_.whole(*weight, "weight", 1, 100));
      rule_.weight = static_cast<int>(value);
    }
    if (const Yaml* when = node.find("when")) {
      TRY(rule_.when, yaml_.text(*when, "when"));
    }
    if (const Yaml* reason = node.find("reason")) {
      TRY(rule_.reason, yaml_.text(*reason, "reason"));
    }
    if (rule_.action == Action::kDrop && rule_.reason.empty()) {
      return yaml_.error(node, what + " drops rows and needs the key reason");
    }
    if (const Yaml* recheck = node.find("recheck"); recheck && kind != "exists_in") {
      return yaml_.error(*recheck, "recheck belongs to exists_in only");
    }
    if (const Yaml* expect = node.find("expect"); expect && kind != "sql") {
      return yaml_.error(*expect, "expect belongs to sql only");
    }
    return done();
  }

  YamlReader yaml_;
  std::string table_;
  std::string column_;  // of the rule that is being read
  Rule rule_;
};

}  // namespace

Done check_rules(const std::vector<Rule>& rules) {
  std::set<std::string> names;
  std::size_t row_rules = 0;
  for (const Rule& rule : rules) {
    if (!names.insert(rule.name).second) {
      return error_at(rule.file, rule.place, "two rules of this table are called " + rule.name,
                      "give one of them another name");
    }
    if (rule.group == RuleGroup::kRow && ++row_rules > kRowRulesMax) {
      return error_at(rule.file, rule.place,
                      "a table has at most " + std::to_string(kRowRulesMax) + " row rules");
    }
  }
  return done();
}

Result<TableRules> parse_rules(std::string_view text, std::string_view table,
                               std::string_view file) {
  TRY(const Yaml root, parse_yaml(text, file));
  const YamlReader yaml{std::string(file)};
  TableRules result{.table = std::string(table)};
  TRY_DONE(yaml.map(root, "a rules file", {"tables"}));
  TRY(const Yaml* tables, yaml.need(root, "a rules file", "tables"));
  TRY_DONE(yaml.map(*tables, "the rules file of " + result.table, {result.table}));
  TRY(const Yaml* groups, yaml.need(*tables, "tables", table));
  TRY_DONE(yaml.map(*groups, result.table, {"row", "set", "time"}));
  RuleReader reader(std::string(file), table);
  for (std::size_t g = 0; g < groups->keys.size(); ++g) {
    const std::string& word = groups->keys[g];
    const RuleGroup group = word == "row"   ? RuleGroup::kRow
                            : word == "set" ? RuleGroup::kSet
                                            : RuleGroup::kTime;
    const Yaml& list = groups->items[g];
    if (!list.is_map()) return yaml.error(list, word + " must map names to rules");
    for (std::size_t i = 0; i < list.keys.size(); ++i) {
      TRY(Rule rule, reader.rule(list.items[i], list.keys[i], list.key_places[i], group));
      result.rules.push_back(std::move(rule));
    }
  }
  TRY_DONE(check_rules(result.rules));
  return result;
}

Result<std::vector<Rule>> parse_expect(const Yaml& node, std::string_view table,
                                       const std::string& file) {
  const YamlReader yaml(file);
  std::vector<Rule> rules;
  if (!node.is_map()) return yaml.error(node, "expect must map columns to rules");
  RuleReader reader(file, table);
  for (std::size_t i = 0; i < node.keys.size(); ++i) {
    const std::string& column = node.keys[i];
    const Yaml& list = node.items[i];
    if (column == "rows" && list.is_map()) {
      for (std::size_t r = 0; r < list.keys.size(); ++r) {
        TRY(Rule rule,
            reader.rule(list.items[r], list.keys[r], list.key_places[r], RuleGroup::kRow));
        rules.push_back(std::move(rule));
      }
      continue;
    }
    if (!list.is_list()) return yaml.error(list, "the rules of a column are a list");
    for (const Yaml& entry : list.items) {
      if (!entry.is_map() || entry.keys.size() != 1) {
        return yaml.error(entry, "an entry is one rule, for example not_null: fail");
      }
      TRY(Rule rule, reader.short_form(entry.items[0], column, entry.keys[0], entry.key_places[0]));
      rules.push_back(std::move(rule));
    }
  }
  TRY_DONE(check_rules(rules));
  return rules;
}

}  // namespace claimlake::pack
