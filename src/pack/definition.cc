#include "pack/definition.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "base/check.h"
#include "base/text.h"
#include "pack/sql_text.h"
#include "store/digest.h"

namespace claimlake::pack {
namespace {

using Named = Definition::Named;

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

std::string canonical(const std::vector<Token>& tokens, std::size_t begin, std::size_t end) {
  std::string text;
  for (std::size_t i = begin; i < end; ++i) {
    if (!text.empty()) text += ' ';
    text +=
        tokens[i].kind == TokenKind::kWord ? to_lower(tokens[i].text) : std::string(tokens[i].text);
  }
  return text;
}

std::string canonical(std::string_view sql) {
  const auto tokens = tokenize(sql);
  if (!tokens) return std::string(sql);
  const std::vector<Token> words = without_comments(*tokens);
  return canonical(words, 0, words.size());
}

// Where the parenthesis that opens at `open` closes.
std::size_t closing(const std::vector<Token>& words, std::size_t open) {
  int depth = 0;
  for (std::size_t i = open; i < words.size(); ++i) {
    if (words[i].is("(")) ++depth;
    if (words[i].is(")") && --depth == 0) return i;
  }
  return words.size();
}

// Splits the SQL into its CTEs, the items of the outermost SELECT, and the rest.
void take_sql(const Model& model, Definition& definition) {
  const auto tokens = tokenize(model.sql);
  CHECK(tokens.has_value(), "a bound model has been read");
  const std::vector<Token> words = without_comments(*tokens);
  const std::vector<SelectItem> items = select_items(*tokens, model.sql);
  for (std::size_t i = 0; i < std::min(items.size(), definition.columns.size()); ++i) {
    if (!items[i].star) definition.columns[i].formula = canonical(items[i].sql);
  }
  const bool star = items.empty() || items[0].star;
  const std::size_t list_begin = star ? model.sql.size() : items.front().offset;
  const std::size_t list_end = star ? 0 : items.back().offset + items.back().sql.size();
  std::size_t at = 0;
  const bool plain_with = !words.empty() && words[0].is("WITH");
  while (plain_with && at + 3 < words.size() && words[at + 2].is("AS") && words[at + 3].is("(")) {
    const std::size_t end = closing(words, at + 3);
    definition.ctes.push_back({to_lower(words[at + 1].text), canonical(words, at + 4, end)});
    if (end + 1 >= words.size() || !words[end + 1].is(",")) {
      at = end + 1;
      break;
    }
    at = end + 1;  // the comma stands where WITH stood
  }
  std::vector<Token> rest;
  for (std::size_t i = at; i < words.size(); ++i) {
    const bool in_list = words[i].offset >= list_begin && words[i].offset < list_end;
    if (!in_list) rest.push_back(words[i]);
  }
  definition.rest = canonical(rest, 0, rest.size());
}

// What a rule says, with all that its sentence for people leaves out.
std::string text_of(const Rule& rule) {
  std::string text = std::string(rule_kind_name(rule.body)) + ": " + rule_text(rule) + "; " +
                     action_name(rule.action) + "; weight " + std::to_string(rule.weight);
  if (const auto* in = std::get_if<In>(&rule.body)) {
    for (const std::string& value : in->values) text += " " + sql_string(value);
  } else if (const auto* share = std::get_if<Completeness>(&rule.body)) {
    text += "; " + std::to_string(share->warn_below_bp.value_or(-1)) + " " +
            std::to_string(share->fail_below_bp.value_or(-1));
  } else if (const auto* age = std::get_if<Freshness>(&rule.body)) {
    for (const auto& limit : {age->warn_after, age->fail_after}) {
      text += " " + std::to_string(limit ? limit->count() : -1);
    }
  } else if (const auto* parent = std::get_if<ExistsIn>(&rule.body)) {
    text += " " + std::to_string(parent->recheck ? parent->recheck->count() : -1);
  }
  return rule.reason.empty() ? text : text + "; " + rule.reason;
}

std::vector<Named> header_of(const Header& header) {
  std::vector<Named> named;
  const auto add = [&named](const char* name, std::string text) {
    if (!text.empty()) named.push_back({name, std::move(text)});
  };
  add("clock", header.clock_day ? "day" : "");
  add("latest_by", joined(header.latest_by));
  std::string changes;
  for (const auto& [table, columns] : header.changes)
    changes += table + ": " + joined(columns) + "; ";
  add("changes", changes);
  std::string tags;
  for (const auto& [tag, columns] : header.tags) tags += tag + ": " + joined(columns) + "; ";
  add("tags", tags);
  std::string parameters;
  for (const auto& [name, type] : header.parameters) parameters += name + " " + type + "; ";
  add("parameters", parameters);
  return named;
}

std::string about(const Header& header) {
  std::string text = header.description + "\n" + header.owner + "\n" + header.sla.by;
  for (const auto& limit : {header.sla.fresh, header.sla.warn_after}) {
    text += " " + std::to_string(limit ? limit->count() : -1);
  }
  for (const auto& [role, grant] : header.grants) text += "\n" + role + ": " + grant;
  return text + "\n" + joined(header.tests);
}

nlohmann::json to_json(const std::vector<Named>& list) {
  nlohmann::json out = nlohmann::json::array();
  for (const Named& each : list) out.push_back({each.name, each.text});
  return out;
}

std::vector<Named> named_from(const nlohmann::json& list) {
  std::vector<Named> out;
  for (const auto& each : list) {
    out.push_back({each.at(0).get<std::string>(), each.at(1).get<std::string>()});
  }
  return out;
}

nlohmann::json to_json(const Definition& definition, bool with_about) {
  nlohmann::json columns = nlohmann::json::array();
  for (const Definition::Column& column : definition.columns) {
    columns.push_back({column.name, column.type, column.formula, with_about ? column.about : ""});
  }
  return {{"kind", definition.kind},
          {"key", definition.key},
          {"grain", definition.grain},
          {"partition", definition.partition},
          {"header", to_json(definition.header)},
          {"columns", columns},
          {"ctes", to_json(definition.ctes)},
          {"rest", definition.rest},
          {"rules", to_json(definition.rules)},
          {"sources", definition.sources},
          {"about", with_about ? definition.about : ""}};
}

// "DECIMAL(18,2)" as {18, 2}; {0, 0} for any other type.
std::pair<int, int> decimal_of(const std::string& type) {
  int precision = 0;
  int scale = 0;
  if (std::sscanf(type.c_str(), "DECIMAL(%d,%d)", &precision, &scale) != 2) return {0, 0};
  return {precision, scale};
}

// True if every value of `before` is one of `after`, as readers see it.
bool widens(const std::string& before, const std::string& after) {
  static const std::vector<std::string> kWhole = {"TINYINT", "SMALLINT", "INTEGER", "BIGINT"};
  const auto a = std::find(kWhole.begin(), kWhole.end(), before);
  const auto b = std::find(kWhole.begin(), kWhole.end(), after);
  if (a != kWhole.end() && b != kWhole.end()) return a <= b;
  if (before == "FLOAT" && after == "DOUBLE") return true;
  const auto [old_precision, old_scale] = decimal_of(before);
  const auto [precision, scale] = decimal_of(after);
  return old_precision > 0 && scale >= old_scale && precision - scale >= old_precision - old_scale;
}

// Names of what came, went or has another text.
struct Difference {
  std::vector<std::string> added, removed, changed;
  bool any() const { return !added.empty() || !removed.empty() || !changed.empty(); }
};
Difference difference(const std::vector<Named>& before, const std::vector<Named>& after) {
  Difference out;
  std::map<std::string, std::string> old;
  for (const Named& each : before) old[each.name] = each.text;
  for (const Named& each : after) {
    const auto found = old.find(each.name);
    if (found == old.end()) {
      out.added.push_back(each.name);
      continue;
    }
    if (found->second != each.text) out.changed.push_back(each.name);
    old.erase(found);
  }
  for (const auto& [name, text] : old) out.removed.push_back(name);
  return out;
}

std::vector<std::string> all_of(const Difference& difference) {
  std::vector<std::string> names = difference.changed;
  names.insert(names.end(), difference.added.begin(), difference.added.end());
  names.insert(names.end(), difference.removed.begin(), difference.removed.end());
  return names;
}

void compare_columns(const Definition& before, const Definition& after, DefinitionChange& change) {
  std::map<std::string, const Definition::Column*> old;
  for (const auto& column : before.columns) old[to_lower(column.name)] = &column;
  for (const auto& column : after.columns) {
    const auto found = old.find(to_lower(column.name));
    if (found == old.end()) {
      change.columns_added.push_back(column.name);
      continue;
    }
    const Definition::Column& was = *found->second;
    if (was.type != column.type || was.formula != column.formula || was.name != column.name) {
      change.columns_changed.push_back(column.name);
    }
    if (was.type != column.type && !widens(was.type, column.type)) {
      change.breaking.push_back(column.name + " was " + was.type + " and is " + column.type);
    }
    old.erase(found);
  }
  for (const auto& column : before.columns) {
    if (!old.contains(to_lower(column.name))) continue;
    change.columns_removed.push_back(column.name);
    change.breaking.push_back("the column " + column.name + " goes");
  }
}

}  // namespace

Definition definition_of(const Pack& pack, const Model& model) {
  Definition definition;
  for (const std::string& input : model.inputs) {
    if (!input.starts_with("raw.")) continue;
    const Source* source = pack.source(input.substr(4));
    CHECK(source != nullptr, "load_pack has checked what models read");
    definition.sources += source->text;
  }
  definition.kind = kind_name(model.header.kind);
  definition.key = model.header.key;
  definition.grain = model.header.aggregation;
  definition.partition = model.header.partition;
  definition.header = header_of(model.header);
  for (const ColumnDoc& column : model.columns) {
    definition.columns.push_back(
        {column.name, column.type, "", column.doc + " [" + column.unit + "]"});
  }
  take_sql(model, definition);
  for (const Rule& rule : model.rules.rules) definition.rules.push_back({rule.name, text_of(rule)});
  definition.about = about(model.header);
  return definition;
}

std::string computed_text(const Definition& definition) {
  return to_json(definition, false).dump();
}

std::string to_text(const Definition& definition) { return to_json(definition, true).dump(); }

Result<Definition> definition_from(std::string_view text) {
  const Error damaged{Fault::kCorrupt, "a model's definition that the lake keeps cannot be read",
                      "ops.models", "claimlake run --force keeps it anew"};
  const auto json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object()) return damaged;
  try {
    Definition definition;
    definition.kind = json.at("kind").get<std::string>();
    definition.key = json.at("key").get<std::vector<std::string>>();
    definition.grain = json.at("grain").get<std::string>();
    definition.partition = json.at("partition").get<std::vector<std::string>>();
    definition.header = named_from(json.at("header"));
    for (const auto& column : json.at("columns")) {
      const auto part = [&](std::size_t i) { return column.at(i).get<std::string>(); };
      definition.columns.push_back({part(0), part(1), part(2), part(3)});
    }
    definition.ctes = named_from(json.at("ctes"));
    definition.rest = json.at("rest").get<std::string>();
    definition.rules = named_from(json.at("rules"));
    definition.sources = json.at("sources").get<std::string>();
    definition.about = json.at("about").get<std::string>();
    return definition;
  } catch (const nlohmann::json::exception&) {
    return damaged;
  }
}

// The first 32 hex digits of SHA-256: names a content, guards nothing.
std::string definition_hash(const Definition& definition) {
  constexpr std::size_t kHexDigits = 32;
  return store::to_hex(store::sha256(computed_text(definition))).substr(0, kHexDigits);
}

std::int64_t definition_number(std::string_view hash) {
  std::int64_t number = 0;
  for (const char c : hash.substr(0, 15)) {
    number = number * 16 + (c <= '9' ? c - '0' : c - 'a' + 10);
  }
  return number;
}

const char* change_class_name(ChangeClass change) {
  switch (change) {
    case ChangeClass::kNone:
      return "none";
    case ChangeClass::kBreaking:
      return "breaking";
    case ChangeClass::kValues:
      return "values";
    case ChangeClass::kRules:
      return "rules";
    case ChangeClass::kAdditive:
      return "additive";
    case ChangeClass::kText:
      return "text";
  }
  return "unknown";
}

DefinitionChange compare(const Definition& before, const Definition& after) {
  DefinitionChange change;
  compare_columns(before, after, change);
  const auto other = [&](const std::string& was, const std::string& is, const char* what) {
    if (was != is) change.breaking.push_back(std::string(what) + " was " + was + " and is " + is);
  };
  other(before.kind, after.kind, "the kind");
  other(joined(before.key), joined(after.key), "the key");
  other(before.grain, after.grain, "what a row is about");
  change.ctes_changed = all_of(difference(before.ctes, after.ctes));
  change.rest_changed = before.rest != after.rest;
  change.header_changed = all_of(difference(before.header, after.header));
  if (before.partition != after.partition) change.header_changed.emplace_back("partition");
  if (before.sources != after.sources) change.header_changed.emplace_back("sources");
  Difference rules = difference(before.rules, after.rules);
  if (!rules.any() && before.rules != after.rules) rules.changed.emplace_back("(their order)");
  change.rules_added = rules.added;
  change.rules_removed = rules.removed;
  change.rules_changed = rules.changed;
  if (!change.breaking.empty()) {
    change.change_class = ChangeClass::kBreaking;
  } else if (!change.columns_changed.empty() || !change.columns_known() ||
             !change.header_changed.empty()) {
    change.change_class = ChangeClass::kValues;
  } else if (rules.any()) {
    change.change_class = ChangeClass::kRules;
  } else if (!change.columns_added.empty()) {
    change.change_class = ChangeClass::kAdditive;
  } else if (computed_text(before) != computed_text(after)) {
    change.change_class = ChangeClass::kValues;  // the order of columns
  } else if (!(before == after)) {
    change.change_class = ChangeClass::kText;
  }
  return change;
}

}  // namespace claimlake::pack
