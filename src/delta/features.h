#pragma once

#include "base/result.h"
#include "delta/action.h"

namespace claimlake::delta {

// The one gate in front of every table: what a table demands of its readers and writers against
// what we do. What is not known is refused, never guessed.

// Errors: kInvalidInput, naming the feature or the version in the way.
Done check_readable(const Protocol& protocol, const Metadata& metadata);
// Also demands what check_readable demands.
Done check_writable(const Protocol& protocol, const Metadata& metadata, const Schema& schema);

}  // namespace claimlake::delta
