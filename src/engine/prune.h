#pragma once

#include <duckdb/common/enums/expression_type.hpp>
#include <duckdb/common/types.hpp>
#include <duckdb/storage/statistics/base_statistics.hpp>
#include <optional>
#include <vector>

#include "engine/table_files.h"

namespace duckdb {
class TableFilter;
}

namespace claimlake::engine {

// False only if no row can pass "column `comparison` constant" with these bounds of the column.
// Nulls are not looked at.
bool may_compare(duckdb::ExpressionType comparison, const duckdb::Value& constant,
                 const duckdb::LogicalType& type, const ColumnBounds& bounds);
// True if the column is known to be null in all rows.
bool all_null(const ColumnBounds& bounds, std::optional<std::int64_t> row_count);
// True for comparisons that a null never passes.
bool rejects_null(duckdb::ExpressionType comparison);

// False only if no row of the file can pass `filter` on a column of `type` with these bounds.
// `row_count` is that of the file, if known.
bool may_match(const duckdb::TableFilter& filter, const duckdb::LogicalType& type,
               const ColumnBounds& bounds, std::optional<std::int64_t> row_count);
// The same for file `number` of a table. A filter on a struct is asked of the field that it is
// about.
bool may_match(const duckdb::TableFilter& filter, const TableFiles& table, const ColumnPath& column,
               std::size_t number);

// The statistics of `column` over the files `kept` for the optimiser; null if not enough is known.
duckdb::unique_ptr<duckdb::BaseStatistics> merged_statistics(const TableFiles& table,
                                                             const std::vector<std::size_t>& kept,
                                                             std::size_t column);

}  // namespace claimlake::engine
