#pragma once

#include <optional>

#include "base/result.h"
#include "delta/schema.h"

namespace claimlake::delta {

// What appending rows of schema `rows` to a table of schema `table` asks of the table's schema:
// nothing (absent), or the schema with the columns, and fields of structs, that only the rows have
// added at the end, nullable. Names are compared without case; the table's spelling stays.
// Errors: kInvalidInput, naming the columns and types: a type that differs, a column that the
// table has not (unless `add_columns`), a column missing in the rows that must not be null.
Result<std::optional<Schema>> merge_for_append(const Schema& table, const Schema& rows,
                                               bool add_columns);

// `table` with the columns, and fields of structs, that only `rows` has, at the end and nullable;
// whatever the types of the others are.
Schema with_new_fields(const Schema& table, const Schema& rows);

}  // namespace claimlake::delta
