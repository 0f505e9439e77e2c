#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "delta/snapshot.h"
#include "lake/lake.h"
#include "pack/model.h"

namespace claimlake::refresh {

// Whether a refresh has committed to `table` after `time`, as far as its latest commits say.
Result<bool> refreshed_after(lake::Lake& lake, const lake::TableName& table, Timestamp time);

// What became of a table that a model reads, since it was read last.

// How many rows `now` has in files that `before` has not; absent where files went too, or where the
// log does not say.
std::optional<std::int64_t> rows_added(const delta::Snapshot& before, const delta::Snapshot& now);

// What the history says of how a table was refreshed since `version`, as far as it is short.
struct Since {
  bool built_whole = false;  // then all of its rows differ, if only in when they were computed
  bool turned = false;       // its day turned: many rows may differ, but in few columns
};
Result<Since> refreshed_since(lake::Lake& lake, const lake::TableName& table,
                              delta::LogVersion version);

// The columns of `table` that count for a model that has a key and for its rules: rows that differ
// in others are the same to them. None where that may be all of them.
std::vector<std::string> columns_read(const pack::Model& model, const std::string& table,
                                      const delta::Schema& schema);

// The columns of the model's own table, which has `schema`, that its rules may read.
std::set<std::string> columns_judged(const pack::Model& model, const delta::Schema& schema);

// The SELECT of the rows that differ between two versions, in both forms: in these columns alone,
// or ("columns" is empty) in all.
std::string difference(const std::string& table, delta::LogVersion from, delta::LogVersion to,
                       const std::vector<std::string>& columns);

// How the way of a refresh ends that the day called for, in the history: "(3 touched by the day)".
inline constexpr std::string_view kByDay = " by the day)";

}  // namespace claimlake::refresh
