#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "store/local_files.h"

namespace claimlake::engine {

// The folder in which one DuckDB puts what does not fit into memory. DuckDB names its files alike
// everywhere and opens those that it finds, so that two with one folder would read each other's
// rows: each gets a folder of its own.
class SpillFolder {
 public:
  // Makes a folder in `root`, which is made if it is absent, and removes those whose owners are
  // gone. Null if this user may not write there. Errors: kUnavailable: `root` cannot be made.
  static Result<std::unique_ptr<SpillFolder>> make(const std::string& root);
  // Removes the folder with all that is in it.
  ~SpillFolder();
  SpillFolder(const SpillFolder&) = delete;
  SpillFolder& operator=(const SpillFolder&) = delete;

  const std::string& path() const { return path_; }

 private:
  SpillFolder(std::string path, store::FileDescriptor lock)
      : path_(std::move(path)), lock_(std::move(lock)) {}
  const std::string path_;
  const store::FileDescriptor lock_;  // of the folder, locked while its owner lives
};

}  // namespace claimlake::engine
