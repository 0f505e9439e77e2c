#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "engine/engine.h"

namespace claimlake::engine {

// Counts which files of a table one query has read. Thread-safe.
class ScanCounter {
 public:
  ScanCounter(std::string table, std::size_t files_total)
      : table_(std::move(table)), read_(files_total) {}

  void read(std::size_t file) {
    const std::lock_guard lock(mutex_);
    if (!read_[file]) ++read_count_;
    read_[file] = true;
  }
  ScanReport report() const {
    const std::lock_guard lock(mutex_);
    return {table_, static_cast<std::int64_t>(read_.size()), read_count_};
  }

 private:
  const std::string table_;
  mutable std::mutex mutex_;
  std::vector<bool> read_;
  std::int64_t read_count_ = 0;
};

}  // namespace claimlake::engine
