#include "pack/header.h"

#include <algorithm>

#include "base/text.h"
#include "pack/source.h"
#include "pack/yaml.h"

namespace claimlake::pack {
namespace {

const std::vector<std::string> kTableKeys = {
    "kind",        "description", "key", "latest_by", "changes", "clock",  "partition",
    "aggregation", "owner",       "sla", "tags",      "grants",  "expect", "tests"};
const std::vector<std::string> kViewKeys = {"kind",   "description", "owner", "tags",
                                            "grants", "tests",       "clock"};

std::vector<std::string> keys_of(Kind kind) {
  if (kind == Kind::kView) return kViewKeys;
  if (kind == Kind::kFunction) {
    std::vector<std::string> keys = kViewKeys;
    keys.push_back("parameters");
    return keys;
  }
  return kTableKeys;
}

// Reads one header key by key.
class HeaderReader {
 public:
  HeaderReader(const Yaml& root, std::string_view name, std::string_view file)
      : yaml_(std::string(file)), root_(root), name_(name) {}

  Result<Header> read() {
    if (!root_.is_map())
      return yaml_.error(root_, "the header has no keys", "write kind: and description:");
    TRY_DONE(read_kind());
    TRY_DONE(yaml_.map(root_, "a " + std::string(kind_name(header_.kind)) + " model",
                       keys_of(header_.kind)));
    for (std::size_t i = 0; i < root_.keys.size(); ++i) {
      header_.places[root_.keys[i]] = root_.key_places[i];
    }
    TRY_DONE(read_texts());
    TRY_DONE(read_lists());
    TRY_DONE(read_changes());
    TRY_DONE(read_sla());
    TRY_DONE(read_tags());
    TRY_DONE(read_grants());
    TRY_DONE(read_parameters());
    if (const Yaml* node = root_.find("expect")) {
      TRY(header_.expect, parse_expect(*node, name_, yaml_.file()));
    }
    TRY_DONE(check_needs());
    return std::move(header_);
  }

 private:
  Done read_kind() {
    TRY(const Yaml* node, yaml_.need(root_, "the header", "kind"));
    TRY(const std::string word, yaml_.text(*node, "kind"));
    std::vector<std::string> words;
    for (const Kind kind :
         {Kind::kAppend, Kind::kKeyed, Kind::kFull, Kind::kView, Kind::kFunction}) {
      words.push_back(kind_name(kind));
      if (words.back() == word) {
        header_.kind = kind;
        return done();
      }
    }
    return yaml_.error(*node, "kind is not one of append, keyed, full, view, function: " + word +
                                  did_you_mean(word, words));
  }

  Done read_texts() {
    TRY(const Yaml* description, yaml_.need(root_, "the header", "description"));
    TRY(header_.description, yaml_.text(*description, "description"));
    if (const Yaml* node = root_.find("owner")) {
      TRY(header_.owner, yaml_.text(*node, "owner"));
    }
    if (const Yaml* node = root_.find("clock")) {
      TRY(const std::string clock, yaml_.text(*node, "clock"));
      if (clock != "day") return yaml_.error(*node, "clock can only be day, not " + clock);
      header_.clock_day = true;
    }
    if (const Yaml* node = root_.find("aggregation")) {
      TRY(header_.aggregation, yaml_.text(*node, "aggregation"));
      const std::vector<std::string> words = {"customer", "claim", "month", "provider"};
      if (std::find(words.begin(), words.end(), header_.aggregation) == words.end()) {
        return yaml_.error(*node, "aggregation is not one of customer, claim, month, provider: " +
                                      header_.aggregation +
                                      did_you_mean(header_.aggregation, words));
      }
    }
    return done();
  }

  Done read_lists() {
    const std::pair<const char*, std::vector<std::string>*> lists[] = {
        {"key", &header_.key},
        {"latest_by", &header_.latest_by},
        {"partition", &header_.partition},
        {"tests", &header_.tests}};
    for (const auto& [key, list] : lists) {
      if (const Yaml* node = root_.find(key)) {
        TRY(*list, yaml_.texts(*node, key));
      }
    }
    return done();
  }

  Done read_changes() {
    const Yaml* node = root_.find("changes");
    if (!node) return done();
    if (!node->is_map()) return yaml_.error(*node, "changes must map tables to columns");
    for (std::size_t i = 0; i < node->keys.size(); ++i) {
      TRY(header_.changes[node->keys[i]], yaml_.texts(node->items[i], "changes"));
    }
    return done();
  }

  Done read_sla() {
    const Yaml* node = root_.find("sla");
    if (!node) return done();
    TRY_DONE(yaml_.map(*node, "sla", {"fresh", "warn_after", "by"}));
    if (const Yaml* value = node->find("fresh")) {
      TRY(header_.sla.fresh, yaml_.duration(*value, "fresh"));
    }
    if (const Yaml* value = node->find("warn_after")) {
      TRY(header_.sla.warn_after, yaml_.duration(*value, "warn_after"));
    }
    if (const Yaml* value = node->find("by")) {
      TRY(header_.sla.by, yaml_.text(*value, "by"));
      const std::string& by = header_.sla.by;
      const auto digit = [&](std::size_t i) { return by[i] >= '0' && by[i] <= '9'; };
      const bool time = by.size() > 6 && digit(0) && digit(1) && by[2] == ':' && digit(3) &&
                        digit(4) && by[5] == ' ' && by.substr(0, 2) < "24" && by[3] < '6';
      if (!time) {
        return yaml_.error(*value, "by must be a time and a zone, not " + by,
                           "for example \"06:00 America/New_York\"");
      }
    }
    return done();
  }

  Done read_tags() {
    const Yaml* node = root_.find("tags");
    if (!node) return done();
    if (!node->is_map()) return yaml_.error(*node, "tags must map a tag to columns");
    for (std::size_t i = 0; i < node->keys.size(); ++i) {
      TRY(header_.tags[node->keys[i]], yaml_.texts(node->items[i], "a tag"));
    }
    return done();
  }

  Done read_grants() {
    const Yaml* node = root_.find("grants");
    if (!node) return done();
    if (!node->is_map()) return yaml_.error(*node, "grants must map a role to what it may read");
    for (std::size_t i = 0; i < node->keys.size(); ++i) {
      const Yaml& grant = node->items[i];
      std::string& kept = header_.grants[node->keys[i]];
      if (grant.is_map()) {
        TRY_DONE(yaml_.map(grant, "a grant", {"rows"}));
        TRY(const Yaml* rows, yaml_.need(grant, "a grant", "rows"));
        TRY(const std::string condition, yaml_.text(*rows, "rows"));
        kept = "rows: " + condition;
        continue;
      }
      TRY(kept, yaml_.text(grant, "a grant"));
      if (kept != "clear" && kept != "masked" && kept != "none") {
        return yaml_.error(grant, "a grant is clear, masked, none or {rows: condition}, not " +
                                      kept + did_you_mean(kept, {"clear", "masked", "none"}));
      }
    }
    return done();
  }

  Done read_parameters() {
    const Yaml* node = root_.find("parameters");
    if (!node) return done();
    if (!node->is_map() || node->keys.empty()) {
      return yaml_.error(*node, "parameters must map names to types");
    }
    for (std::size_t i = 0; i < node->keys.size(); ++i) {
      TRY(const std::string word, yaml_.text(node->items[i], "a type"));
      auto type = source_sql_type(word);
      if (!type) return yaml_.error(node->items[i], type.error().message, type.error().next);
      header_.parameters.emplace_back(node->keys[i], *type);
    }
    return done();
  }

  // What one key demands of the others.
  Done check_needs() const {
    const Kind kind = header_.kind;
    const bool gold = name_.starts_with("gold.");
    const auto missing = [&](const char* key, const char* why) {
      return yaml_.error(root_, std::string(why) + " needs the key " + key);
    };
    if (kind == Kind::kKeyed && header_.key.empty()) return missing("key", "a keyed model");
    if (kind == Kind::kFunction && header_.parameters.empty()) {
      return missing("parameters", "a function");
    }
    if (gold && kind != Kind::kView && kind != Kind::kFunction && header_.aggregation.empty()) {
      return missing("aggregation", "a Gold table");
    }
    if (!header_.latest_by.empty() && header_.key.empty()) return missing("key", "latest_by");
    return done();
  }

  YamlReader yaml_;
  const Yaml& root_;
  std::string name_;
  Header header_;
};

}  // namespace

const char* kind_name(Kind kind) {
  switch (kind) {
    case Kind::kAppend:
      return "append";
    case Kind::kKeyed:
      return "keyed";
    case Kind::kFull:
      return "full";
    case Kind::kView:
      return "view";
    case Kind::kFunction:
      return "function";
  }
  return "unknown";
}

Result<Header> parse_header(std::string_view yaml, std::string_view name, std::string_view file) {
  TRY(const Yaml root, parse_yaml(yaml, file));
  return HeaderReader(root, name, file).read();
}

}  // namespace claimlake::pack
