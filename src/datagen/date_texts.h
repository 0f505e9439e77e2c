#pragma once

#include <string_view>
#include <vector>

#include "base/clock.h"

namespace claimlake::datagen {

// Days since 1970-01-01. The book counts in days; only the rows know a calendar.
using Day = int;

constexpr Day day_of(Date date) { return static_cast<Day>(date.time_since_epoch().count()); }
constexpr Date date_of(Day day) { return Date(std::chrono::days(day)); }

// "2025-12-22" for every day that a book can mention, made once and then copied. Immutable.
class DateTexts {
 public:
  explicit DateTexts(Day as_of);
  std::string_view text(Day day) const;
  int year(Day day) const;
  int month(Day day) const;  // 1..12

 private:
  Day first_;
  std::vector<char> texts_;  // 10 letters per day
};

}  // namespace claimlake::datagen
