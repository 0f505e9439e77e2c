#include "records/value.h"

namespace claimlake::records {

std::int64_t whole(const Value& value) {
  const auto* number = std::get_if<std::int64_t>(&value);
  return number == nullptr ? 0 : *number;
}

std::string text(const Value& value) {
  if (const auto* kept = std::get_if<std::string>(&value)) return *kept;
  const auto* number = std::get_if<std::int64_t>(&value);
  return number == nullptr ? std::string() : std::to_string(*number);
}

Value text_or_null(std::string text) {
  if (text.empty()) return std::monostate{};
  return text;
}

}  // namespace claimlake::records
