#pragma once

#include <algorithm>
#include <mutex>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "engine/left_out.h"

namespace claimlake::engine {

// Counts which files of a table one query has read. Thread-safe.
class ScanCounter {
 public:
  ScanCounter(std::string table, std::size_t files_total)
      : table_(std::move(table)), read_(files_total) {}

  void read(std::size_t file, std::int64_t bytes) {
    const std::lock_guard lock(mutex_);
    if (read_[file]) return;
    read_[file] = true;
    ++read_count_;
    bytes_read_ += bytes;
  }
  // A file was left out only when its turn came.
  void skip(const std::string& why) {
    const std::lock_guard lock(mutex_);
    const auto known = std::find_if(skipped_.begin(), skipped_.end(),
                                    [&](const LeftOut& each) { return each.why == why; });
    if (known == skipped_.end()) {
      skipped_.push_back({why, 1});
    } else {
      ++known->files;
    }
  }
  ScanReport report() const {
    const std::lock_guard lock(mutex_);
    return {table_, static_cast<std::int64_t>(read_.size()), read_count_};
  }
  std::int64_t bytes_read() const {
    const std::lock_guard lock(mutex_);
    return bytes_read_;
  }
  std::vector<LeftOut> skipped() const {
    const std::lock_guard lock(mutex_);
    return skipped_;
  }

 private:
  const std::string table_;
  mutable std::mutex mutex_;
  std::vector<bool> read_;
  std::int64_t read_count_ = 0;
  std::int64_t bytes_read_ = 0;
  std::vector<LeftOut> skipped_;
};

}  // namespace claimlake::engine
