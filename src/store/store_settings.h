#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancel.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"

namespace claimlake::store {

// A variable of the environment, or nothing if it is not set or empty.
using Environment = std::function<std::optional<std::string>(std::string_view name)>;
Environment process_environment();

// Waits that long; false if it was cancelled before. Tests count instead of waiting.
using Wait = std::function<bool(std::chrono::milliseconds)>;
Wait cancellable_wait(Cancel cancel);

// Everything that the stores of Amazon and Azure can be told. docs/reference/stores.md describes
// the keys. A value that is a secret is held as a reference only ("env:NAME", "file:PATH") until it
// is used, and it is looked up anew each time, so that a rotated secret is found.
class StoreSettings {
 public:
  StoreSettings() : environment_(process_environment()) {}
  explicit StoreSettings(Environment environment) : environment_(std::move(environment)) {}

  // The keys that set() knows, for "did you mean".
  static const std::vector<std::string>& keys();
  // Errors: kInvalidInput: not a key, a value that does not fit, a secret that is no reference (the
  // message does not repeat it).
  Done set(const std::string& key, const std::string& value);

  // What was set, or else the first of these variables of the environment that is there.
  std::optional<std::string> value(std::string_view key,
                                   const std::vector<std::string_view>& variables = {}) const;
  // The same for a secret, with its reference followed. Errors: kInvalidInput (the variable or the
  // file that it names is not there).
  Result<std::optional<std::string>> secret(
      std::string_view key, const std::vector<std::string_view>& variables = {}) const;
  std::optional<std::string> variable(std::string_view name) const { return environment_(name); }
  std::int64_t number(std::string_view key, std::int64_t fallback) const;

 private:
  Environment environment_;
  std::map<std::string, std::string, std::less<>> values_;
};

// What a store needs of the world. The references outlive the store.
struct StoreContext {
  const Clock& clock;
  Random& random;
  StoreSettings settings = {};
  Cancel cancel = {};  // ends all requests and waiting of the store
  Wait wait = {};      // absent: cancellable_wait(cancel)
};

// The content of a small file, without white space at its end. Errors: kNotFound, kUnavailable.
Result<std::string> read_small_file(const std::string& path);

}  // namespace claimlake::store
