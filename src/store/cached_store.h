#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "store/store.h"

namespace claimlake::store {

// Keeps what was read of `inner` in `folder` of this machine, at most about `bytes_max` of it, and
// answers from there: only of objects whose bytes never change, which are those that have a UUID in
// their name (data files, deletion vectors, checkpoints with sidecars). Lists and heads, commits
// and all other names are passed on. docs/reference/stores.md
//
// Several processes may use one folder. A file in it is written under another name and then
// renamed; it holds a digest of its bytes and of its own name, and one that does not agree is
// removed and its bytes are read from `inner` again. When there is no room, reading goes on without
// the folder. Errors: kUnavailable (the folder cannot be made).
Result<std::unique_ptr<Store>> make_cached_store(std::unique_ptr<Store> inner, std::string folder,
                                                 std::int64_t bytes_max);

// Whether the bytes of the object `path` never change.
bool never_changes(std::string_view path);

}  // namespace claimlake::store
