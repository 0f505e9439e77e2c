#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/cancel.h"
#include "base/clock.h"
#include "base/random.h"
#include "delta/action.h"
#include "delta/change_feed.h"
#include "delta/parquet_io.h"
#include "delta/properties.h"
#include "delta/snapshot.h"
#include "store/store.h"

namespace claimlake::delta {

// What the log needs from the outside. All outlive the Log.
struct LogContext {
  store::Store& store;
  ParquetIo& parquet;
  const Clock& clock;
  Random& random;
};

// How much of what a transaction has read; decides what conflicts with it
// (docs/formats/conflict.md).
struct ReadSet {
  bool whole_table = false;                 // e.g. overwrite, schema change
  std::vector<PartitionValues> partitions;  // e.g. replace by partition predicate
  // Every row was looked at, each for itself (UPDATE, DELETE, MERGE): rows that go where nothing
  // was changed do not matter, rows that come do.
  bool rows = false;
  // Paths of files whose rows kept others from being inserted (MERGE): rows that go from these
  // matter.
  std::set<std::string> files;
  // Files are named again that had left the table (RESTORE): a VACUUM that begins matters.
  bool brings_back = false;
  // What is committed names the version that it makes: whatever comes in between matters.
  bool names_version = false;
  // Set from delta.isolationLevel: nothing may have come in between that was not looked at.
  bool serializable = false;
};

struct CommitRequest {
  SnapshotPtr base;             // null: the table must not exist yet (version 0)
  std::vector<Action> actions;  // without CommitInfo
  CommitInfo info;              // operation, parameters, metrics, user, run; the rest is filled in
  ReadSet read;
  // Each new row was checked against the rules of the table (delta/column_rules.h).
  bool checked_rows = false;
};

// One table's log at `table_path` in the store. Thread-safe; cheap to make.
class Log {
 public:
  Log(LogContext context, std::string table_path);

  // The newest version. `previous` (may be null) makes it cost the new commits only.
  // Errors: kNotFound (no table, or one that was dropped), kCorrupt (a gap, damaged JSON: names the
  // file), kInvalidInput (a feature that we do not know: names it).
  Result<SnapshotPtr> snapshot(SnapshotPtr previous = nullptr) const;
  Result<SnapshotPtr> snapshot_at(LogVersion version) const;
  // The newest version committed at or before `time`. Errors: kNotFound before the first one.
  Result<LogVersion> version_at(Timestamp time) const;

  // The oldest version committed at `time` or later; one after the newest if there is none.
  Result<LogVersion> version_from(Timestamp time) const;

  struct HistoryEntry {
    LogVersion version;
    Timestamp timestamp;
    CommitInfo info;
  };
  // Newest first, at most `limit`.
  Result<std::vector<HistoryEntry>> history(std::size_t limit) const;
  // What the commit of `version` says of itself; absent: it is not in the log.
  Result<std::optional<CommitInfo>> info_of(LogVersion version) const;

  // The rows that the versions from `first` to `last` changed. Errors: kInvalidInput (the change
  // feed was off, or a column cannot be read as what it became; which version), kNotFound (a
  // version is not in the log any more, or not yet). `where` is left to the caller.
  Result<ChangedRows> changes(LogVersion first, LogVersion last) const;

  // The files whose removal, up to `version`, is younger than `since` and that are not live again.
  Result<std::vector<RemoveFile>> tombstones(LogVersion version, Timestamp since) const;

  // The newest version that can be read and that a reader without the feature would get wrong.
  Result<std::optional<LogVersion>> last_use(std::string_view feature) const;
  // Makes `first_kept` the oldest version that can be read: a checkpoint of it is written, and the
  // log before it deleted. Returns how many files of the log went.
  Result<std::int64_t> truncate(LogVersion first_kept);

  // Commits, rebasing an append over other appends. Writes a checkpoint when due. Returns the
  // snapshot of the committed version.
  // Errors: kConflict (names the version and file or column in the way, says if a retry helps),
  // kUnavailable (may have been committed only if the message says so), kInvalidInput (a row or
  // schema rule of the table forbids it).
  Result<SnapshotPtr> commit(CommitRequest request);

  // Writes the checkpoint of that version now. commit() does it by itself as
  // commits_per_checkpoint says.
  Done checkpoint(const SnapshotPtr& snapshot);

  // Deletes what the log holds of versions that are older than delta.logRetentionDuration and that
  // no younger one needs, and sidecars that belong to no checkpoint; a table with the feature
  // checkpointProtection is left alone. commit()
  // does it with every tenth checkpoint.
  Done clean_up(const Snapshot& snapshot);

  // The version by which the table was dropped (delta/dropped.h), if that is what is left of it
  // says; absent: it is a table, or nothing is left.
  Result<std::optional<LogVersion>> dropped() const;
  // Deletes all that is in the folder of a table that was dropped by version `marker`, which goes
  // last. When this stops, what is left still says that the table was dropped.
  Done erase(LogVersion marker, const Cancel& cancel);

  const std::string& table_path() const { return table_path_; }

 private:
  Done drop_expired(const TableProperties& properties);
  Done drop_orphans();

  LogContext context_;
  std::string table_path_;
};

}  // namespace claimlake::delta
