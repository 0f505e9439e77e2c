#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "delta/file_set.h"
#include "delta/parquet_io.h"
#include "delta/txn_map.h"
#include "store/store.h"

namespace claimlake::delta {

// All that one version of a table holds. Cheap to copy: everything big is shared.
struct TableState {
  LogVersion version = -1;
  Timestamp timestamp{};
  std::optional<store::ObjectInfo> commit;  // its file; absent if the state is a checkpoint's
  std::shared_ptr<const Protocol> protocol;
  std::shared_ptr<const Metadata> metadata;
  std::shared_ptr<const Schema> schema;
  FileSet files;
  TxnMap txns;
  std::shared_ptr<const std::map<std::string, DomainMetadata>> domains;
};

// The actions of one commit by what is done with them.
struct CommitParts {
  std::vector<AddFile> adds;
  std::vector<RemoveFile> removes;
  std::vector<Action> others;
  void take(Action&& action);
};

// Applies checkpoints and commits, oldest first, to the state before them. Pure: no I/O.
class Replay {
 public:
  explicit Replay(TableState base = {});
  // One batch of the checkpoint that the state starts from.
  void checkpoint(CheckpointBatch&& batch);
  // Its version has the time of its commit; without that file, which a cleanup of the log may have
  // taken, the time of the checkpoint. `in_commit_ms`: of the commit, where the table has them.
  void checkpoint_version(LogVersion version, Timestamp modified_at);
  void checkpoint_version(LogVersion version, const store::ObjectInfo& commit,
                          std::optional<std::int64_t> in_commit_ms);
  // True if the table's commits hold their own times.
  bool in_commit_timestamps() const;
  // The next commit and its file. Versions get rising times from those of the files, as the
  // protocol asks where there are no in-commit timestamps.
  void commit(LogVersion version, const store::ObjectInfo& object, std::vector<Action>&& actions);
  void commit(LogVersion version, const store::ObjectInfo& object, CommitParts&& parts);
  // Errors: kCorrupt (no protocol, no metadata, a schema that cannot be read), kInvalidInput (a
  // type or feature that is not known).
  Result<TableState> finish() &&;

 private:
  void apply(Action&& action);
  TableState state_;
  FileSetBuilder files_;
  std::vector<Txn> txns_;  // in their order; set all at once, for a table may have very many
  bool metadata_changed_ = false;
};

// Which time a commit has: its in-commit timestamp, else its file's time, made to rise.
Timestamp commit_time(const std::optional<std::int64_t>& in_commit_ms, Timestamp modified_at,
                      Timestamp previous);

}  // namespace claimlake::delta
