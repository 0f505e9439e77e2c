#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "check/findings.h"
#include "check/json.h"

namespace claimlake::check {

// A column that may have statistics: a value of its own, at the top or within structs.
struct Leaf {
  std::vector<std::string> names;  // "a", "b": in statistics, and in data files but by id
  std::vector<std::int64_t> ids;   // of column mapping, one for each name; empty without it
  std::string type;                // "long", "decimal(10,2)"
  bool nullable = true;
};

// What the check needs of a table's schema.
struct TableSchema {
  std::vector<Leaf> leaves;
  std::map<std::string, std::string> partition_types;  // by name in partitionValues
  std::set<std::string> features;                      // that the schema uses
  bool by_id = false;                                  // data files are read by field ids
  bool is_whole = false;                               // false if it could not be read
};

// Reads the schema of a metaData action whose fields were checked.
TableSchema read_schema(const Json& metadata, const std::string& where, Findings& findings);

// A property of the table; "" if it is not set.
std::string property(const Json& metadata, std::string_view key);

}  // namespace claimlake::check
