#include "delta/stats.h"

#include <simdjson.h>

#include <limits>

namespace claimlake::delta {
namespace {

constexpr std::string_view kLastCharacter = "\xF4\x8F\xBF\xBF";  // U+10FFFF
constexpr unsigned char kLastAscii = 0x7f;

// The bytes of the UTF-8 character at the start of `text`, which is not empty.
std::size_t character_bytes(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const std::size_t bytes = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  return bytes < text.size() ? bytes : text.size();
}

// The length in bytes of the first `units` UTF-16 units; a pair of surrogates is not parted.
std::size_t prefix_bytes(std::string_view text, int units) {
  std::size_t end = 0;
  while (end < text.size()) {
    const std::size_t bytes = character_bytes(text.substr(end));
    units -= bytes == 4 ? 2 : 1;
    if (units < 0) break;
    end += bytes;
  }
  return end;
}

}  // namespace

std::string lower_text(std::string_view value, int units) {
  return std::string(value.substr(0, prefix_bytes(value, units)));
}

// Bytes of UTF-8 sort as characters do, and 0x7F is the shorter choice where it is enough. It is
// enough only if the first character that was cut off sorts before it; with U+10FFFF itself cut
// off nothing sorts after it, and one more character of the value is kept instead.
std::optional<std::string> upper_text(std::string_view value, int units) {
  std::size_t end = prefix_bytes(value, units);
  while (end < value.size()) {
    const std::string_view rest = value.substr(end);
    if (static_cast<unsigned char>(rest.front()) < kLastAscii) {
      return std::string(value.substr(0, end)) + static_cast<char>(kLastAscii);
    }
    if (!rest.starts_with(kLastCharacter)) {
      return std::string(value.substr(0, end)).append(kLastCharacter);
    }
    end += kLastCharacter.size();
    if (end >= prefix_bytes(value, 2 * units)) return std::nullopt;  // nothing but the last one
  }
  return std::string(value);
}

std::int64_t widened_upper_time(std::int64_t micros) {
  constexpr std::int64_t kCutOff = 999;
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  return micros > kMost - kCutOff ? kMost : micros + kCutOff;
}

// The text is kept as it is, for numbers have more digits than a double: only the one member is
// looked for, among those of the object itself.
std::string with_wide_bounds(std::string_view stats_json) {
  constexpr std::string_view kName = "\"tightBounds\"";
  std::string out(stats_json);
  const auto end = out.rfind('}');
  if (end == std::string::npos) return out;
  int depth = 0;
  bool in_text = false;
  for (std::size_t i = 0; i < end; ++i) {
    const char c = out[i];
    if (in_text) {
      if (c == '\\') ++i;
      if (c == '"') in_text = false;
    } else if (c == '"') {
      const bool found = depth == 1 && std::string_view(out).substr(i).starts_with(kName);
      const auto value = found ? out.find_first_not_of(" :", i + kName.size()) : std::string::npos;
      if (value != std::string::npos && out.compare(value, 4, "true") == 0) {
        return out.replace(value, 4, "false");
      }
      if (value != std::string::npos && out.compare(value, 5, "false") == 0) return out;
      in_text = true;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  const bool empty = out.find_first_not_of(" {") == end;
  return out.insert(end, std::string(empty ? "" : ",") + "\"tightBounds\":false");
}

std::optional<bool> tight_bounds(std::string_view stats_json) {
  if (stats_json.find("tightBounds") == std::string_view::npos) return std::nullopt;
  simdjson::dom::parser parser;
  simdjson::dom::element stats;
  bool tight = false;
  if (parser.parse(stats_json.data(), stats_json.size(), true).get(stats)) return std::nullopt;
  if (stats["tightBounds"].get(tight)) return std::nullopt;
  return tight;
}

}  // namespace claimlake::delta
