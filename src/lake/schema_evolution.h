#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/change_statement.h"
#include "engine/engine.h"

namespace claimlake::lake {

// MERGE WITH SCHEMA EVOLUTION INTO t ... and INSERT WITH SCHEMA EVOLUTION INTO t ...: the same
// statement without these words, every other one in its place. Absent: it has none.
std::optional<std::string> without_evolution(std::string_view sql);

// A SELECT of what rows the statement brings, for the names and types of their columns.
std::string rows_select(const engine::ChangeStatement& statement);

// The table at the version of `base` with the columns, and fields of structs, that only the rows
// of the statement have: those that it writes. They are at the end, and null in all rows that are
// there. `base` itself if there are none. Errors: kInvalidInput, a column that no table can hold.
Result<delta::SnapshotPtr> evolved(const delta::SnapshotPtr& base,
                                   const engine::ChangeStatement& statement,
                                   const std::vector<engine::ColumnInfo>& rows, Random& random);

}  // namespace claimlake::lake
