#include "app/config.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <functional>
#include <map>
#include <optional>

#include "base/text.h"

namespace claimlake::app {
namespace {

constexpr const char* kNext = "see docs/reference/configuration.md";

std::string place(const std::string& file, const YAML::Mark& mark) {
  return fmt::format("{}:{}:{}", file, mark.line + 1, mark.column + 1);
}

Result<std::int64_t> number_within(std::string_view text, std::int64_t low, std::int64_t high) {
  const auto value = whole_number(text);
  if (!value || *value < low || *value > high) {
    return Error{Fault::kInvalidInput,
                 fmt::format("Not a whole number from {} to {}: '{}'", low, high, text)};
  }
  return *value;
}

Done set_number(int& target, std::string_view text, std::int64_t low, std::int64_t high) {
  TRY(const std::int64_t value, number_within(text, low, high));
  target = static_cast<int>(value);
  return done();
}

Done set_log_level(LogLevel& target, std::string_view text) {
  static const std::map<std::string_view, LogLevel> levels = {{"debug", LogLevel::kDebug},
                                                              {"info", LogLevel::kInfo},
                                                              {"warning", LogLevel::kWarning},
                                                              {"error", LogLevel::kError}};
  const auto found = levels.find(text);
  if (found == levels.end()) {
    return Error{Fault::kInvalidInput, fmt::format("Not a log level: '{}'", text), "",
                 "use debug, info, warning or error"};
  }
  target = found->second;
  return done();
}

// A password in a URL would end up in messages.
Done set_web_url(std::string& target, const std::string& text) {
  const bool web = text.starts_with("http://") || text.starts_with("https://");
  if (!web || text.find('@') != std::string::npos) {
    return Error{Fault::kInvalidInput,
                 "Not a URL that begins with http:// or https://, without '@'", "",
                 "a secret goes into CLAIMLAKE_LINEAGE_TOKEN"};
  }
  target = text;
  return done();
}

using Setter = std::function<Done(Config&, const std::string&)>;

const std::map<std::string, Setter>& setters() {
  static const std::map<std::string, Setter> all = {
      {"pack",
       [](Config& c, const std::string& text) {
         c.pack = text;
         return done();
       }},
      {"packs_folder",
       [](Config& c, const std::string& text) {
         c.packs_folder = text;
         return done();
       }},
      {"memory",
       [](Config& c, const std::string& text) -> Done {
         TRY(c.memory_bytes, parse_bytes(text));
         return done();
       }},
      {"threads",
       [](Config& c, const std::string& text) { return set_number(c.threads, text, 0, 1'024); }},
      {"address",
       [](Config& c, const std::string& text) {
         c.address = text;
         return done();
       }},
      {"port",
       [](Config& c, const std::string& text) { return set_number(c.port, text, 0, 65'535); }},
      {"query_seconds_max",
       [](Config& c, const std::string& text) {
         return set_number(c.query_seconds_max, text, 1, 86'400);
       }},
      {"index_folder",
       [](Config& c, const std::string& text) -> Done {
         if (!text.starts_with('/')) {
           return Error{Fault::kInvalidInput, "Not a path that begins with '/'"};
         }
         c.index_folder = text;
         return done();
       }},
      {"records",
       [](Config& c, const std::string& text) -> Done {
         const bool url = text.starts_with("postgresql://") || text.starts_with("postgres://");
         if (!url && !text.starts_with('/')) {
           return Error{Fault::kInvalidInput,
                        "Neither a path that begins with '/' nor a postgresql:// URL"};
         }
         c.records = text;
         return done();
       }},
      {"lineage_file",
       [](Config& c, const std::string& text) {
         c.lineage_file = text;
         return done();
       }},
      {"lineage_url",
       [](Config& c, const std::string& text) { return set_web_url(c.lineage_url, text); }},
      {"lineage_namespace",
       [](Config& c, const std::string& text) {
         c.lineage_namespace = text;
         return done();
       }},
      {"log_level",
       [](Config& c, const std::string& text) { return set_log_level(c.log_level, text); }},
  };
  return all;
}

// The setters above and those of the stores, which own their keys.
std::optional<Setter> setter_of(const std::string& key) {
  const auto found = setters().find(key);
  if (found != setters().end()) return found->second;
  const auto& of_stores = store::StoreSettings::keys();
  if (std::find(of_stores.begin(), of_stores.end(), key) == of_stores.end()) return std::nullopt;
  return [key](Config& c, const std::string& text) { return c.store.set(key, text); };
}

Error unknown_key(const std::string& key, const std::string& where) {
  std::vector<std::string> names = store::StoreSettings::keys();
  for (const auto& [name, setter] : setters()) names.push_back(name);
  const std::string near = nearest(key, names);
  return {Fault::kInvalidInput, fmt::format("Unknown key '{}'", key), where,
          near.empty() ? kNext : "did you mean " + near + "?"};
}

}  // namespace

Result<std::int64_t> parse_bytes(std::string_view text) {
  static const std::map<std::string, double> units = {
      {"b", 1}, {"kb", 1e3},   {"mb", 1e6},        {"gb", 1e9},          {"tb", 1e12},
      {"", 1},  {"kib", 1024}, {"mib", 1048576.0}, {"gib", 1073741824.0}};
  const std::size_t digits = text.find_first_not_of("0123456789.");
  const std::string number(text.substr(0, digits));
  std::string unit = digits == std::string_view::npos ? "" : to_lower(text.substr(digits));
  if (unit.starts_with(' ')) unit.erase(0, 1);
  double value = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
  const auto found = units.find(unit);
  if (number.empty() || error != std::errc() || end != number.data() + number.size() ||
      found == units.end() || value * found->second > 1e15) {
    return Error{Fault::kInvalidInput, fmt::format("Not a size: '{}'", text), "",
                 "write it as 512MB or 1.5GB"};
  }
  const auto bytes = static_cast<std::int64_t>(value * found->second);
  if (bytes < 128'000'000) {
    return Error{Fault::kInvalidInput, fmt::format("Too little memory: '{}'", text), "",
                 "give 128MB or more"};
  }
  return bytes;
}

Result<Config> parse_config(std::string_view yaml, const std::string& file, Config config) {
  try {
    const YAML::Node root = YAML::Load(std::string(yaml));
    if (root.IsNull()) return config;
    if (!root.IsMap()) {
      return Error{Fault::kInvalidInput, "The configuration is not a list of `key: value`",
                   place(file, root.Mark()), kNext};
    }
    for (const auto& entry : root) {
      const std::string key = entry.first.Scalar();
      const auto setter = setter_of(key);
      if (!setter) return unknown_key(key, place(file, entry.first.Mark()));
      if (entry.second.IsNull()) continue;  // nothing behind the colon: the default
      if (!entry.second.IsScalar()) {
        return Error{Fault::kInvalidInput, fmt::format("'{}' takes one value", key),
                     place(file, entry.second.Mark()), kNext};
      }
      auto set = (*setter)(config, entry.second.Scalar());
      if (!set)
        return std::move(set).error().in(key).at(place(file, entry.second.Mark())).then(kNext);
    }
  } catch (const YAML::Exception& problem) {
    return Error{Fault::kInvalidInput, "Bad YAML: " + problem.msg, place(file, problem.mark),
                 kNext};
  }
  return config;
}

std::string default_config_text() {
  return R"(# Claimlake configuration. Every key with its default; remove the # to change one.
# docs/reference/configuration.md describes them.
#pack: pet                 # the line of business, a folder of packs/
#packs_folder:             # where packs/ is; beside the program if empty
#memory: 1GiB              # of the SQL engine
#threads: 0                # 0: as many as the machine has and the memory carries
#address: 127.0.0.1        # where serve listens
#port: 8360
#query_seconds_max: 60     # for people's queries
#log_level: warning        # debug, info, warning, error
#index_folder:             # where key indexes are kept, if not in .claimlake/keys
#records:                  # the operational store, if not .claimlake/records.db
#lineage_file:             # OpenLineage events of runs, one per line, are added to this file
#lineage_url:              # and posted to this address
#lineage_namespace: claimlake
)";
}

}  // namespace claimlake::app
