#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "delta/action.h"
#include "store/store.h"

namespace claimlake::check {

using delta::LogVersion;

// One checkpoint by its name: a classic one, one with a UUID, or the parts of one.
struct CheckpointFiles {
  std::string name;                // for people: the path of the only, or of the first file
  std::vector<std::string> paths;  // those that are there, ascending
  std::size_t parts = 1;           // how many there should be
  bool has_uuid = false;
  std::int64_t size = 0;  // bytes of all files
};

// What lies in `_delta_log`, by version.
struct LogFolder {
  std::string path;                             // "gold/t/_delta_log"
  std::map<LogVersion, std::string> commits;    // paths
  std::map<LogVersion, std::string> checksums;  // paths
  std::map<LogVersion, std::vector<CheckpointFiles>> checkpoints;
  std::map<std::pair<LogVersion, LogVersion>, std::string> compacted;  // from and to
  bool has_last_checkpoint = false;

  bool empty() const { return commits.empty() && checkpoints.empty(); }
  LogVersion oldest() const;  // not empty
  LogVersion newest() const;
};

// Errors: those of the store.
Result<LogFolder> list_log_folder(const store::Store& store, std::string_view table_path);

}  // namespace claimlake::check
