#include "check/partition_value.h"

#include <charconv>
#include <cstdint>
#include <limits>

#include "base/text.h"

namespace claimlake::check {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Takes from `least` to `most` digits off the front.
bool take_digits(std::string_view& text, std::size_t least, std::size_t most) {
  std::size_t count = 0;
  while (count < text.size() && is_digit(text[count])) ++count;
  if (count < least || count > most) return false;
  text.remove_prefix(count);
  return true;
}

bool take(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

bool take_date(std::string_view& text) {
  if (!take(text, '-')) take(text, '+');
  return take_digits(text, 4, 9) && take(text, '-') && take_digits(text, 1, 2) && take(text, '-') &&
         take_digits(text, 1, 2);
}

bool take_clock(std::string_view& text) {
  if (!take_digits(text, 1, 2) || !take(text, ':') || !take_digits(text, 1, 2)) return false;
  if (take(text, ':') && !take_digits(text, 1, 2)) return false;
  return !take(text, '.') || take_digits(text, 1, 9);
}

// "Z", "+01:00", or nothing.
bool take_zone(std::string_view& text) {
  if (text.empty() || take(text, 'Z')) return true;
  if (!take(text, '+') && !take(text, '-')) return false;
  if (!take_digits(text, 2, 4)) return false;
  return !take(text, ':') || take_digits(text, 2, 2);
}

bool is_time(std::string_view text, bool zoned) {
  if (!take_date(text)) return false;
  if (text.empty()) return true;
  if (!take(text, ' ') && !take(text, 'T')) return false;
  return take_clock(text) && (zoned ? take_zone(text) && text.empty() : text.empty());
}

bool is_integer(std::string_view text, std::int64_t least, std::int64_t most) {
  take(text, '+');
  const auto value = whole_number(text);
  return value && *value >= least && *value <= most;
}

bool is_real(std::string_view text) {
  if (text == "NaN" || text == "Infinity" || text == "-Infinity") return true;
  double value = 0;
  take(text, '+');
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  // A value past the range is still the text of a number: the reader makes it infinite or zero.
  return (error == std::errc() || error == std::errc::result_out_of_range) &&
         end == text.data() + text.size();
}

template <class Integer>
bool is_integer_of(std::string_view text) {
  return is_integer(text, std::numeric_limits<Integer>::min(), std::numeric_limits<Integer>::max());
}

}  // namespace

bool is_partition_value(std::string_view text, std::string_view type) {
  if (text.empty()) return true;
  if (type == "byte") return is_integer_of<std::int8_t>(text);
  if (type == "short") return is_integer_of<std::int16_t>(text);
  if (type == "integer") return is_integer_of<std::int32_t>(text);
  if (type == "long") return is_integer_of<std::int64_t>(text);
  if (type == "float" || type == "double") return is_real(text);
  if (type.starts_with("decimal")) return is_real(text) && is_digit(text.back());
  if (type == "boolean") return text == "true" || text == "false";
  if (type == "date") return take_date(text) && text.empty();
  if (type == "timestamp") return is_time(text, true);
  if (type == "timestamp_ntz") return is_time(text, false);
  return true;
}

}  // namespace claimlake::check
