#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace claimlake::bronze {

// Exact readings of text. Each gives nothing where the whole text does not read as the type.

// A decimal number ("-12.50", "1e2", "+" is not allowed) times 10^scale, if that is a whole number
// of at most `precision` digits (<= 18): "12.3" at scale 2 is 1230, "12.345" does not fit.
std::optional<std::int64_t> parse_decimal(std::string_view text, int precision, int scale);
// The same check for up to 38 digits.
bool fits_decimal(std::string_view text, int precision, int scale);
std::optional<std::int32_t> parse_integer(std::string_view text);
std::optional<std::int64_t> parse_long(std::string_view text);
// true, false in any case.
std::optional<bool> parse_bool(std::string_view text);
// True if `text` is a number within the range of a double.
bool fits_double(std::string_view text);

// `text` as a JSON string with its quotes. `text` is well-formed UTF-8.
void append_json_string(std::string_view text, std::string& out);

}  // namespace claimlake::bronze
