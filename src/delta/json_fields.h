#pragma once

#include <simdjson.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace claimlake::delta {

// Reads members of a JSON object and remembers the first one that is missing or has the wrong
// type, so that a reader of ten members checks once, at the end. A null member counts as absent.
class JsonFields {
 public:
  explicit JsonFields(simdjson::dom::object object) : object_(object) {}

  std::string text(const char* name);  // "" if absent
  std::string required_text(const char* name);
  std::optional<std::int64_t> number(const char* name);
  std::int64_t required_number(const char* name);
  bool boolean(const char* name, bool if_absent);
  std::vector<std::string> texts(const char* name);  // empty if absent
  std::map<std::string, std::string> text_map(const char* name);
  std::map<std::string, std::optional<std::string>> nullable_text_map(const char* name);
  std::map<std::string, std::string> json_map(const char* name);  // values as JSON texts
  // Texts as they are, all other values as JSON texts.
  std::map<std::string, std::string> plain_map(const char* name);
  std::optional<simdjson::dom::object> object(const char* name);

  // For readers of one pass: all members, and a value that is not null put where it belongs. False
  // (and reported) if it has another type.
  const simdjson::dom::object& members() const { return object_; }
  bool take(std::string_view name, simdjson::dom::element value, std::string& out);
  bool take(std::string_view name, simdjson::dom::element value, std::int64_t& out);
  bool take(std::string_view name, simdjson::dom::element value, bool& out);
  bool take(std::string_view name, simdjson::dom::element value,
            std::map<std::string, std::optional<std::string>>& out);

  // The first problem, for people: "member 'size' is missing". Empty if there was none.
  const std::string& problem() const { return problem_; }
  void report(std::string_view problem);

 private:
  bool find(const char* name, simdjson::dom::element& value);
  simdjson::dom::object object_;
  std::string problem_;
};

}  // namespace claimlake::delta
