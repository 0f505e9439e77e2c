#pragma once

#include "delta/snapshot.h"
#include "refresh/publish.h"
#include "refresh/run_report.h"
#include "refresh/table_refresh.h"

namespace claimlake::refresh {

// Upkeep and vacuum make versions of a table that hold the rows of the version before. Who reads it
// has nothing to compute then: its positions move, and no row.

// The history's word for a commit of that kind, how its way begins.
inline constexpr std::string_view kPositions = "positions";

// Whether `base` is what the model gives of these inputs, because nothing but such versions came
// since it was computed.
Result<bool> holds_same_rows(const TableRefreshContext& context, const pack::Model& model,
                             const Inputs& inputs, const delta::Snapshot& base);

// Commits the positions of `base`, which holds_same_rows and so is in `state` too. Fills `report`.
// `past` has a tally: its audit goes on. Errors: those of Lake::commit_actions.
Done move_positions(const TableRefreshContext& context, const pack::Model& model,
                    const Inputs& inputs, std::int64_t state, const delta::SnapshotPtr& base,
                    const Past& past, TableReport& report);

}  // namespace claimlake::refresh
