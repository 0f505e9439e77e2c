#pragma once

#include <string>

#include "delta/column_mapping.h"
#include "delta/snapshot.h"
#include "lake/table_name.h"

namespace claimlake::lake {

// How rows of a table that tracks them stay the same rows when they are written to another file:
// their ids, and of rows that are only copied their versions, stand beside their columns.

// What a SELECT of copied rows of `t` adds to its columns; "" where rows are not tracked.
std::string kept_by_copies(const delta::Snapshot& table, const std::string& t);

// The same for rows that have changed: where they stood is in the columns `file` and `row` of the
// SELECT, null for new rows; `files` lists the numbers of all files where one stood.
std::string kept_by_changes(const delta::Snapshot& table, const TableName& name,
                            const std::string& file, const std::string& row,
                            const std::string& files);

// The columns of the table's files, with those for what rows keep.
delta::StoredColumns columns_with_kept(const delta::Snapshot& table);

}  // namespace claimlake::lake
