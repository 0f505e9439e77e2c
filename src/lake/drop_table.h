#pragma once

#include <string>

#include "base/cancel.h"
#include "lake/lake.h"
#include "lake/sql_cursor.h"

namespace claimlake::lake {

// DROP TABLE [IF EXISTS] t.
struct DropTable {
  TableName name;
  bool if_exists = false;
};
// What stands after DROP TABLE.
Result<DropTable> read_drop_table(SqlCursor& cursor);

// Ends a table and deletes its folder (docs/decisions/0006-dropping-a-table.md). From one commit on
// there is no table any more; where this stops after it, doing it again removes what is left.
// Errors: kInvalidInput (a view, a table that the pipeline builds, a table that only newer programs
// may write), kNotFound (unless `if_exists`), kCorrupt, kCancelled.
Done drop_table(Lake& lake, const DropTable& drop, const std::string& run,
                const Cancel& cancel = {});

}  // namespace claimlake::lake
