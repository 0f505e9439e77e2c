#pragma once

#include <compare>
#include <string>
#include <vector>

namespace claimlake::engine {

// In which way a column of a table goes into a result. The first three give its values, the others
// decide which rows or which of the values there are. The words are those of OpenLineage.
enum class LineageWay {
  kIdentity,        // as it is
  kTransformation,  // computed from
  kAggregation,     // computed from those of many rows
  kJoin,            // compared with a column of another relation
  kGroupBy,         // tells groups, or equal rows, apart
  kFilter,          // in a condition of a row
  kSort,            // in an ORDER BY
  kWindow,          // parts or orders the rows of a window
  kConditional,     // in the condition of a CASE
};
constexpr bool gives_values(LineageWay way) { return way <= LineageWay::kAggregation; }
const char* lineage_way_name(LineageWay way);  // "identity", "group_by", ...

// A column of a table or view that a result hangs on.
struct ColumnSource {
  std::string table;   // "silver.fact_claims", or the name of a table function
  std::string column;  // "" where it is the rows of the table that count: COUNT(*)
  std::string field;   // of a struct: "city", "address.city"; "" is the column as a whole
  LineageWay way = LineageWay::kIdentity;
  auto operator<=>(const ColumnSource&) const = default;
};

struct ColumnLineage {
  std::string column;
  std::vector<ColumnSource> sources;  // ascending, each once
};

// What a SELECT computes from what.
struct SelectLineage {
  std::vector<ColumnLineage> columns;
  // What decides which rows there are and in which groups: it is behind every column.
  std::vector<ColumnSource> rows;
};

}  // namespace claimlake::engine
