#pragma once

#include <optional>
#include <string>
#include <vector>

#include "delta/schema_change.h"
#include "lake/lake.h"
#include "lake/sql_cursor.h"

namespace claimlake::lake {

// ALTER TABLE t RENAME COLUMN a.b TO c.
struct RenameColumn {
  TableName name;
  delta::FieldPath column;
  std::string to;
};
// ALTER TABLE t DROP COLUMN [IF EXISTS] a | COLUMNS [IF EXISTS] (a, b.c, ...).
struct DropColumns {
  TableName name;
  std::vector<delta::FieldPath> columns;
  bool if_exists = false;
};
// ALTER TABLE t ALTER|CHANGE [COLUMN] a and one or several of: TYPE t, COMMENT 'x', FIRST, AFTER b,
// SET NOT NULL, DROP NOT NULL; or, as Hive has it, CHANGE [COLUMN] a a t [COMMENT 'x'] ...
struct AlterColumn {
  TableName name;
  delta::FieldPath column;
  std::optional<delta::DataType> type;
  std::optional<std::string> comment;
  delta::FieldPlace place;
  std::optional<bool> nullable;
};

// a, a.b, `a b`."c".
Result<delta::FieldPath> read_path(SqlCursor& cursor);
// FIRST, AFTER a, or nothing.
Result<delta::FieldPlace> read_place(SqlCursor& cursor);

// What stands after RENAME COLUMN, DROP COLUMN[S], ALTER|CHANGE [COLUMN].
Result<RenameColumn> read_rename(SqlCursor& cursor, const TableName& name);
Result<DropColumns> read_drop(SqlCursor& cursor, const TableName& name, bool several);
Result<AlterColumn> read_alter_column(SqlCursor& cursor, const TableName& name);

// A table's description after a statement, and how the history tells it.
struct Altered {
  delta::Metadata metadata;
  const char* operation = "";
  std::map<std::string, std::string> parameters;
  bool reads_rows = false;  // rows that come meanwhile may break it
};
// Errors: kInvalidInput: the table cannot have it so, and which statement must come first.
Result<Altered> altered(const delta::SnapshotPtr& base, const RenameColumn& rename);
Result<Altered> altered(const delta::SnapshotPtr& base, const DropColumns& drop);
// `session`: kInternal, at rest, looks for rows that NOT NULL does not fit.
Result<Altered> altered(const delta::SnapshotPtr& base, const AlterColumn& alter,
                        engine::Session& session);

}  // namespace claimlake::lake
