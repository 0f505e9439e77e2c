#include "serve/cursor.h"

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "net/http_message.h"

namespace claimlake::serve {
namespace {

constexpr std::string_view kDigits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

// Base64 for URLs without padding (RFC 4648, section 5).
std::string encode(std::string_view bytes) {
  std::string out;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : bytes) {
    bits = (bits << 8) | static_cast<unsigned char>(c);
    for (count += 8; count >= 6; count -= 6) out += kDigits[(bits >> (count - 6)) & 63];
  }
  if (count > 0) out += kDigits[(bits << (6 - count)) & 63];
  return out;
}

std::optional<std::string> decode(std::string_view text) {
  std::string out;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const std::size_t digit = kDigits.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    bits = (bits << 6) | static_cast<std::uint32_t>(digit);
    count += 6;
    if (count >= 8) {
      count -= 8;
      out += static_cast<char>((bits >> count) & 0xff);
    }
  }
  return out;
}

}  // namespace

std::string Cursor::text() const {
  nlohmann::json after_json = nlohmann::json::array();
  for (const auto& value : after) {
    after_json.push_back(value ? nlohmann::json(*value) : nlohmann::json());
  }
  const nlohmann::json json{{"q", query}, {"v", versions}, {"a", after_json}, {"o", offset}};
  return encode(json.dump());
}

std::optional<Cursor> Cursor::parse(std::string_view text) {
  const auto decoded = decode(text);
  if (!decoded || !is_utf8(*decoded)) return std::nullopt;
  try {
    const nlohmann::json json = nlohmann::json::parse(*decoded);
    Cursor cursor;
    cursor.query = json.at("q").get<std::string>();
    cursor.versions = json.at("v").get<std::map<std::string, delta::LogVersion>>();
    cursor.offset = json.at("o").get<std::int64_t>();
    for (const auto& value : json.at("a")) {
      cursor.after.push_back(value.is_null() ? std::nullopt
                                             : std::optional(value.get<std::string>()));
    }
    if (cursor.offset < 0) return std::nullopt;
    return cursor;
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

}  // namespace claimlake::serve
