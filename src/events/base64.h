#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace claimlake::events {

// RFC 4648, section 4, with padding.
std::string to_base64(std::string_view bytes);
// Absent where `text` is not that; padding may be left out.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace claimlake::events
