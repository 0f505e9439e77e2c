#pragma once

#include <functional>
#include <optional>

#include "lake/lake.h"

namespace claimlake::lake {

// What is to be committed on top of `base`; nothing: all is as it should be. Its `base` is set.
using MakeWrite =
    std::function<Result<std::optional<WriteRequest>>(const delta::SnapshotPtr& base)>;

// Commits what `make` makes of the newest version of a table; makes it anew where another process
// committed first, a few times. Errors: those of `make`, of Lake::snapshot and of Lake::commit.
Done commit_anew(Lake& lake, const TableName& name, const MakeWrite& make);

}  // namespace claimlake::lake
