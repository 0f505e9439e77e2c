#pragma once

#include <cstddef>
#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "delta/action.h"

namespace claimlake::delta {

// A list of files that is looked at, not copied: f.size(), f[i], for (const AddFile& file : f).
// Valid as long as the snapshot that gave it.
class FileList {
 public:
  explicit FileList(std::span<const AddFile* const> files) : files_(files) {}
  std::size_t size() const { return files_.size(); }
  bool empty() const { return files_.empty(); }
  const AddFile& operator[](std::size_t i) const { return *files_[i]; }
  FileList part(std::size_t first, std::size_t count) const {
    return FileList(files_.subspan(first, count));
  }
  class Iterator {
   public:
    using iterator_category = std::forward_iterator_tag;
    using value_type = AddFile;
    using difference_type = std::ptrdiff_t;
    using pointer = const AddFile*;
    using reference = const AddFile&;
    Iterator() = default;
    explicit Iterator(const AddFile* const* at) : at_(at) {}
    reference operator*() const { return **at_; }
    pointer operator->() const { return *at_; }
    Iterator& operator++() {
      ++at_;
      return *this;
    }
    Iterator operator++(int) { return Iterator(at_++); }
    bool operator==(const Iterator&) const = default;

   private:
    const AddFile* const* at_ = nullptr;
  };
  Iterator begin() const { return Iterator(files_.data()); }
  Iterator end() const { return Iterator(files_.data() + files_.size()); }

 private:
  std::span<const AddFile* const> files_;
};

// What the statistics of the files say about one column, one entry per file of the snapshot, in
// the order of Snapshot::files(). Values are the JSON texts of the log without quotes; numbers with
// a fraction are one double further out. Absent if the file does not say.
struct ColumnStats {
  struct Entry {
    std::optional<std::string> min;
    std::optional<std::string> max;
    std::optional<std::int64_t> null_count;
  };
  std::vector<Entry> entries;
};

// One version of one table: immutable and shared by all its readers. Thread-safe.
class Snapshot {
 public:
  virtual ~Snapshot() = default;

  virtual LogVersion version() const = 0;
  virtual Timestamp timestamp() const = 0;  // of its commit
  virtual const Protocol& protocol() const = 0;
  virtual const Metadata& metadata() const = 0;
  virtual const Schema& schema() const = 0;
  virtual FileList files() const = 0;  // the live files
  virtual std::int64_t files_bytes() const = 0;
  // Rows of all live files without the deleted ones; absent if a file has no numRecords.
  virtual std::optional<std::int64_t> row_count() const = 0;
  // Rows in files()[index] as its statistics say (physical, before deletion vectors).
  virtual std::optional<std::int64_t> row_count(std::size_t index) const = 0;
  // The newest version that `app_id` has committed (txn action).
  virtual std::optional<std::int64_t> txn(std::string_view app_id) const = 0;
  // What the metadata domain is configured with; null if there is none.
  virtual const std::string* domain(std::string_view) const { return nullptr; }
  // Statistics of a top-level or nested column ("a", "s.b": physical names), computed on first
  // use and kept.
  virtual const ColumnStats& column_stats(std::string_view column) const = 0;
  // Memory that it takes by now, roughly: what versions share counts in full for each.
  virtual std::int64_t memory_bytes() const = 0;
};

using SnapshotPtr = std::shared_ptr<const Snapshot>;

}  // namespace claimlake::delta
