#pragma once

#include <string_view>

#include "base/result.h"

namespace claimlake::store {

// What a failed system call means to a person: `verb` as in "write", `path` as the caller named
// it, `root` the folder of the store, `code` the value of errno. The fault is kNotFound (no such
// object), kInvalidInput (no object can have this name) or kUnavailable (all else).
Error system_error(std::string_view verb, std::string_view path, std::string_view root, int code);

}  // namespace claimlake::store
