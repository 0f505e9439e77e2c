#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lake/lake.h"
#include "lake/sql_cursor.h"

namespace claimlake::lake {

// ALTER TABLE t ALTER COLUMN a.b SET TAGS ('pii', ...) | UNSET TAGS ('pii', ...).
struct SetTags {
  TableName name;
  delta::FieldPath column;
  std::vector<std::string> set;
  std::vector<std::string> unset;
};

// ('pii', 'phi', ...).
Result<std::vector<std::string>> read_tags(SqlCursor& cursor);
// What stands behind ALTER COLUMN. Absent, and nothing is read: another thing.
Result<std::optional<SetTags>> read_set_tags(const TableName& name, SqlCursor& cursor);

// A tag that marks personal data also takes the bounds of the column out of the statistics of all
// files of the new version. Errors: kInvalidInput: no such column; one whose values stand in the
// log for another reason: it partitions the table, or the table is clustered by it.
Done set_tags(Lake& lake, const SetTags& what, const std::string& run);

// `schema` with the tags that its columns have in `before`.
delta::Schema with_tags_of(delta::Schema schema, const delta::Schema& before);

}  // namespace claimlake::lake
