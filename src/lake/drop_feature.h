#pragma once

#include <string>

#include "base/cancel.h"
#include "lake/lake.h"
#include "lake/sql_cursor.h"

namespace claimlake::lake {

// ALTER TABLE t DROP FEATURE f [TRUNCATE HISTORY].
struct DropFeature {
  TableName name;
  std::string feature;
  bool truncate_history = false;
};
// What stands after DROP FEATURE.
Result<DropFeature> read_drop_feature(SqlCursor& cursor, const TableName& name);

// Takes a feature out of the table's protocol, so that engines that do not know it can work with
// the table. First a version of its own makes the table do without it, which may write files anew.
// A feature that readers must know stays as long as a version that uses it can be read: then this
// is an error that says how long, and with TRUNCATE HISTORY versions older than
// delta.dropFeatureTruncateHistory.retentionDuration (24 hours) are given up for it.
// `session`: kInternal, at rest. Errors: kInvalidInput, kConflict, those of Session::query.
Done drop_feature(Lake& lake, engine::Session& session, const DropFeature& what,
                  const std::string& run);

}  // namespace claimlake::lake
