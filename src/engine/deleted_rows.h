#pragma once

#include <list>
#include <map>
#include <memory>
#include <string>

#include "base/guarded.h"
#include "delta/row_set.h"
#include "delta/snapshot.h"
#include "store/store.h"

namespace claimlake::engine {

// The rows that the deletion vectors of one version take away. A vector is read when its file is,
// and kept for the queries to come, as long as all that are kept stay within a limit. Thread-safe.
class DeletedRows {
 public:
  static constexpr std::int64_t kLimitBytes = std::int64_t{32} << 20;

  // `folder`: of the table in `store`, which outlives this.
  DeletedRows(const store::Store& store, std::string folder, delta::SnapshotPtr snapshot,
              std::int64_t limit_bytes = kLimitBytes)
      : store_(store),
        folder_(std::move(folder)),
        snapshot_(std::move(snapshot)),
        limit_bytes_(limit_bytes) {}

  // Of file `index`; null if it has no deletion vector.
  // Errors: kCorrupt (damaged, or not there), kUnavailable.
  Result<std::shared_ptr<const delta::RowSet>> of(std::size_t index) const;
  std::int64_t kept_bytes() const;

 private:
  struct Entry {
    std::size_t index;
    std::int64_t bytes;
    std::shared_ptr<const delta::RowSet> rows;
  };
  struct Kept {
    std::list<Entry> entries;  // the one used last is the first
    std::map<std::size_t, std::list<Entry>::iterator> by_index;
    std::int64_t bytes = 0;
  };
  void keep(Entry entry) const;

  const store::Store& store_;
  const std::string folder_;
  const delta::SnapshotPtr snapshot_;
  const std::int64_t limit_bytes_;
  mutable Guarded<Kept> kept_;
};

}  // namespace claimlake::engine
