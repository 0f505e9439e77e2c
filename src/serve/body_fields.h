#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "serve/problem.h"

namespace claimlake::serve {

// A member of a JSON object as it was written.
struct BodyField {
  enum class Kind { kNull, kText, kNumber, kBoolean, kOther };  // an object or array is kOther
  Kind kind = Kind::kNull;
  std::string text;  // of a text; the digits of a number as they came; "true", "false"
};
using BodyFields = std::map<std::string, BodyField, std::less<>>;

// The members of the JSON object `body`. Numbers keep their digits, so that money stays exact; a
// name that comes twice is an error, for readers differ on which one counts.
std::variant<BodyFields, Problem> read_body_fields(std::string_view body);

// `text` in cents: digits with at most two decimals, "12", "12.5", "12.50"; "-" in front makes it
// negative. Nothing where it is anything else (an exponent, a third decimal) or beyond 10^15 cents.
std::optional<std::int64_t> exact_cents(std::string_view text);

}  // namespace claimlake::serve
