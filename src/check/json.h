#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace claimlake::check {

// The check reads JSON with a library and code of its own, so that a mistake in the reader of
// src/delta does not hide itself.
using Json = nlohmann::json;

// Absent if `text` is no JSON, or nests deeper than any text of the protocol does.
std::optional<Json> parse_json(std::string_view text);

// A member of `object`; null if it is not there, is null, or `object` is none.
const Json* member(const Json& object, std::string_view name);
// The same as a value; absent also if it has another type.
std::optional<std::string> text_of(const Json& object, std::string_view name);
std::optional<std::int64_t> number_of(const Json& object, std::string_view name);
std::optional<bool> flag_of(const Json& object, std::string_view name);

// Whether two values say the same: members that are null or empty count as absent, and numbers
// are compared as numbers.
bool same_json(const Json& a, const Json& b);

}  // namespace claimlake::check
