#pragma once

#include <string>

#include "engine/engine.h"
#include "engine/instance.h"
#include "engine/plans.h"
#include "engine/session_state.h"

namespace claimlake::engine {

// Session::rows_of on `connection`, whose state is `state`. Throws what DuckDB throws and Errors of
// ours.
RowsFound rows_of(duckdb::Connection& connection, SessionState& state, Instances& instances,
                  Plans& plans, const LookUp& look_up);

}  // namespace claimlake::engine
