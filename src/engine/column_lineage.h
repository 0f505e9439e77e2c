#pragma once

#include <compare>
#include <string>
#include <vector>

namespace claimlake::engine {

// A column of a table or view that a result is made from.
struct SourceColumnName {
  std::string table;  // "silver.fact_claims", or the name of a table function
  std::string column;
  auto operator<=>(const SourceColumnName&) const = default;
};

struct ColumnLineage {
  std::string column;
  std::vector<SourceColumnName> sources;  // ascending, each once
};

}  // namespace claimlake::engine
