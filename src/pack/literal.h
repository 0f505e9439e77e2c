#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace claimlake::pack {

// A value of a rules file as an SQL literal that compares with a column of SQL type `type`:
// numbers exact, dates as DATE, times as UTC. Errors: kInvalidInput (not a value of that type).
Result<std::string> sql_literal(std::string_view value, std::string_view type);

// True for "-12.50": digits with an optional sign and fraction.
bool is_decimal_text(std::string_view text);

}  // namespace claimlake::pack
