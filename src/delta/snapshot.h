#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "delta/action.h"

namespace claimlake::delta {

// What the statistics of the files say about one column, one entry per file of the snapshot, in
// the order of Snapshot::files(). Values are the JSON texts of the log without quotes; absent if
// the file does not say.
struct ColumnStats {
  struct Entry {
    std::optional<std::string> min;
    std::optional<std::string> max;
    std::optional<std::int64_t> null_count;
  };
  std::vector<Entry> entries;
};

// One version of one table: immutable and shared by all its readers. Thread-safe.
class Snapshot {
 public:
  virtual ~Snapshot() = default;

  virtual LogVersion version() const = 0;
  virtual Timestamp timestamp() const = 0;  // of its commit
  virtual const Protocol& protocol() const = 0;
  virtual const Metadata& metadata() const = 0;
  virtual const Schema& schema() const = 0;
  virtual std::span<const AddFile> files() const = 0;  // the live files
  virtual std::int64_t files_bytes() const = 0;
  // Rows of all live files without the deleted ones; absent if a file has no numRecords.
  virtual std::optional<std::int64_t> row_count() const = 0;
  // Rows in files()[index] as its statistics say (physical, before deletion vectors).
  virtual std::optional<std::int64_t> row_count(std::size_t index) const = 0;
  // The newest version that `app_id` has committed (txn action).
  virtual std::optional<std::int64_t> txn(std::string_view app_id) const = 0;
  // Statistics of a top-level or nested column ("a", "s.b": physical names), computed on first
  // use and kept.
  virtual const ColumnStats& column_stats(std::string_view column) const = 0;
};

using SnapshotPtr = std::shared_ptr<const Snapshot>;

}  // namespace claimlake::delta
