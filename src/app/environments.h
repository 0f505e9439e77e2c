#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "store/local_files.h"
#include "store/store.h"

namespace claimlake::app {

// The environments of a lake (docs/formats/environments.md); `main` is the store of the lake.

struct Environment {
  std::string name;
  bool complete = true;  // false: it is being made or dropped, or what did that has died
  std::optional<Timestamp> created_at;
  std::string created_by;
  std::string packs_folder;  // whose models it is built by; "": those of the lake
};

// Errors: kInvalidInput, with what a name is.
Done check_environment_name(const std::string& name);

// Errors: kNotFound (says which name is near), kConflict (it is not complete).
Result<Environment> read_environment(const store::Store& main, const std::string& name);
Result<std::vector<Environment>> list_environments(const store::Store& main);

// Takes the name; write_environment() then says that it is complete. Errors: kConflict.
Done claim_environment(store::Store& main, const Environment& environment);
Done write_environment(store::Store& main, const Environment& environment);
// Deletes it with all it holds, and nothing else; doing it again goes on where it stopped. Returns
// how many bytes that were. Errors: kNotFound.
Result<std::int64_t> erase_environment(store::Store& main, const std::string& name);

// That a process of this machine works in an environment, or (`alone`) drops it.
class EnvironmentUse {
 public:
  // `folder`: of this machine, for the environment; it is made. Nothing if somebody else is in the
  // way. Errors: kUnavailable.
  static Result<std::unique_ptr<EnvironmentUse>> begin(const std::string& folder, bool alone);

 private:
  explicit EnvironmentUse(store::FileDescriptor file) : file_(std::move(file)) {}
  store::FileDescriptor file_;  // holds the lock
};

}  // namespace claimlake::app
