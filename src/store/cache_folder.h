#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/guarded.h"
#include "base/random.h"
#include "base/result.h"

namespace claimlake::store {

// Small files by key in a folder of limited size, shared by processes. What is in it may vanish at
// any time. Thread-safe.
class CacheFolder {
 public:
  // Makes the folder, for this user only. Errors: kUnavailable.
  static Result<std::unique_ptr<CacheFolder>> open(std::string folder, std::int64_t bytes_max);

  // What was kept under `key`, if it is there and undamaged. A damaged file is removed.
  std::optional<std::string> get(const std::string& key);
  // Keeps `bytes` if there is room; failure is no error.
  void put(const std::string& key, std::string_view bytes);

 private:
  CacheFolder(std::string folder, std::int64_t bytes_max);
  std::string path_of(const std::string& key) const;
  // Removes what was not used for the longest time, down to four fifths of the limit.
  void sweep();

  const std::string folder_;
  const std::int64_t bytes_max_;
  SystemRandom random_;
  Guarded<std::int64_t> until_sweep_;  // bytes that may still be put before it
};

}  // namespace claimlake::store
