#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <variant>

#include "lake/lake.h"
#include "lake/sql_cursor.h"

namespace claimlake::lake {

// What can be asked about a table, in the words and columns of Spark.

// DESCRIBE HISTORY t [LIMIT n].
struct DescribeHistory {
  TableName name;
  std::size_t limit = 0;  // 0: all that the log still knows
};
// DESCRIBE DETAIL t.
struct DescribeDetail {
  TableName name;
};
// SHOW TBLPROPERTIES t.
struct ShowProperties {
  TableName name;
};
using Inspection = std::variant<DescribeHistory, DescribeDetail, ShowProperties>;

// Absent: another statement. Errors: kInvalidInput with the place of what cannot be read.
Result<std::optional<Inspection>> parse_inspection(std::string_view sql);

// Errors: those of Lake::snapshot and Lake::history.
Result<engine::TextTable> inspect(Lake& lake, const Inspection& what);

}  // namespace claimlake::lake
