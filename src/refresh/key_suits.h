#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "delta/snapshot.h"
#include "engine/engine.h"
#include "pack/model.h"

namespace claimlake::refresh {

// What speaks against bringing a table up to date by key (key_refresh.h), because of what the table
// is. All say why, or "" where nothing does.

// A table that is not as its model's would be made: `columns`, rules of its own, rows unknown.
Result<std::string> unlike_its_model(const delta::Snapshot& table,
                                     const std::vector<std::string>& columns);

// An older table may have narrower types than the model has now. `made`: columns of its rows.
Result<std::string> of_other_types(const std::vector<engine::ColumnInfo>& made,
                                   const delta::Snapshot& table);

// What must be read of an input was cleaned up, or vacuumed.
std::string cannot_read(const std::string& table, delta::LogVersion since, const Error& error);

// Whether `some` rows are more than this share of the table's.
bool is_share(std::int64_t some, const delta::Snapshot& table, double share);

// Whether rows hold values that do not come back from the quarantine as they were.
bool holds_lists(const pack::Model& model);

}  // namespace claimlake::refresh
