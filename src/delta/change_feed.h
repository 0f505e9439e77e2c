#pragma once

#include "base/result.h"
#include "delta/action.h"

namespace claimlake::delta {

// The change feed of a table: docs/formats/change_feed.md.

// The columns of a changed row beside those of its table.
inline constexpr const char* kChangeType = "_change_type";
inline constexpr const char* kCommitVersion = "_commit_version";
inline constexpr const char* kCommitTimestamp = "_commit_timestamp";

// The values of `_change_type`.
inline constexpr const char* kInserted = "insert";
inline constexpr const char* kDeleted = "delete";
inline constexpr const char* kBeforeUpdate = "update_preimage";
inline constexpr const char* kAfterUpdate = "update_postimage";

// Where change files are, below the folder of the table.
inline constexpr const char* kChangeFolder = "_change_data";

// True if writers of the table must tell which rows they change.
bool has_change_feed(const Protocol& protocol, const Metadata& metadata);

// Errors: kInvalidInput, a column of the table has the name of one of the feed.
Done check_change_feed(const Schema& schema);

}  // namespace claimlake::delta
