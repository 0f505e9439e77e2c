#include "engine/errors.h"

#include <fmt/format.h>

#include <duckdb/common/error_data.hpp>
#include <duckdb/common/exception.hpp>

#include "base/log.h"
#include "engine/duck_message.h"
#include "engine/instance.h"
#include "engine/lacks_memory.h"

namespace claimlake::engine {
namespace {

// Keys under which an Error of ours travels through a DuckDB exception.
constexpr const char* kFaultKey = "claimlake_fault";
constexpr const char* kWhereKey = "claimlake_where";
constexpr const char* kNextKey = "claimlake_next";

std::string info(const duckdb::ErrorData& error, const char* key) {
  const auto found = error.ExtraInfo().find(key);
  return found == error.ExtraInfo().end() ? "" : found->second;
}

Fault fault_of(duckdb::ExceptionType type) {
  switch (type) {
    case duckdb::ExceptionType::IO:
    case duckdb::ExceptionType::HTTP:
    case duckdb::ExceptionType::NETWORK:
    case duckdb::ExceptionType::CONNECTION:
    case duckdb::ExceptionType::TRANSACTION:
    case duckdb::ExceptionType::OUT_OF_MEMORY:
    case duckdb::ExceptionType::INTERNAL:
    case duckdb::ExceptionType::FATAL:
      return Fault::kUnavailable;
    case duckdb::ExceptionType::INTERRUPT:
      return Fault::kCancelled;
    case duckdb::ExceptionType::SERIALIZATION:
      return Fault::kCorrupt;
    default:
      return Fault::kInvalidInput;
  }
}

// What helps against errors of values, which say nothing of it.
std::string next_of(duckdb::ExceptionType type, std::string_view message) {
  if (type == duckdb::ExceptionType::CONVERSION) {
    return "TRY_CAST gives null where a value does not fit";
  }
  if (type == duckdb::ExceptionType::OUT_OF_RANGE && message.starts_with("Overflow")) {
    return "cast to a wider type first, for example HUGEINT or DECIMAL(38,2)";
  }
  return "";
}

Error memory_error(std::string_view message) {
  return {Fault::kUnavailable, fmt::format("{}: {}", kLacksMemory, message), "",
          "give the engine more with --memory, or read fewer columns or rows at a time"};
}

}  // namespace

void throw_error(const Error& error, std::optional<std::size_t> position) {
  std::unordered_map<std::string, std::string> extra{
      {kFaultKey, std::to_string(static_cast<int>(error.fault))},
      {kWhereKey, error.where},
      {kNextKey, error.next}};
  if (position) extra.emplace("position", std::to_string(*position));
  throw duckdb::Exception(extra, duckdb::ExceptionType::IO, error.message);
}

bool carries_error(const duckdb::ErrorData& data) { return !info(data, kFaultKey).empty(); }

std::string place_in(std::string_view sql, std::size_t position) {
  std::size_t line = 1;
  std::size_t column = 1;
  for (const char c : sql.substr(0, position)) {
    if (c == '\n') {
      ++line;
      column = 1;
    } else if ((static_cast<unsigned char>(c) & 0xc0) != 0x80) {
      ++column;
    }
  }
  return fmt::format("{}:{}", line, column);
}

bool kills_instance(const duckdb::ErrorData& error) {
  return error.Type() == duckdb::ExceptionType::INTERNAL ||
         error.Type() == duckdb::ExceptionType::FATAL;
}

Error to_error(const duckdb::ErrorData& raw, std::string_view sql) {
  // Connections give errors as JSON, which ErrorData takes apart: only so they have a position.
  const duckdb::ErrorData data = raw.RawMessage().starts_with('{')
                                     ? duckdb::ErrorData(std::runtime_error(raw.RawMessage()))
                                     : raw;
  Error error{fault_of(data.Type()), data.RawMessage()};
  const std::string position = info(data, "position");
  if (const std::string fault = info(data, kFaultKey); !fault.empty()) {
    error.fault = static_cast<Fault>(std::stoi(fault));
    error.where = info(data, kWhereKey);
    error.next = info(data, kNextKey);
    error.message.resize(std::min(error.message.size(), error.message.find("\n\nLINE ")));
  } else {
    reword(error);
    if (error.next.empty()) error.next = next_of(data.Type(), error.message);
    if (data.Type() == duckdb::ExceptionType::OUT_OF_MEMORY) return memory_error(error.message);
    if (data.Type() == duckdb::ExceptionType::INTERRUPT) error.message = "The query was cancelled";
  }
  if (error.where.empty() && !position.empty()) {
    error.where = place_in(sql, std::min<std::size_t>(std::stoull(position), sql.size()));
  }
  return error;
}

Error to_error(const duckdb::ErrorData& data, std::string_view sql, Instance& instance) {
  Error error = to_error(data, sql);
  if (!kills_instance(data)) return error;
  instance.mark_dead();
  log(LogLevel::kError, "engine.died", {{"reason", error.message}});
  error.message = "The SQL engine failed inside and is opened anew: " + error.message;
  error.where.clear();
  error.next = "run the query again; if it fails again, write it differently and report it";
  return error;
}

Error current_exception_error(std::string_view sql, Instance& instance) {
  try {
    throw;
  } catch (const std::bad_alloc&) {
    return memory_error("the machine has no more");
  } catch (const std::exception& exception) {
    return to_error(duckdb::ErrorData(exception), sql, instance);
  } catch (...) {
    return {Fault::kUnavailable, "The SQL engine failed for a reason that it does not name"};
  }
}

}  // namespace claimlake::engine
