#pragma once

#include <duckdb/common/types.hpp>

#include "base/result.h"
#include "delta/schema.h"

namespace claimlake::engine {

// The engine's type for a Delta type. "void" becomes VARCHAR: such a column holds nulls only.
// Errors: kInvalidInput for a type that the engine cannot read.
Result<duckdb::LogicalType> engine_type(const delta::DataType& type);

// The Delta type for an engine type. Errors: kInvalidInput, naming a type to cast to.
Result<delta::DataType> delta_type(const duckdb::LogicalType& type);

}  // namespace claimlake::engine
