#pragma once

#include <set>
#include <string>

#include "base/result.h"
#include "check/findings.h"
#include "check/log_folder.h"
#include "check/parquet_files.h"
#include "check/table_log.h"

namespace claimlake::check {

// Reads the checkpoints of one table: to begin with one where the log before it is gone, and to
// hold each against the log where that is still there.
class Checkpoints {
 public:
  Checkpoints(const store::Store& store, const LogFolder& folder, ParquetFiles& parquet,
              Findings& findings)
      : store_(store), folder_(folder), parquet_(parquet), findings_(findings) {}  // outlive this

  // The table as the checkpoint says. Absent if it cannot be read, which was said then.
  Result<std::optional<TableState>> load(const CheckpointFiles& checkpoint, LogVersion version);

  // Checks that it says what `log` says, which stands at its version.
  Done compare(const CheckpointFiles& checkpoint, LogVersion version, TableLog& log);

  // `_last_checkpoint` against what is there.
  Done check_last();

 private:
  using Use = std::function<void(const RawAction& action, const std::string& where)>;
  // Hands each action to `use`. False if not all could be read.
  Result<bool> read(const CheckpointFiles& checkpoint, LogVersion version, const Use& use);
  Result<bool> read_file(const std::string& path, const Use& use);
  Result<bool> read_sidecars(const std::vector<RawAction>& sidecars, const Use& use);
  void check_header(const CheckpointFiles& checkpoint, LogVersion version,
                    const std::vector<RawAction>& headers, bool has_sidecars);

  const store::Store& store_;
  const LogFolder& folder_;
  ParquetFiles& parquet_;
  Findings& findings_;
};

// How two adds of one file differ, in words; "" if they say the same.
std::string difference(const delta::AddFile& log, const delta::AddFile& other);
// Whether two protocol actions, or two metaData actions, say the same.
bool same_protocol(const Json& a, const Json& b);
bool same_metadata(const Json& a, const Json& b);

}  // namespace claimlake::check
