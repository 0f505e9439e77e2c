#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "delta/action.h"

namespace claimlake::delta {

// Which rows of a checkpoint are wanted; others cost nothing.
struct CheckpointRows {
  bool add = true;
  bool remove = false;
  bool small = true;  // protocol, metaData, txn, domainMetadata
};

// Reads and writes the Parquet files of the log itself. Declared here and implemented by
// `engine`, so that the protocol can be tested without DuckDB. Thread-safe.
class ParquetIo {
 public:
  virtual ~ParquetIo() = default;
  // The actions of one checkpoint file (path in the store), in file order.
  // Errors: kCorrupt (no Parquet, or not a checkpoint), kNotFound, kUnavailable.
  virtual Result<std::vector<Action>> read_checkpoint(std::string_view path,
                                                      CheckpointRows rows) = 0;
  // Writes a classic checkpoint (V1 spec: add, remove, metaData, protocol, txn columns; every
  // field below them nullable). Durable when it returns. Returns its size in bytes.
  virtual Result<std::int64_t> write_checkpoint(std::string_view path,
                                                const std::vector<Action>& actions) = 0;
};

}  // namespace claimlake::delta
