#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace claimlake::net {

// `bytes` in the gzip format (RFC 1952), at a level that favours speed.
std::string gzip(std::string_view bytes);

// The bytes that `compressed` holds. Errors: kInvalidInput (not gzip, or more than `size_max`).
Result<std::string> gunzip(std::string_view compressed, std::size_t size_max);

}  // namespace claimlake::net
