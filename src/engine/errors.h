#pragma once

#include "base/result.h"

namespace duckdb {
class ErrorData;
}

namespace claimlake::engine {

// Throws `error` through DuckDB: to_error() (instance.h) gives it back unchanged. For callbacks.
[[noreturn]] void throw_error(const Error& error);

// True if the exception behind `data` was made by throw_error.
bool carries_error(const duckdb::ErrorData& data);

// The value of `result`, or its error thrown.
template <class T>
T value_or_throw(Result<T> result) {
  if (!result) throw_error(result.error());
  return *std::move(result);
}

}  // namespace claimlake::engine
