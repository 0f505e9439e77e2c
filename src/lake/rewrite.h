#pragma once

#include <string>
#include <vector>

#include "lake/lake.h"

namespace claimlake::lake {

// Files whose rows are written anew together: all of one partition if the rows get an order.
struct RewrittenFiles {
  std::vector<std::size_t> numbers;  // in the version
  std::vector<delta::FieldPath> curve = {};
};

// The files of each partition of `table`, of those in `among` or of all.
std::vector<RewrittenFiles> by_partition(const delta::Snapshot& table,
                                         const std::vector<std::size_t>* among);

// A SELECT of the rows that `table`, to which `name` is bound in the session, has in these files;
// with what rows keep (kept_rows.h).
std::string select_of(const TableName& name, const delta::Snapshot& table,
                      const std::vector<std::size_t>& numbers, bool with_partition_columns = true);

// Writes the rows that `table`, to which `name` is bound in `session`, has in these files as files
// of the size that the table asks for. On an error none of them is left.
Result<Staged> stage_again(Lake& lake, engine::Session& session, const TableName& name,
                           const delta::Snapshot& table, const std::vector<RewrittenFiles>& files);

// How many rows a row group may have, so that files of the size that the table asks for hold
// several: for rows that take `bytes` where they are.
std::int64_t group_rows(std::int64_t bytes, std::int64_t rows, const delta::StoredColumns& columns);

// Columns that rows can be ordered by, in the names of the table. Errors: kInvalidInput, naming the
// column: it is not there, partitions the table, is there twice, or has no statistics, without
// which no file could be left out for it. `what`: starts the message, as in "ZORDER BY".
Result<std::vector<delta::FieldPath>> order_columns(const delta::StoredColumns& columns,
                                                    const std::vector<delta::FieldPath>& named,
                                                    const std::string& what);

}  // namespace claimlake::lake
