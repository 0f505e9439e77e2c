#pragma once

#include <optional>
#include <string>
#include <vector>

#include "check/findings.h"
#include "check/table_schema.h"

namespace claimlake::check {

// One line of a Parquet file's schema, as parquet_schema() lists them: each group before what is
// in it.
struct ParquetNode {
  std::string name;
  std::string type;  // "INT64"; "" of a group
  std::optional<std::int64_t> id;
  std::int64_t children = 0;
};

// Holds the columns of one file against those of the table, where they are values of their own, at
// the top or within structs: each must be stored as one of the types that its column can have, or
// could have before it was widened.
void check_file_types(const std::vector<ParquetNode>& nodes, const TableSchema& schema,
                      const std::string& path, Findings& findings);

}  // namespace claimlake::check
