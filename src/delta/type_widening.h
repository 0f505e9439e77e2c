#pragma once

#include "base/result.h"
#include "delta/schema.h"

namespace claimlake::delta {

// True if a table's type may become the other one (PROTOCOL.md, "Type Widening"); both primitive.
bool may_widen(const DataType& from, const DataType& to);

// Gives `field` the type `to`: it, or parts of it, become wider, and each change is written into
// the field's metadata, or that of the field of a struct that is nearest to it. Errors:
// kInvalidInput, saying what the type may become instead.
Done widen(Field& field, const DataType& to);

// True if a field of the table, at any depth, was widened.
bool has_type_changes(const Schema& schema);
// `schema` without the record of its changes, for a table whose files are all of today's types.
Schema without_type_changes(const Schema& schema);

}  // namespace claimlake::delta
