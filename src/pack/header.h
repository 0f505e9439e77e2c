#pragma once

#include <string_view>

#include "base/result.h"
#include "pack/model.h"

namespace claimlake::pack {

// Reads the YAML of a model's header. Lines and columns of `yaml` are those of the file: whatever
// stands around the header there is blank. `name` is "schema.table".
// Errors: kInvalidInput with file, line and column.
Result<Header> parse_header(std::string_view yaml, std::string_view name, std::string_view file);

}  // namespace claimlake::pack
