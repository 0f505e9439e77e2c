#pragma once

#include "schedule/zone.h"

namespace claimlake::schedule {

// One hour ahead of UTC, and two in the summer of 2026, by the rules of the European Union.
class ZoneWithSummer final : public Zone {
 public:
  Result<LocalTime> to_local(Timestamp time) override {
    return LocalTime(time.time_since_epoch() + ahead(time));
  }
  Result<Timestamp> to_utc(LocalTime time) override {
    const Timestamp summer(time.time_since_epoch() - std::chrono::hours(2));
    const Timestamp winter(time.time_since_epoch() - std::chrono::hours(1));
    if (ahead(summer) == std::chrono::hours(2)) return summer;
    // Left out: the clocks jump over it.
    if (ahead(winter) == std::chrono::hours(2)) return begin();
    return winter;
  }

 private:
  static Timestamp begin() { return *parse_timestamp("2026-03-29 01:00:00"); }
  static std::chrono::hours ahead(Timestamp time) {
    const bool summer = time >= begin() && time < *parse_timestamp("2026-10-25 01:00:00");
    return std::chrono::hours(summer ? 2 : 1);
  }
};

}  // namespace claimlake::schedule
