#pragma once

#include <atomic>
#include <duckdb/common/types.hpp>
#include <duckdb/common/types/value.hpp>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "delta/column_mapping.h"
#include "delta/snapshot.h"
#include "engine/deleted_rows.h"

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

// A column of a table, or a field in it: positions from the columns of the table inward.
using ColumnPath = std::vector<std::size_t>;

// One version of a table in the engine's terms: types, places of files, typed statistics.
// Immutable to its users. Thread-safe.
class TableFiles {
 public:
  // `folder`: of the table in `store`, which outlives this.
  // Errors: kInvalidInput (a type that the engine does not know, named with its column).
  static Result<std::shared_ptr<const TableFiles>> make(std::string name, std::string folder,
                                                        const store::Store& store,
                                                        delta::SnapshotPtr snapshot);

  const std::string& name() const { return name_; }
  const std::vector<TableColumn>& columns() const { return columns_; }
  const delta::SnapshotPtr& snapshot() const { return snapshot_; }
  delta::ColumnMapping mapping() const { return mapping_; }
  const delta::Field& field(std::size_t column) const { return snapshot_->schema().fields[column]; }
  std::size_t file_count() const { return snapshot_->files().size(); }

  // Rows of file `index` that are in the table, without the deleted ones; absent if not known.
  std::optional<std::int64_t> live_rows(std::size_t index) const;
  const DeletedRows& deleted_rows() const { return deleted_rows_; }

  // "lake://..." of file `index`. Errors: kInvalidInput, a file that is not in this store.
  Result<std::string> url(std::size_t index) const;
  // Errors: kCorrupt, a text that is no value of the column's type.
  Result<duckdb::Value> partition_value(std::size_t index, std::size_t column) const;
  // One entry per file; empty if nothing is known of the column. Computed once, then kept. They
  // are of all rows that the file holds: true of those that are left, but perhaps not met by one.
  const std::vector<ColumnBounds>& bounds(const ColumnPath& column) const;
  const std::vector<ColumnBounds>& bounds(std::size_t column) const {
    return bounds(ColumnPath{column});
  }
  const duckdb::LogicalType& type_of(const ColumnPath& column) const;
  std::string name_of(const ColumnPath& column) const;  // "address.zip"
  // Memory that it takes by now, with its snapshot; roughly.
  std::int64_t memory_bytes() const;

 private:
  TableFiles(std::string name, std::string folder, const store::Store& store,
             delta::SnapshotPtr snapshot);
  std::vector<ColumnBounds> compute_bounds(const ColumnPath& column) const;
  std::vector<ColumnBounds> partition_bounds(std::size_t column) const;
  // What the statistics call it; absent if that may stand for another column, too.
  std::optional<std::string> stats_name(const ColumnPath& column) const;
  std::vector<const delta::Field*> fields_of(const ColumnPath& column) const;

  const std::string name_;
  const std::string folder_;
  const std::string root_;  // which absolute paths start with
  const delta::SnapshotPtr snapshot_;
  const delta::ColumnMapping mapping_;
  const DeletedRows deleted_rows_;
  std::vector<TableColumn> columns_;
  bool has_dots_ = false;     // in names of columns, or of fields in them
  bool has_structs_ = false;  // among the columns
  mutable std::atomic<std::int64_t> bounds_bytes_ = 0;
  mutable std::mutex mutex_;
  mutable std::map<ColumnPath, std::unique_ptr<const std::vector<ColumnBounds>>> bounds_;
};

}  // namespace claimlake::engine
