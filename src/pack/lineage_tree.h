#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pack/lineage.h"

namespace claimlake::pack {

// One table or column on a way, as a tree for people.
struct LineageNode {
  std::string name;       // "silver.fact_claims", a column of it, or a file pattern
  std::string note = {};  // in which way it goes into the one above: "aggregation", kByRule
  bool repeated = false;  // what is below it is shown at an earlier place
  std::vector<LineageNode> next = {};
};
inline constexpr std::string_view kByRule = "by a rule";

// The tables that `table` reads, down to the raw files, or those that read it.
LineageNode table_tree(const Pack& pack, const std::string& table, Direction direction,
                       int depth = 1000);
// The columns that `column` hangs on, or that hang on it; `depth` tables far.
LineageNode column_tree(const Lineage& lineage, const ColumnName& column, Direction direction,
                        int depth);

// The lines of what is below `node`, each with `indent` before it.
std::string tree_text(const LineageNode& node, const std::string& indent);

// "silver.fact_claims.paid_amount", with its field if it has one; "rows of silver.fact_claims".
std::string source_text(const engine::ColumnSource& source);

// What a column is made from, on one line for people: whose values, or, where it has none of
// theirs, what chooses it; no more than `shown` of them.
std::string sources_line(const std::vector<engine::ColumnSource>& sources, std::size_t shown);
// A line for each column that has sources.
std::string columns_text(const TableLineage& table);

}  // namespace claimlake::pack
