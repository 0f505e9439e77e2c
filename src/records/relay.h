#pragma once

#include <cstdint>
#include <string>

#include "records/records.h"
#include "store/store.h"

namespace claimlake::records {

// Brings what is in the outbox into raw, each row exactly once (docs/formats/records.md, The outbox
// relay). Nothing is kept in memory: it may die at any time. One thread; several relays of one
// store, also of other processes, do no harm.
class Relay {
 public:
  // Both outlive this. `folder` of `store` is that of the raw files.
  Relay(Records& records, store::Store& store, std::string folder = "raw")
      : records_(records), store_(store), folder_(std::move(folder)) {}

  struct Turn {
    std::int64_t files = 0;
    std::int64_t rows = 0;
  };
  // Writes the files that were decided on before, then those of the rows that wait, as far as one
  // go reaches; nothing written: nothing waits. Errors: what keeps it from that; call it again.
  Result<Turn> turn();

  // Rows that are not known to be in raw.
  Result<std::int64_t> waiting() const;
  // Drops what nobody asks for any more: old files that were written, old idempotency keys.
  Done tidy();

 private:
  struct File {
    std::int64_t number = 0;
    std::string path;
    std::int64_t rows = 0;
  };
  Result<std::vector<File>> unwritten() const;
  Done decide();
  Result<bool> write(File file);  // false: another relay is at it
  Result<std::string> lines_of(const File& file) const;
  Result<bool> holds(const std::string& path, const std::string& bytes) const;
  Result<std::string> rename(const File& file);
  Done mark(const std::vector<File>& files);

  Records& records_;
  store::Store& store_;
  const std::string folder_;
};

}  // namespace claimlake::records
