#pragma once

#include <functional>
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
  bool small = true;  // protocol, metaData, txn, domainMetadata
};                    // sidecars are always wanted: what they name belongs to the checkpoint

// Some rows of a checkpoint; their order has no meaning.
struct CheckpointBatch {
  std::vector<AddFile> adds;
  std::vector<Action> others;
};
// Takes the batches, one call at a time. An error stops the reading and is returned from it.
using CheckpointSink = std::function<Done(CheckpointBatch&&)>;

// What a checkpoint holds: the whole state of a table at one version.
struct CheckpointContent {
  std::vector<Action> small;  // protocol, metaData, txn, domainMetadata
  FileList adds;
  std::vector<RemoveFile> removes;
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
  // Writes a classic checkpoint (V1 spec: add, remove, metaData, protocol, txn columns; every
  // field below them nullable). Durable when it returns. Returns its size in bytes.
  virtual Result<std::int64_t> write_checkpoint(std::string_view path,
                                                const CheckpointContent& content) = 0;
};

}  // namespace claimlake::delta
