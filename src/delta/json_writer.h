#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace claimlake::delta {

// The JSON text of a string, quotes included: what Field::metadata holds.
std::string json_string(std::string_view text);

// Writes JSON text at the end of a string. Commas come by themselves; the caller closes what it
// opens. Text that is not UTF-8 is mended first, for a log that nobody can read is worse.
class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}  // `out` outlives this

  JsonWriter& open_object() { return open('{'); }
  JsonWriter& close_object() { return close('}'); }
  JsonWriter& open_array() { return open('['); }
  JsonWriter& close_array() { return close(']'); }
  JsonWriter& key(std::string_view name);
  JsonWriter& text(std::string_view value);
  JsonWriter& number(std::int64_t value);
  JsonWriter& boolean(bool value);
  JsonWriter& null() { return raw("null"); }
  // `json` is a whole JSON value already.
  JsonWriter& raw(std::string_view json);

  JsonWriter& texts(const std::vector<std::string>& values);
  JsonWriter& texts(const std::map<std::string, std::string>& values);
  JsonWriter& texts(const std::map<std::string, std::optional<std::string>>& values);
  // Writes the member only if there is a value.
  JsonWriter& member(std::string_view name, const std::optional<std::int64_t>& value);

 private:
  JsonWriter& open(char bracket);
  JsonWriter& close(char bracket);
  void comma();
  std::string& out_;
};

}  // namespace claimlake::delta
