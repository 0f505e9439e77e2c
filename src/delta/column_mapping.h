#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "delta/action.h"

namespace claimlake::delta {

// How the data files name the columns of a table (PROTOCOL.md, "Column Mapping").
enum class ColumnMapping {
  kNone,  // as the table does
  kName,  // by physical names
  kId,    // by field ids; statistics and partition values by physical names
};

// What `metadata` asks for, if `protocol` lets it.
ColumnMapping column_mapping(const Protocol& protocol, const Metadata& metadata);

// The name of `field` in statistics, in partition values and, unless the mapping is by id, in data
// files. `field` may be nested.
std::string physical_name(const Field& field, ColumnMapping mapping);

// The id of `field` in data files; absent if the schema has none.
std::optional<std::int32_t> field_id(const Field& field);

}  // namespace claimlake::delta
