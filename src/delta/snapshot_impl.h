#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "base/guarded.h"
#include "delta/snapshot.h"
#include "delta/table_state.h"

namespace claimlake::delta {

// The one Snapshot that a Log gives. Lists and statistics are made on first use.
class SnapshotImpl final : public Snapshot {
 public:
  // `now` decides which txn positions have expired.
  SnapshotImpl(TableState state, Timestamp now);

  LogVersion version() const override { return state_.version; }
  Timestamp timestamp() const override { return state_.timestamp; }
  const Protocol& protocol() const override { return *state_.protocol; }
  const Metadata& metadata() const override { return *state_.metadata; }
  const Schema& schema() const override { return *state_.schema; }
  FileList files() const override;
  std::int64_t files_bytes() const override { return state_.files.bytes(); }
  std::optional<std::int64_t> row_count() const override { return state_.files.row_count(); }
  std::optional<std::int64_t> row_count(std::size_t index) const override;
  std::optional<std::int64_t> txn(std::string_view app_id) const override;
  const std::string* domain(std::string_view name) const override;
  const ColumnStats& column_stats(std::string_view column) const override;
  std::int64_t memory_bytes() const override;

  const TableState& state() const { return state_; }
  // False if `txn` is older than the table keeps positions.
  bool keeps(const Txn& txn) const;

 private:
  void list_files() const;

  TableState state_;
  std::optional<std::int64_t> txns_since_ms_;
  mutable std::once_flag listed_;
  mutable std::vector<const AddFile*> files_;
  mutable std::vector<std::int64_t> rows_;
  mutable Guarded<std::map<std::string, std::unique_ptr<ColumnStats>, std::less<>>> stats_;
  mutable std::atomic<std::size_t> stats_columns_ = 0;  // asked for without waiting for the lock
};

}  // namespace claimlake::delta
