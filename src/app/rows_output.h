#pragma once

#include "app/shell.h"
#include "engine/rows.h"

namespace claimlake::app {

// Prints the rows to standard output and returns how many there were. The box form holds back all
// but the first `row_limit` rows and says so; CSV (RFC 4180) and JSON (an array of objects, exact
// decimals) print each chunk as it comes.
Result<std::int64_t> print_rows(engine::Rows& rows, RowFormat format, std::size_t row_limit);

// One CSV field: quoted where it must be.
std::string csv_field(const std::string& text);

}  // namespace claimlake::app
