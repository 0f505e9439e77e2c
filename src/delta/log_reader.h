#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "delta/log.h"
#include "delta/log_segment.h"
#include "delta/table_state.h"

namespace claimlake::delta {

// One commit as it was read.
struct ReadCommit {
  store::ObjectInfo object;
  std::vector<Action> actions;
};

// A commit with its time by its file, which rises from version to version.
struct TimedCommit {
  CommitFile file;
  Timestamp time;
};
std::vector<TimedCommit> with_times(const LogListing& listing);

struct CheckpointUses {
  bool is_v2 = false;                 // of the v2 form, whatever its name
  std::vector<std::string> sidecars;  // paths in the store
};

// Reads the log of one table from the store. Short-lived; one thread.
class LogReader {
 public:
  LogReader(const LogContext& context, const std::string& table_path)
      : context_(context), table_path_(table_path) {}  // both outlive this

  // Errors of all: as Log::snapshot.
  Result<TableState> load(std::optional<LogVersion> version) const;
  // The newest state, reading only what was committed after `known`.
  Result<TableState> refresh(const TableState& known) const;
  // Absent if the version does not exist.
  Result<std::optional<ReadCommit>> read_commit(LogVersion version) const;
  // Everything in the log folder, sorted out.
  Result<LogListing> list_all() const;
  // What a checkpoint depends on, without its files.
  Result<CheckpointUses> uses_of(const Checkpoint& checkpoint) const;
  // The files that a checkpoint must still name as removed: those whose removal is younger than
  // `since_ms` and that are not live again at `version`.
  Result<std::vector<RemoveFile>> tombstones(LogVersion version, std::int64_t since_ms) const;

 private:
  Result<LogListing> list_recent(std::optional<LogVersion> version) const;
  // Called by several threads; each number once.
  using UseCommit = std::function<Done(std::size_t number, std::string& bytes)>;
  Done read_each(const std::vector<CommitFile>& commits, const UseCommit& use) const;
  Done replay_newer(LogVersion next, Replay& replay) const;
  Result<std::vector<CommitParts>> read_parts(const std::vector<CommitFile>& commits) const;
  template <class Use>
  auto with_segment(std::optional<LogVersion> version, const Use& use) const;
  Done read_checkpoint(const Checkpoint& checkpoint, CheckpointRows rows,
                       const CheckpointSink& sink) const;
  // Returns the paths of its sidecars, which are not read.
  Result<std::vector<std::string>> read_parts_of(const Checkpoint& checkpoint, CheckpointRows rows,
                                                 const CheckpointSink& sink) const;
  Done read_checkpoint_file(const std::string& path, CheckpointRows rows,
                            const CheckpointSink& sink) const;
  Result<TableState> replay(const LogSegment& segment, bool& checkpoint_failed) const;
  std::string checksum_of(const LogSegment& segment) const;
  void warn(const TableState& state, std::string_view why) const;
  Done date_checkpoint(const LogSegment& segment, Replay& replay) const;
  std::optional<LogSegment> segment_by_name(LogVersion version) const;
  Result<std::vector<RemoveFile>> tombstones_of(const LogSegment& segment, std::int64_t since_ms,
                                                bool& checkpoint_failed) const;
  Error missing_table(Error error) const;
  const LogContext& context_;
  const std::string& table_path_;
};

}  // namespace claimlake::delta
