#pragma once

#include "base/result.h"

namespace claimlake::engine {

// Takes apart what DuckDB says of a wrong statement (error.message): leaves one sentence that says
// what is wrong, in words of SQL, and puts the advice into error.next as something to type.
// Excerpts of the statement are dropped: `where` says the place. Pure.
void reword(Error& error);

}  // namespace claimlake::engine
