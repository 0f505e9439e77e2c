#pragma once

#include <optional>
#include <string>

#include "delta/snapshot.h"
#include "engine/change_statement.h"
#include "engine/engine.h"

namespace claimlake::lake {

// How a MERGE joins its table and its source.
struct MergeJoin {
  std::string with;  // goes before the SELECT
  std::string from;
};

// Which rows must come out of the join for its clauses, besides those that match.
struct MergeSides {
  bool without_source = false;  // rows of the table that nothing of the source matches
  bool without_target = false;
};

// True for the rows of a MERGE's source; null where an outer join found none.
inline constexpr const char* kMergePresent = "__present";

// The equality by which rows of the table may be left out before their other columns are decoded.
// A large table is read by a small source: nearly all rows match nothing, and most of the work is
// to unpack what nobody asks for. The engine leaves rows out early by a join with one key (a Bloom
// filter in the scan), so of several keys one must be chosen that tells rows apart. Absent if there
// is none, if the table has fewer than `large_table_rows` rows, or if the source has too many for
// it (0: of any table by any source). `session` is asked how many rows it expects of the source.
std::optional<engine::ChangeStatement::Equality> narrowing_key(const engine::ChangeStatement& merge,
                                                               const delta::Snapshot& table,
                                                               engine::Session& session,
                                                               std::int64_t large_table_rows);

// `relation`: the table with its alias; `qualifier`: the name by which clauses call it.
MergeJoin merge_join(const engine::ChangeStatement& merge, const std::string& relation,
                     const std::string& qualifier, MergeSides sides,
                     const std::optional<engine::ChangeStatement::Equality>& key);

}  // namespace claimlake::lake
