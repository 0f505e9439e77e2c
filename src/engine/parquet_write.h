#pragma once

#include <string_view>
#include <vector>

#include "engine/instance.h"
#include "engine/plans.h"
#include "engine/session_state.h"

namespace claimlake::engine {

// Session::write_parquet on `connection`, whose state is `state`. Throws what DuckDB throws and
// Errors of ours.
Written write_parquet(duckdb::Connection& connection, SessionState& state, Instances& instances,
                      Plans& plans, std::string_view select, const WriteOptions& options);

}  // namespace claimlake::engine
