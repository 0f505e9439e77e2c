#pragma once

#include <string_view>

#include "base/result.h"

namespace claimlake::store {

// The folder at the root in which a store keeps objects that are still being written. It is the
// store's own: no object may be in it, and no list names it.
inline constexpr std::string_view kHiddenFolder = ".tmp";

// kInvalidInput unless `folder` is "" (the root) or a path as check_path() takes it.
Done check_folder(std::string_view folder);

// The folder of `path`: "a/b" for "a/b/c", "" for "c".
std::string_view parent_of(std::string_view path);

}  // namespace claimlake::store
