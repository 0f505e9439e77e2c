#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace claimlake::records {

// A value in the operational store: null, a whole number or a text (docs/formats/records.md,
// Types).
using Value = std::variant<std::monostate, std::int64_t, std::string>;

inline bool is_null(const Value& value) { return std::holds_alternative<std::monostate>(value); }
// The number, or 0 where there is none.
std::int64_t whole(const Value& value);
// The text; that of a number; "" of null.
std::string text(const Value& value);
// Null for "".
Value text_or_null(std::string text);

// What a statement gave. Columns are by position: the statement names them.
using Row = std::vector<Value>;
using Rows = std::vector<Row>;

}  // namespace claimlake::records
