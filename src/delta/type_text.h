#pragma once

#include <string_view>

#include "base/result.h"
#include "delta/schema.h"

namespace claimlake::delta {

// Reads a type as Spark's SQL writes it, in any case: "BIGINT", "decimal(18, 2)",
// "STRUCT<a: INT, b: ARRAY<STRING>>", "MAP<STRING, DATE>". TIMESTAMP is the one with a zone, as in
// Spark; the other one is TIMESTAMP_NTZ. VARCHAR(n) and CHAR(n) are strings of any length.
// Errors: kInvalidInput.
Result<DataType> parse_type_text(std::string_view text);

}  // namespace claimlake::delta
