#pragma once

#include <optional>
#include <span>
#include <vector>

#include "delta/log.h"

namespace claimlake::delta {

// Why a transaction that read `read` and wants to commit `mine` must not follow the commit
// `winning` (version `version`) that came in between. Empty if it may: then its result is the
// same as if it had started after `winning`. Pure. docs/formats/conflict.md has the table.
// The error is kConflict and says whether trying again can help.
std::optional<Error> conflict(LogVersion version, std::span<const Action> winning,
                              std::span<const Action> mine, const ReadSet& read);

}  // namespace claimlake::delta
