#include "bronze/raw_values.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <limits>

#include "base/text.h"

namespace claimlake::bronze {
namespace {

bool is_digit(char letter) { return letter >= '0' && letter <= '9'; }

// A number taken apart: its digits without the point, and the power of ten of the last one.
struct Decimal {
  bool negative = false;
  std::string_view whole, fraction;
  std::int64_t exponent = 0;
};

std::string_view take_digits(std::string_view& text) {
  std::size_t count = 0;
  while (count < text.size() && is_digit(text[count])) ++count;
  const std::string_view digits = text.substr(0, count);
  text.remove_prefix(count);
  return digits;
}

std::optional<std::int64_t> take_exponent(std::string_view& text) {
  text.remove_prefix(1);
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  const std::string_view digits = take_digits(text);
  if (digits.empty() || digits.size() > 6) return std::nullopt;  // no column is that wide
  std::int64_t value = 0;
  for (const char digit : digits) value = value * 10 + (digit - '0');
  return negative ? -value : value;
}

std::optional<Decimal> take_apart(std::string_view text) {
  Decimal decimal;
  decimal.negative = text.starts_with('-');
  if (decimal.negative) text.remove_prefix(1);
  decimal.whole = take_digits(text);
  if (decimal.whole.empty()) return std::nullopt;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    decimal.fraction = take_digits(text);
    if (decimal.fraction.empty()) return std::nullopt;
  }
  if (text.starts_with('e') || text.starts_with('E')) {
    const auto exponent = take_exponent(text);
    if (!exponent) return std::nullopt;
    decimal.exponent = *exponent;
  }
  if (!text.empty()) return std::nullopt;
  return decimal;
}

// The significant digits of the number times 10^scale, if that is whole.
std::optional<std::string> scaled_digits(const Decimal& decimal, int scale) {
  std::string digits(decimal.whole);
  digits += decimal.fraction;
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size()));
  if (digits.empty()) return digits;
  std::int64_t shift =
      decimal.exponent + scale - static_cast<std::int64_t>(decimal.fraction.size());
  while (shift < 0) {
    if (digits.back() != '0') return std::nullopt;
    digits.pop_back();
    ++shift;
  }
  constexpr std::int64_t kShiftMax = 64;  // past any column
  digits.append(static_cast<std::size_t>(std::min(shift, kShiftMax)), '0');
  return digits;
}

// The usual form, up to 15 digits before the point and at most `scale` behind it, without copying.
std::optional<std::int64_t> parse_plain(std::string_view text, int scale) {
  const bool negative = text.starts_with('-');
  std::size_t at = negative ? 1 : 0;
  const std::size_t first = at;
  std::int64_t value = 0;
  while (at < text.size() && is_digit(text[at])) value = value * 10 + (text[at++] - '0');
  if (at == first || at - first > 15) return std::nullopt;
  int missing = scale;
  if (at < text.size()) {
    const std::size_t decimals = text.size() - at - 1;
    if (text[at] != '.' || decimals == 0 || decimals > static_cast<std::size_t>(scale)) {
      return std::nullopt;
    }
    while (++at < text.size()) {
      if (!is_digit(text[at])) return std::nullopt;
      value = value * 10 + (text[at] - '0');
      --missing;
    }
  }
  for (; missing > 0; --missing) value *= 10;
  return negative ? -value : value;
}

std::int64_t power_of_ten(int exponent) {
  std::int64_t power = 1;
  for (; exponent > 0; --exponent) power *= 10;
  return power;
}

// A whole number of at most 19 digits between `low` and `high`.
std::optional<std::int64_t> parse_whole(std::string_view text, std::int64_t low,
                                        std::int64_t high) {
  if (text.size() <= 12) {
    const auto plain = parse_plain(text, 0);
    if (plain) return *plain >= low && *plain <= high ? plain : std::nullopt;
  }
  const auto decimal = take_apart(text);
  if (!decimal) return std::nullopt;
  const auto digits = scaled_digits(*decimal, 0);
  if (!digits || digits->size() > 19) return std::nullopt;
  std::uint64_t value = 0;
  for (const char digit : *digits) value = value * 10 + static_cast<std::uint64_t>(digit - '0');
  const auto limit =
      decimal->negative ? 0 - static_cast<std::uint64_t>(low) : static_cast<std::uint64_t>(high);
  if (value > limit) return std::nullopt;
  return static_cast<std::int64_t>(decimal->negative ? 0 - value : value);
}

}  // namespace

std::optional<std::int64_t> parse_decimal(std::string_view text, int precision, int scale) {
  if (text.size() <= 16 && scale <= 2) {
    const auto plain = parse_plain(text, scale);
    if (plain && std::abs(*plain) < power_of_ten(precision)) return plain;
  }
  const auto decimal = take_apart(text);
  if (!decimal) return std::nullopt;
  const auto digits = scaled_digits(*decimal, scale);
  if (!digits || digits->size() > static_cast<std::size_t>(precision)) return std::nullopt;
  std::int64_t value = 0;
  for (const char digit : *digits) value = value * 10 + (digit - '0');
  return decimal->negative ? -value : value;
}

bool fits_decimal(std::string_view text, int precision, int scale) {
  const auto decimal = take_apart(text);
  if (!decimal) return false;
  const auto digits = scaled_digits(*decimal, scale);
  return digits && digits->size() <= static_cast<std::size_t>(precision);
}

std::optional<std::int32_t> parse_integer(std::string_view text) {
  const auto value = parse_whole(text, std::numeric_limits<std::int32_t>::min(),
                                 std::numeric_limits<std::int32_t>::max());
  if (!value) return std::nullopt;
  return static_cast<std::int32_t>(*value);
}

std::optional<std::int64_t> parse_long(std::string_view text) {
  return parse_whole(text, std::numeric_limits<std::int64_t>::min(),
                     std::numeric_limits<std::int64_t>::max());
}

std::optional<bool> parse_bool(std::string_view text) {
  if (text == "true" || text == "True") return true;
  if (text == "false" || text == "False") return false;
  const std::string lower = text.size() <= 5 ? to_lower(text) : std::string();
  if (lower == "true") return true;
  if (lower == "false") return false;
  return std::nullopt;
}

bool fits_double(std::string_view text) {
  if (!take_apart(text)) return false;
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

void append_json_string(std::string_view text, std::string& out) {
  constexpr char kHex[] = "0123456789abcdef";
  out += '"';
  for (const char letter : text) {
    if (letter == '"' || letter == '\\') {
      out += '\\';
      out += letter;
    } else if (static_cast<unsigned char>(letter) < 0x20) {
      out += "\\u00";
      out += kHex[letter >> 4];
      out += kHex[letter & 15];
    } else {
      out += letter;
    }
  }
  out += '"';
}

}  // namespace claimlake::bronze
