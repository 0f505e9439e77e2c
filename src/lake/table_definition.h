#pragma once

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "delta/column_rules.h"
#include "delta/schema.h"
#include "lake/alter_columns.h"
#include "lake/cluster.h"
#include "lake/column_tags.h"
#include "lake/convert_table.h"
#include "lake/drop_feature.h"
#include "lake/drop_table.h"
#include "lake/sql_cursor.h"

namespace claimlake::lake {

// CREATE TABLE, as Spark writes it.
struct CreateTable {
  // What is done where the table is there, or is not.
  enum class Mode { kCreate, kCreateIfNone, kCreateOrReplace, kReplace };
  TableName name;
  Mode mode = Mode::kCreate;
  delta::Schema schema;  // no field: that of `select` or `like`
  std::vector<std::string> partition_columns;
  std::vector<delta::FieldPath> clustering;
  std::map<std::string, std::string> properties;
  std::string comment;
  std::vector<delta::Check> checks;
  std::string select;  // AS ..., or ""
  std::optional<TableName> like;
  struct Clone {
    std::optional<TableName> table;  // or
    std::string path;                // of the table's folder, with the store's root
    std::optional<delta::LogVersion> version;
    std::optional<Timestamp> timestamp;
  };
  std::optional<Clone> clone;
};

struct SetProperties {
  TableName name;
  std::map<std::string, std::string> properties;
};
struct UnsetProperties {
  TableName name;
  std::vector<std::string> properties;
  bool if_exists = false;
};
struct AddColumns {
  TableName name;
  std::vector<delta::Field> fields;
  std::vector<delta::FieldPath> parents;  // of each field; empty: a column of the table
  std::vector<delta::FieldPlace> places;  // of each field
};

struct AddConstraint {
  TableName name;
  delta::Check check;
};
struct DropConstraint {
  TableName name;
  std::string constraint;
  bool if_exists = false;
};
struct SetDefault {
  TableName name;
  std::string column;
  std::string value;  // "": none any more
};
struct SyncIdentity {
  TableName name;
  std::string column;
};

using Definition =
    std::variant<CreateTable, SetProperties, UnsetProperties, AddColumns, RenameColumn, DropColumns,
                 AlterColumn, DropFeature, AddConstraint, DropConstraint, SetDefault, SyncIdentity,
                 ClusterBy, SetTags, DropTable, ConvertTable>;

// Reads
//   CREATE TABLE [IF NOT EXISTS] | CREATE OR REPLACE TABLE | REPLACE TABLE t (a BIGINT NOT NULL
//   COMMENT 'x', b DATE DEFAULT current_date,
//       c DATE GENERATED ALWAYS AS (CAST(d AS DATE)), e BIGINT GENERATED ALWAYS | BY DEFAULT
//       AS IDENTITY [(START WITH 1 INCREMENT BY 1)], CONSTRAINT f CHECK (a > 0), ...) | LIKE u
//     [USING DELTA] [PARTITIONED BY (a, ...) | CLUSTER BY (a, ...)] [COMMENT 'x'] [TBLPROPERTIES
//     ('k' = 'v', ...)] [AS SELECT ...]
//   ALTER TABLE t SET TBLPROPERTIES ('k' = 'v', ...) | UNSET TBLPROPERTIES [IF EXISTS] ('k', ...)
//     | ADD COLUMN[S] (a BIGINT [FIRST | AFTER b], s.f BIGINT, ...)
//     | ADD CONSTRAINT c CHECK (a > 0) | DROP CONSTRAINT [IF EXISTS] c
//     | ALTER COLUMN a SET DEFAULT 1 | DROP DEFAULT | SYNC IDENTITY
//     | what alter_columns.h, cluster.h and drop_feature.h read
//   DROP TABLE [IF EXISTS] t
//   CONVERT TO DELTA parquet.`PLACE` [NO STATISTICS] [PARTITIONED BY (a DATE, ...)]
// Absent: another statement. Errors: kInvalidInput with the place of what cannot be read.
Result<std::optional<Definition>> parse_definition(std::string_view sql);

}  // namespace claimlake::lake
