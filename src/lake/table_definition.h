#pragma once

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "delta/schema.h"
#include "lake/sql_cursor.h"

namespace claimlake::lake {

// CREATE TABLE, as Spark writes it.
struct CreateTable {
  TableName name;
  bool if_not_exists = false;
  delta::Schema schema;  // no field: that of `select` or `like`
  std::vector<std::string> partition_columns;
  std::map<std::string, std::string> properties;
  std::string comment;
  std::string select;  // AS ..., or ""
  std::optional<TableName> like;
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
};

using Definition = std::variant<CreateTable, SetProperties, UnsetProperties, AddColumns>;

// Reads
//   CREATE TABLE [IF NOT EXISTS] t (a BIGINT NOT NULL COMMENT 'x', ...) | LIKE u
//     [USING DELTA] [PARTITIONED BY (a, ...)] [COMMENT 'x'] [TBLPROPERTIES ('k' = 'v', ...)]
//     [AS SELECT ...]
//   ALTER TABLE t SET TBLPROPERTIES ('k' = 'v', ...) | UNSET TBLPROPERTIES [IF EXISTS] ('k', ...)
//     | ADD COLUMN[S] (a BIGINT, ...)
// Absent: another statement. Errors: kInvalidInput with the place of what cannot be read.
Result<std::optional<Definition>> parse_definition(std::string_view sql);

}  // namespace claimlake::lake
