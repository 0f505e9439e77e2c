#pragma once

#include <optional>
#include <span>
#include <vector>

#include "delta/log.h"

namespace claimlake::delta {

// Why a transaction that read `read` and wants to commit `mine` must not follow the commit
// `winning` (version `version`) that came in between. Empty if it may: then its result is the
// same as if it had started after `winning`. Pure. docs/formats/conflict.md has the table.
// `put_before`: the first of the versions that mine has already been put before, if any. The error
// is kConflict and says whether trying again can help.
std::optional<Error> conflict(LogVersion version, std::span<const Action> winning,
                              std::span<const Action> mine, const ReadSet& read,
                              std::optional<LogVersion> put_before = {});

// Whether the transaction, which does not conflict with `winning`, is put before it: then the order
// of the two is another one than that of the log.
bool is_put_before(std::span<const Action> winning, const ReadSet& read);

}  // namespace claimlake::delta
