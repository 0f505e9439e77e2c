#pragma once

#include "engine/engine.h"
#include "engine/table_directory.h"

namespace claimlake::engine {

// From now on SQL in `session` sees the tables, views and functions of `directory`, which outlives
// it, in place of those that its engine shows. For who works on versions that others do not see
// yet. Their files are in the engine's store.
void read_through(Session& session, TableDirectory& directory);

}  // namespace claimlake::engine
