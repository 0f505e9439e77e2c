#pragma once

#include "engine/change_statement.h"

namespace claimlake::lake {

// True if the statement may look at the table's rows beyond the one that it changes: then what it
// does depends on all of them. A name that only looks like the table's does no harm.
bool reads_itself(const engine::ChangeStatement& statement);

}  // namespace claimlake::lake
