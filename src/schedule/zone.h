#pragma once

#include <chrono>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "engine/engine.h"

namespace claimlake::schedule {

// What a clock on the wall shows, without a zone.
using LocalTime = std::chrono::local_time<std::chrono::microseconds>;

// A time zone. One thread at a time.
class Zone {
 public:
  virtual ~Zone() = default;
  virtual Result<LocalTime> to_local(Timestamp time) = 0;
  // The first time at which the zone's clocks show `time`; where they leave it out, the time at
  // which they jump over it.
  virtual Result<Timestamp> to_utc(LocalTime time) = 0;
};

// One day in a zone, from midnight to midnight; 23 to 25 hours long.
struct Day {
  Date date{};
  Timestamp begins_at{};
  Timestamp ends_at{};
  bool holds(Timestamp time) const { return time >= begins_at && time < ends_at; }
};

Result<Day> day_of(Zone& zone, Timestamp time);

// A zone of the IANA list, as the SQL engine knows it: the C++ library of Debian 12 has none.
class EngineZone final : public Zone {
 public:
  EngineZone(engine::Engine& engine, std::string name)  // `engine` outlives this
      : engine_(engine), name_(std::move(name)) {}
  Result<LocalTime> to_local(Timestamp time) override;
  Result<Timestamp> to_utc(LocalTime time) override;

 private:
  Result<std::int64_t> ask(const char* sql, const std::string& time);

  engine::Engine& engine_;
  const std::string name_;
};

}  // namespace claimlake::schedule
