#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/column_lineage.h"
#include "engine/engine.h"
#include "pack/pack.h"

namespace claimlake::pack {

// From which columns of which relations a model or source of the pack has its columns and rows
// (docs/formats/lineage.md).
struct TableLineage {
  std::string name;                // "gold.customer_360_view"; a source is "raw.claims"
  std::vector<std::string> files;  // of a source: the patterns of its raw files
  std::vector<std::string> reads;  // relations, each once, by SQL or by a rule
  // Its own columns, then those that the program adds. Of a source without sources.
  std::vector<engine::ColumnLineage> columns;
  std::vector<engine::ColumnSource> rows;  // what decides which rows there are

  const engine::ColumnLineage* column(std::string_view column_name) const;  // or null
};

struct Lineage {
  std::vector<TableLineage> tables;  // sources first; what a table reads stands before it

  const TableLineage* table(std::string_view name) const;  // or null
  std::vector<std::string> names() const;
};

// Reads it from the SQL and the rules of a loaded pack; needs no table. Errors: as the engine's.
Result<Lineage> read_lineage(const Pack& pack, engine::Engine& engine);

// A column, or a table where `column` is "".
struct ColumnName {
  std::string table;
  std::string column;
  auto operator<=>(const ColumnName&) const = default;
};

// Reads "gold.monthly_kpis.loss_ratio" or "gold.monthly_kpis", in any case. Errors: kInvalidInput
// for another form, kNotFound for what the pack does not have; says which name is near.
Result<ColumnName> find_column(const Lineage& lineage, std::string_view text);

// `from` goes into a column of `table`, or (`column` is "") decides its rows.
struct LineageEdge {
  engine::ColumnSource from;
  std::string table;
  std::string column;
  auto operator<=>(const LineageEdge&) const = default;
};

enum class Direction { kUpstream, kDownstream };

// All that `start` hangs on, or all that hangs on it, at most `depth` tables away; nearest first.
// Of each table on the way also what decides its rows; from there it is not followed further.
std::vector<LineageEdge> edges(const Lineage& lineage, const ColumnName& start, Direction direction,
                               int depth);

}  // namespace claimlake::pack
