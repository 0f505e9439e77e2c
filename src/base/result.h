#pragma once

#include <string>
#include <utility>
#include <variant>

#include "base/check.h"

namespace claimlake {

// What the caller can do about it. Kept short on purpose: detail goes in the message.
enum class Fault {
  kInvalidInput,  // mend the input, then call again
  kNotFound,      // the named thing does not exist
  kConflict,      // somebody else was first; read again and retry
  kUnavailable,   // may work later; may still have happened
  kTimeout,       // the deadline passed; may still have happened
  kCancelled,     // the caller asked to stop
  kCorrupt,       // stored bytes are not what they must be
};

// The stable name of `fault` for logs, JSON and exit codes, for example "invalid_input".
const char* fault_name(Fault fault);

// What went wrong, for a person. `message` says what and why: static text first, values last.
// Never put a secret or personal data into any field.
struct Error {
  Fault fault;
  std::string message;
  std::string where = {};  // file:line:column, table and version, or another place; may be empty
  std::string next = {};   // what to do now, as a command or a sentence; may be empty

  // Returns this error with the step that failed put in front of the message.
  Error in(std::string_view step) &&;
  // Returns this error with `place` if none is known yet.
  Error at(std::string place) &&;
  // Returns this error with the next step if none is known yet.
  Error then(std::string step) &&;
  // The message, then "where" and "try" on lines of their own where known.
  std::string text() const;
};

// A value or an Error. The subset of C++23 std::expected that we use, with the same names, so
// that it can be replaced by it.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT: implicit
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT: implicit

  bool has_value() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }
  T& operator*() & { return *value(); }
  const T& operator*() const& { return *value(); }
  T&& operator*() && { return std::move(*value()); }
  T* operator->() { return value(); }
  const T* operator->() const { return value(); }
  const Error& error() const& { return *failure(); }
  Error&& error() && { return std::move(*failure()); }

 private:
  T* value() {
    CHECK(state_.index() == 0, std::get<1>(state_).message);
    return std::get_if<0>(&state_);
  }
  const T* value() const {
    CHECK(state_.index() == 0, std::get<1>(state_).message);
    return std::get_if<0>(&state_);
  }
  Error* failure() {
    CHECK(state_.index() == 1, "error() of a Result that holds a value");
    return std::get_if<1>(&state_);
  }
  const Error* failure() const {
    CHECK(state_.index() == 1, "error() of a Result that holds a value");
    return std::get_if<1>(&state_);
  }
  std::variant<T, Error> state_;
};

// The result of a call that has nothing to return but success.
using Done = Result<std::monostate>;
inline Done done() { return std::monostate{}; }

}  // namespace claimlake

#define CLAIMLAKE_CAT2(a, b) a##b
#define CLAIMLAKE_CAT(a, b) CLAIMLAKE_CAT2(a, b)

// TRY(auto x, f()): x is the value of f(), or the error of f() is returned from here.
#define TRY(decl, ...) CLAIMLAKE_TRY(CLAIMLAKE_CAT(try_, __COUNTER__), decl, __VA_ARGS__)
#define CLAIMLAKE_TRY(tmp, decl, ...)      \
  auto tmp = (__VA_ARGS__);                \
  if (!tmp) return std::move(tmp).error(); \
  decl = *std::move(tmp)

// TRY_DONE(f()): the same for a call whose value is not needed.
#define TRY_DONE(...) CLAIMLAKE_TRY_DONE(CLAIMLAKE_CAT(try_, __COUNTER__), __VA_ARGS__)
#define CLAIMLAKE_TRY_DONE(tmp, ...) \
  auto tmp = (__VA_ARGS__);          \
  if (!tmp) return std::move(tmp).error()
