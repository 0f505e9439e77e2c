#pragma once

#include <duckdb/common/types.hpp>
#include <duckdb/common/types/value.hpp>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "delta/row_set.h"
#include "delta/snapshot.h"
#include "store/store.h"

namespace claimlake::engine {

// A column of a table as the engine sees it.
struct TableColumn {
  std::string name;
  std::string physical_name;  // in the files, the statistics and the partition values
  duckdb::LogicalType type;
  bool partition = false;
};

// What is known of one column in one file. Bounds include what the statistics left out: text is
// cut and times are cut to milliseconds.
struct ColumnBounds {
  std::optional<duckdb::Value> min;
  std::optional<duckdb::Value> max;
  std::optional<std::int64_t> null_count;
};

// One version of a table in the engine's terms: types, places of files, typed statistics.
// Immutable to its users. Thread-safe.
class TableFiles {
 public:
  // `folder`: of the table in `store`, which outlives the result.
  // Errors: kInvalidInput (a type that the engine does not know, named with its column).
  static Result<std::shared_ptr<const TableFiles>> make(std::string name, std::string folder,
                                                        const store::Store& store,
                                                        delta::SnapshotPtr snapshot);

  const std::string& name() const { return name_; }
  const std::vector<TableColumn>& columns() const { return columns_; }
  const delta::SnapshotPtr& snapshot() const { return snapshot_; }
  std::size_t file_count() const { return snapshot_->files().size(); }

  // "lake://..." of file `index`. Errors: kInvalidInput, a file that is not in this store.
  Result<std::string> url(std::size_t index) const;
  // Errors: kCorrupt, a text that is no value of the column's type.
  Result<duckdb::Value> partition_value(std::size_t index, std::size_t column) const;
  // Rows of file `index` that are in the table; absent if its statistics do not say.
  std::optional<std::int64_t> live_rows(std::size_t index) const;
  // The rows of file `index` that its deletion vector takes away; null if it has none. Read anew
  // each time: who scans a file asks once. Errors: delta::read_deletion_vector.
  Result<std::shared_ptr<const delta::RowSet>> deleted_rows(std::size_t index) const;
  // One entry per file; empty if nothing is known of the column. Computed once, then kept.
  const std::vector<ColumnBounds>& bounds(std::size_t column) const;

 private:
  TableFiles(std::string name, std::string folder, const store::Store& store,
             delta::SnapshotPtr snapshot)
      : name_(std::move(name)),
        folder_(std::move(folder)),
        store_(store),
        root_(store.root()),
        snapshot_(std::move(snapshot)) {}
  std::vector<ColumnBounds> compute_bounds(std::size_t column) const;

  const std::string name_;
  const std::string folder_;
  const store::Store& store_;
  const std::string root_;  // which absolute paths start with
  const delta::SnapshotPtr snapshot_;
  std::vector<TableColumn> columns_;
  mutable std::mutex mutex_;
  mutable std::vector<std::unique_ptr<std::vector<ColumnBounds>>> bounds_;  // by column
};

}  // namespace claimlake::engine
