#pragma once

#include <string_view>

namespace claimlake::check {

// Whether `text` is a value of the type (by its name in the schema) as the log writes partition
// values (PROTOCOL.md, "Partition Value Serialization"). An empty text is null.
bool is_partition_value(std::string_view text, std::string_view type);

}  // namespace claimlake::check
