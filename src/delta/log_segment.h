#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "delta/action.h"
#include "store/store.h"

namespace claimlake::delta {

// Names in `_delta_log`.
std::string log_folder(std::string_view table_path);
std::string commit_name(LogVersion version);      // "00000000000000000003.json"
std::string checkpoint_name(LogVersion version);  // "00000000000000000003.checkpoint.parquet"
// "00000000000000000003.checkpoint.80a083e8-7026-4e79-81be-64bd76c43a11.parquet"
std::string checkpoint_name(LogVersion version, std::string_view uuid);
std::string commit_path(std::string_view table_path, LogVersion version);

struct CommitFile {
  LogVersion version = 0;
  store::ObjectInfo object;
};

struct Checkpoint {
  LogVersion version = 0;
  std::vector<std::string> parts;  // paths in the store, in order; all are there
  // Tells checkpoints of one version apart.
  const std::string& name() const { return parts.front(); }
};

// What a listing of `_delta_log` holds, sorted out. Pure; names that mean nothing to us are left
// alone.
struct LogListing {
  std::vector<CommitFile> commits;  // ascending
  // Ascending; only complete ones. Of several of one version the one to read first is the last.
  std::vector<Checkpoint> checkpoints;
  std::vector<LogVersion> checksums;  // that have a checksum file
};
LogListing sort_out(const std::vector<store::ObjectInfo>& listing);

// The files that together make one version.
struct LogSegment {
  LogVersion version = 0;
  std::optional<Checkpoint> checkpoint;
  std::optional<CommitFile> checkpoint_commit;  // of the checkpoint's version, if it is there
  std::vector<CommitFile> commits;              // those after the checkpoint, without a gap
  bool has_checksum = false;                    // of its version
};
// The segment of `target`, or of the newest version. Checkpoints of these names are not used.
// Errors: kNotFound (no such version), kCorrupt (a gap, naming the missing file).
Result<LogSegment> find_segment(const LogListing& listing, std::optional<LogVersion> target,
                                const std::vector<std::string>& bad_checkpoints = {});

// What `_last_checkpoint` says. Only a hint.
struct LastCheckpoint {
  LogVersion version = 0;
  std::string name;  // of its first file, in the log folder
};
// Absent if its text cannot be read.
std::optional<LastCheckpoint> parse_last_checkpoint(std::string_view json);

}  // namespace claimlake::delta
