#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>

#include "base/result.h"

namespace claimlake {

// UTC, microseconds since 1970-01-01. Arrival and commit times.
using Timestamp = std::chrono::sys_time<std::chrono::microseconds>;
// A calendar day without a zone.
using Date = std::chrono::sys_days;

// The source of all time in the program. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Timestamp now() const = 0;
  // Never runs backwards; for durations and deadlines only.
  virtual std::chrono::steady_clock::time_point steady_now() const = 0;
};

// The machine's clock; the only place in the program that reads it.
class SystemClock final : public Clock {
 public:
  Timestamp now() const override;
  std::chrono::steady_clock::time_point steady_now() const override;
};

// A clock that moves only when told. For tests and simulation.
class SimClock final : public Clock {
 public:
  explicit SimClock(Timestamp start = Timestamp{}) : micros_(start.time_since_epoch().count()) {}
  Timestamp now() const override { return Timestamp(std::chrono::microseconds(micros_.load())); }
  std::chrono::steady_clock::time_point steady_now() const override {
    return std::chrono::steady_clock::time_point(std::chrono::microseconds(micros_.load()));
  }
  void advance(std::chrono::microseconds step) { micros_ += step.count(); }

 private:
  std::atomic<std::int64_t> micros_;
};

// So many milliseconds since 1970; the nearest time that there is where they go beyond all.
Timestamp from_millis(std::int64_t millis);

// "2026-01-09 10:31:00.000001 UTC" and back again with or without fraction, 'T', 'Z'.
std::string to_text(Timestamp time);
// RFC 3339: "2026-01-09T10:31:00.000001Z".
std::string to_rfc3339(Timestamp time);
// "20260109103100": the form of a batch id.
std::string to_compact(Timestamp time);
// "2026-01-09".
std::string to_text(Date date);
// Reads RFC 3339 or "YYYY-MM-DD[ T]hh:mm:ss[.f][Z]" (UTC) or "YYYY-MM-DD".
// Errors: kInvalidInput, naming the text.
Result<Timestamp> parse_timestamp(std::string_view text);
// Reads "YYYY-MM-DD". Errors: kInvalidInput, naming the text.
Result<Date> parse_date(std::string_view text);

}  // namespace claimlake
