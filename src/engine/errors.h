#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace duckdb {
class ErrorData;
}

namespace claimlake::engine {

// Throws `error` through DuckDB: to_error() (instance.h) gives it back unchanged; without a place
// of its own it has that of `position`, the byte of the statement that it is about. For callbacks.
[[noreturn]] void throw_error(const Error& error, std::optional<std::size_t> position = {});

// True if the exception behind `data` was made by throw_error.
bool carries_error(const duckdb::ErrorData& data);

// The value of `result`, or its error thrown.
template <class T>
T value_or_throw(Result<T> result) {
  if (!result) throw_error(result.error());
  return *std::move(result);
}

// The error in our words: fault, message, line:column in `sql`, what to do. For work without an
// instance, such as parsing; instance.h has the form that marks a dead instance.
Error to_error(const duckdb::ErrorData& error, std::string_view sql);

// "line:column" of the byte at `position` of `sql`, both from 1, columns in characters.
std::string place_in(std::string_view sql, std::size_t position);

}  // namespace claimlake::engine
