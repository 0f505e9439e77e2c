#include "pack/yaml.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <set>
#include <sstream>

#include "base/text.h"

namespace claimlake::pack {
namespace {

// Thrown inside this file only, to leave yaml-cpp's parser at the first thing we refuse.
struct Refused {
  std::size_t offset;
  std::string message;
};

// Builds our tree from the parser's events.
class Builder final : public YAML::EventHandler {
 public:
  explicit Builder(std::string_view text) : text_(text), places_(text) {}

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    refuse(mark, anchor, "?");
    close(node(mark, Yaml::Kind::kNull));
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    throw Refused{offset(mark), "aliases (*name) are not allowed here"};
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    refuse(mark, anchor, tag);
    Yaml scalar = node(mark, Yaml::Kind::kScalar);
    scalar.quoted = tag == "!";
    if (!scalar.quoted && (value.empty() || value == "~" || value == "null")) {
      scalar.kind = Yaml::Kind::kNull;
    }
    scalar.text = value;
    close(std::move(scalar));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    refuse(mark, anchor, tag);
    open(node(mark, Yaml::Kind::kList));
  }
  void OnSequenceEnd() override { close_innermost(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    refuse(mark, anchor, tag);
    open(node(mark, Yaml::Kind::kMap));
  }
  void OnMapEnd() override { close_innermost(); }
  void OnAnchor(const YAML::Mark& mark, const std::string&) override {
    throw Refused{offset(mark), "anchors (&name) are not allowed here"};
  }

  Yaml root;

 private:
  static std::size_t offset(const YAML::Mark& mark) {
    return mark.pos < 0 ? 0 : static_cast<std::size_t>(mark.pos);
  }
  Yaml node(const YAML::Mark& mark, Yaml::Kind kind) {
    Yaml made;
    made.kind = kind;
    made.place = places_.at(offset(mark));
    return made;
  }
  static void refuse(const YAML::Mark& mark, YAML::anchor_t anchor, const std::string& tag) {
    if (anchor != YAML::NullAnchor)
      throw Refused{offset(mark), "anchors (&name) are not allowed here"};
    if (!tag.empty() && tag != "?" && tag != "!") {
      throw Refused{offset(mark), "tags (!name) are not allowed here"};
    }
  }
  void open(Yaml collection) {
    if (open_.size() >= 32) {
      throw Refused{offset_of(text_, collection.place), "more than 32 levels of nesting"};
    }
    open_.push_back({std::move(collection), {}});
  }
  void close_innermost() {
    Yaml done = std::move(open_.back().node);
    open_.pop_back();
    close(std::move(done));
  }
  // Adds a finished value to the collection around it: in a map, keys and values alternate.
  void close(Yaml value) {
    if (open_.empty()) {
      root = std::move(value);
      return;
    }
    Yaml& parent = open_.back().node;
    if (!parent.is_map() || parent.keys.size() > parent.items.size()) {
      parent.items.push_back(std::move(value));
      return;
    }
    if (!value.is_scalar()) {
      throw Refused{offset_of(text_, value.place), "a key must be a text"};
    }
    if (!open_.back().keys.insert(value.text).second) {
      throw Refused{offset_of(text_, value.place), "the key " + value.text + " is given twice"};
    }
    parent.keys.push_back(std::move(value.text));
    parent.key_places.push_back(value.place);
  }

  struct Open {
    Yaml node;
    std::set<std::string> keys;
  };

  std::string_view text_;
  Places places_;
  std::vector<Open> open_;
};

}  // namespace

const Yaml* Yaml::find(std::string_view key) const {
  for (std::size_t i = 0; i < keys.size() && i < items.size(); ++i) {
    if (keys[i] == key) return &items[i];
  }
  return nullptr;
}

Result<Yaml> parse_yaml(std::string_view text, std::string_view file) {
  constexpr std::size_t kLimitBytes = 1 << 20;  // far above any header or rules file
  if (text.size() > kLimitBytes) return error_at(file, {}, "the YAML is longer than 1 MB");
  // yaml-cpp guesses encodings from the first bytes, so anything but plain UTF-8 stops here.
  if (!is_utf8(text) || text.find('\0') != std::string_view::npos) {
    return error_at(file, {}, "the YAML is not UTF-8 text", "save the file as UTF-8");
  }
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  std::istringstream in{std::string(text)};
  Builder builder(text);
  try {
    YAML::Parser parser(in);
    parser.HandleNextDocument(builder);
    Builder second(text);
    if (parser.HandleNextDocument(second)) {
      return error_at(file, second.root.place, "more than one YAML document");
    }
  } catch (const Refused& refused) {
    return error_at(file, place_of(text, refused.offset), refused.message);
  } catch (const YAML::Exception& error) {
    const auto offset = error.mark.pos < 0 ? 0 : static_cast<std::size_t>(error.mark.pos);
    return error_at(file, place_of(text, offset), "this is not YAML: " + error.msg);
  }
  return std::move(builder.root);
}

Error YamlReader::error(const Yaml& node, std::string message, std::string next) const {
  return error_at(file_, node.place, std::move(message), std::move(next));
}

Done YamlReader::map(const Yaml& node, std::string_view what,
                     const std::vector<std::string>& allowed) const {
  const std::string name(what);
  if (!node.is_map()) return error(node, name + " must be a mapping of keys to values");
  for (std::size_t i = 0; i < node.keys.size(); ++i) {
    const std::string& key = node.keys[i];
    if (std::find(allowed.begin(), allowed.end(), key) != allowed.end()) continue;
    std::string list;
    for (const std::string& word : allowed) list += (list.empty() ? "" : ", ") + word;
    return error_at(file_, node.key_places[i],
                    name + " has no key " + key + did_you_mean(key, allowed),
                    "known keys: " + list);
  }
  return done();
}

Result<const Yaml*> YamlReader::need(const Yaml& node, std::string_view what,
                                     std::string_view key) const {
  const Yaml* value = node.find(key);
  if (!value || value->is_null()) {
    return error(node, std::string(what) + " needs the key " + std::string(key));
  }
  return value;
}

Result<std::string> YamlReader::text(const Yaml& node, std::string_view what) const {
  if (!node.is_scalar() || node.text.empty()) {
    return error(node, std::string(what) + " must be a text");
  }
  return node.text;
}

Result<std::vector<std::string>> YamlReader::texts(const Yaml& node, std::string_view what) const {
  std::vector<std::string> list;
  if (node.is_scalar()) {
    TRY(std::string one, text(node, what));
    list.push_back(std::move(one));
    return list;
  }
  if (!node.is_list() || node.items.empty()) {
    return error(node, std::string(what) + " must be a name or a list of names");
  }
  for (const Yaml& item : node.items) {
    TRY(std::string one, text(item, what));
    if (std::find(list.begin(), list.end(), one) != list.end()) {
      return error(item, std::string(what) + " names " + one + " twice");
    }
    list.push_back(std::move(one));
  }
  return list;
}

Result<std::int64_t> YamlReader::whole(const Yaml& node, std::string_view what, std::int64_t min,
                                       std::int64_t max) const {
  const std::string range = std::to_string(min) + " to " + std::to_string(max);
  const std::string message = std::string(what) + " must be a whole number, " + range;
  const std::string_view digits =
      std::string_view(node.text).substr(node.text.starts_with("-") ? 1 : 0);
  const bool plain = node.is_scalar() && !node.quoted && !digits.empty() && digits.size() <= 18 &&
                     digits.find_first_not_of("0123456789") == std::string_view::npos;
  if (!plain) return error(node, message);
  const std::int64_t value = std::stoll(node.text);
  if (value < min || value > max) return error(node, message);
  return value;
}

Result<std::chrono::milliseconds> YamlReader::duration(const Yaml& node,
                                                       std::string_view what) const {
  const std::size_t unit_at = node.text.find_first_not_of("0123456789");
  const std::string unit = unit_at == std::string::npos ? "" : node.text.substr(unit_at);
  std::int64_t unit_ms = 0;
  if (unit == "ms") unit_ms = 1;
  if (unit == "s") unit_ms = 1'000;
  if (unit == "m") unit_ms = 60'000;
  if (unit == "h") unit_ms = 3'600'000;
  if (unit == "d") unit_ms = 86'400'000;
  if (!node.is_scalar() || unit_ms == 0 || unit_at == 0 || unit_at > 6) {
    return error(node,
                 std::string(what) +
                     " must be a duration: a whole number (at most 6 digits)"
                     " and ms, s, m, h or d",
                 "for example 30s or 26h");
  }
  return std::chrono::milliseconds(std::stoll(node.text) * unit_ms);
}

}  // namespace claimlake::pack
