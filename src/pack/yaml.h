#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "pack/place.h"

namespace claimlake::pack {

// A value of plain YAML: mappings, sequences and scalars; no anchors, aliases, tags or several
// documents, no key twice. (The tree of yaml-cpp resolves aliases silently and may be cyclic.)
struct Yaml {
  enum class Kind { kNull, kScalar, kList, kMap };
  Kind kind = Kind::kNull;
  std::string text;               // of a scalar
  bool quoted = false;            // the scalar stood in quotes, so "null" and "5" are texts
  Place place;                    // of its first character
  std::vector<std::string> keys;  // of a map, in the order of the file
  std::vector<Place> key_places;
  std::vector<Yaml> items;  // of a list, or the values of a map

  bool is_map() const { return kind == Kind::kMap; }
  bool is_list() const { return kind == Kind::kList; }
  bool is_scalar() const { return kind == Kind::kScalar; }
  bool is_null() const { return kind == Kind::kNull; }
  // The value of that key, or null.
  const Yaml* find(std::string_view key) const;
};

// Reads one document. `file` and places appear in errors. Errors: kInvalidInput.
Result<Yaml> parse_yaml(std::string_view text, std::string_view file);

// Reads typed values out of a document and says what is wrong where.
class YamlReader {
 public:
  explicit YamlReader(std::string file) : file_(std::move(file)) {}
  const std::string& file() const { return file_; }

  // Fails unless `node` is a map that has no other keys than `allowed`; `what` names the thing.
  Done map(const Yaml& node, std::string_view what, const std::vector<std::string>& allowed) const;
  // The value of a key that must be there.
  Result<const Yaml*> need(const Yaml& node, std::string_view what, std::string_view key) const;
  Result<std::string> text(const Yaml& node, std::string_view what) const;
  // One text, or a list of them without repetition.
  Result<std::vector<std::string>> texts(const Yaml& node, std::string_view what) const;
  Result<std::int64_t> whole(const Yaml& node, std::string_view what, std::int64_t min,
                             std::int64_t max) const;
  // A whole number and a unit: ms, s, m, h, d.
  Result<std::chrono::milliseconds> duration(const Yaml& node, std::string_view what) const;
  Error error(const Yaml& node, std::string message, std::string next = {}) const;

 private:
  std::string file_;
};

}  // namespace claimlake::pack
