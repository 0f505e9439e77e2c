#pragma once

#include <bitset>
#include <string>
#include <string_view>

#include "base/result.h"
#include "schedule/zone.h"

namespace claimlake::schedule {

// Points in time by the fields of a clock on the wall: minute, hour, day of the month, month, day
// of the week (0 and 7 are Sunday). A field is '*', a number, a range 1-5, a list 1,3 or any of
// these with a step: */15, 8-18/2. Where both days are given, either is enough, as cron has it.
class Cron {
 public:
  // Errors: kInvalidInput, naming the field.
  static Result<Cron> parse(std::string_view text);

  const std::string& text() const { return text_; }
  // The first point after `time`.
  LocalTime after(LocalTime time) const;

 private:
  bool has_day(std::chrono::local_days day) const;

  std::string text_;
  std::bitset<60> minutes_;
  std::bitset<24> hours_;
  std::bitset<32> days_;
  std::bitset<13> months_;
  std::bitset<7> weekdays_;
  bool any_day_ = false;
  bool any_weekday_ = false;
};

// The first time after `time` at which the clocks of `zone` show such a point.
Result<Timestamp> next_time(const Cron& cron, Zone& zone, Timestamp time);

}  // namespace claimlake::schedule
