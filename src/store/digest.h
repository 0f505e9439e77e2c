#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace claimlake::store {

// Digests are bytes, not text.
std::string sha256(std::string_view bytes);
std::string md5(std::string_view bytes);
std::string hmac_sha256(std::string_view key, std::string_view bytes);

std::string to_hex(std::string_view bytes);  // lower case
std::string to_base64(std::string_view bytes);
// Errors: kInvalidInput; the message does not hold the text, which may be a key.
Result<std::string> from_base64(std::string_view text);

}  // namespace claimlake::store
