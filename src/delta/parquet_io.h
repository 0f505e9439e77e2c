#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "delta/action.h"
#include "delta/snapshot.h"

namespace claimlake::delta {

// Which rows of a checkpoint are wanted; others cost nothing.
struct CheckpointRows {
  bool add = true;
  bool remove = false;
  bool small = true;  // protocol, metaData, txn, domainMetadata, checkpointMetadata
};                    // sidecars are always wanted: what they name belongs to the checkpoint

// Some rows of a checkpoint; their order has no meaning.
struct CheckpointBatch {
  std::vector<AddFile> adds;
  std::vector<Action> others;
};
// Takes the batches, one call at a time. An error stops the reading and is returned from it.
using CheckpointSink = std::function<Done(CheckpointBatch&&)>;

// The columns that a checkpoint tells of typed and not only as texts, by physical names.
struct TypedColumns {
  StructType stats;       // stats_parsed
  StructType partitions;  // partitionValues_parsed
};

// What one file of a checkpoint holds.
struct CheckpointContent {
  // protocol, metaData, txn, domainMetadata; of the v2 form checkpointMetadata and sidecar, too.
  // None in a sidecar.
  std::vector<Action> small;
  FileList adds;
  std::span<const RemoveFile> removes;
  bool stats_as_json = true;
  std::optional<TypedColumns> typed = {};
};

// Reads and writes the Parquet files of the log itself. Declared here and implemented by
// `engine`, so that the protocol can be tested without DuckDB. Thread-safe.
class ParquetIo {
 public:
  virtual ~ParquetIo() = default;
  // Hands the actions of one checkpoint file (path in the store) to `sink`.
  // Errors: kCorrupt (no Parquet, or not a checkpoint), kNotFound, kUnavailable.
  virtual Done read_checkpoint(std::string_view path, CheckpointRows rows,
                               const CheckpointSink& sink) = 0;
  // Writes one file of a checkpoint: it has the columns that its form needs (of the v2 form if it
  // begins with checkpointMetadata, of a sidecar if nothing is small), and every field below them
  // may be null. Durable when it returns. Returns its size in bytes.
  virtual Result<std::int64_t> write_checkpoint(std::string_view path,
                                                const CheckpointContent& content) = 0;
};

}  // namespace claimlake::delta
