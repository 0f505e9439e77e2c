#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace claimlake {

// True if `text` is well-formed UTF-8 (no overlong forms, no surrogates).
bool is_utf8(std::string_view text);
// `text` with every ill-formed part replaced by U+FFFD.
std::string to_utf8(std::string_view text);
std::vector<std::string> split(std::string_view text, char separator);
std::string to_lower(std::string_view text);  // ASCII only

// The number that all of `text` is: digits, with a '-' before them if it is negative; no blanks, no
// '+'. Absent where it is anything else or does not fit.
std::optional<std::int64_t> whole_number(std::string_view text);

// What a message quotes of a text that may be as long as a foreign answer, and not well-formed.
std::string excerpt(std::string_view text);

// The candidate nearest to `word` if it is near enough to be a slip of the hand (at most a third
// of its letters differ), else empty. For "did you mean".
std::string nearest(std::string_view word, const std::vector<std::string>& candidates);

// An SQL identifier in double quotes, and an SQL string in single quotes.
std::string sql_identifier(std::string_view name);
std::string sql_string(std::string_view text);

}  // namespace claimlake
