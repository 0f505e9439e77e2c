#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace claimlake::delta {

// Z85 (ZeroMQ RFC 32): four bytes as five printable characters that need no escape in JSON.

// `bytes` is padded with zeros to a multiple of four.
std::string z85_encode(std::string_view bytes);
// Absent if `text` is none: a length that is no multiple of five, a character that is not in the
// alphabet, five characters that stand for more than four bytes hold.
std::optional<std::string> z85_decode(std::string_view text);

}  // namespace claimlake::delta
