#pragma once

#include <duckdb/common/multi_file/multi_file_data.hpp>
#include <duckdb/common/multi_file/multi_file_reader.hpp>
#include <optional>

#include "engine/partition_check.h"

namespace claimlake::engine {

// The virtual columns that tell of a row's id and of the version that wrote it: what the log says
// of its file, and what the file holds for the row itself. Null where a table does not track rows.
inline constexpr duckdb::column_t kRowIdBaseColumn = kFileNumberColumn + 1;
inline constexpr duckdb::column_t kRowVersionBaseColumn = kFileNumberColumn + 2;
inline constexpr duckdb::column_t kRowIdKeptColumn = kFileNumberColumn + 3;
inline constexpr duckdb::column_t kRowVersionKeptColumn = kFileNumberColumn + 4;

void add_row_tracking_columns(duckdb::virtual_column_map_t& columns);

// Finds them in the files of one table. Thread-safe.
class RowTrackingScan {
 public:
  explicit RowTrackingScan(const delta::Snapshot& table);

  // The value of the column in all rows of `file`, whose columns are `local`; absent if the rows
  // have their own, or if it is no column of row tracking.
  using Columns = duckdb::vector<duckdb::MultiFileColumnDefinition>;
  std::optional<duckdb::Value> constant(duckdb::column_t column, const delta::AddFile& file,
                                        const Columns& local) const;
  // The column of files that holds it; null if it is none of those.
  duckdb::optional_ptr<duckdb::MultiFileColumnDefinition> kept(duckdb::column_t column);

 private:
  std::optional<duckdb::MultiFileColumnDefinition> id_;
  std::optional<duckdb::MultiFileColumnDefinition> version_;
};

}  // namespace claimlake::engine
