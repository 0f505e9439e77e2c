#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "store/local_files.h"

namespace claimlake::schedule {

// Who runs the pipeline of a lake on this machine.
struct Owner {
  std::int64_t process = 0;
  std::string program;  // "watch", "serve"
  Timestamp since{};
  std::string text() const;  // "claimlake serve (process 4711, since ...)"
};

// The right to run the pipeline of a lake by itself: one process of a machine has it at a time. It
// goes with the process, however that ends. Two processes would do no harm, only the same work
// twice: commits decide.
class Ownership {
 public:
  // The lock is the file `path`, which is made. Nothing if another process has it.
  // Errors: kUnavailable (the folder cannot be written).
  static Result<std::unique_ptr<Ownership>> take(const std::string& path,
                                                 const std::string& program, const Clock& clock);
  // Who has it, if anybody.
  static std::optional<Owner> holder(const std::string& path);

 private:
  explicit Ownership(store::FileDescriptor file) : file_(std::move(file)) {}
  store::FileDescriptor file_;  // holds the lock
};

}  // namespace claimlake::schedule
