#include "base/clock.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace claimlake {
namespace {

// Reads `count` digits of `text` from `from`. Returns -1 if there are fewer.
int digits(std::string_view text, std::size_t from, std::size_t count) {
  if (from + count > text.size()) return -1;
  int value = 0;
  for (std::size_t i = from; i < from + count; ++i) {
    if (text[i] < '0' || text[i] > '9') return -1;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

struct Parts {
  std::chrono::year_month_day day;
  std::chrono::hh_mm_ss<std::chrono::microseconds> time;
};

Parts parts_of(Timestamp time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  return {std::chrono::year_month_day(day), std::chrono::hh_mm_ss(time - day)};
}

std::string format(Timestamp time, char separator, std::string_view zone) {
  const auto [day, clock] = parts_of(time);
  return fmt::format("{:04}-{:02}-{:02}{}{:02}:{:02}:{:02}.{:06}{}", static_cast<int>(day.year()),
                     static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()),
                     separator, clock.hours().count(), clock.minutes().count(),
                     clock.seconds().count(), clock.subseconds().count(), zone);
}

Error not_a_time(std::string_view text) {
  return {Fault::kInvalidInput, fmt::format("Not a time: '{}'", excerpt(text)), "",
          "write it as 2026-01-31 or 2026-01-31T10:00:00Z"};
}

}  // namespace

Timestamp SystemClock::now() const {
  return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
}

std::chrono::steady_clock::time_point SystemClock::steady_now() const {
  return std::chrono::steady_clock::now();
}

Timestamp from_millis(std::int64_t millis) {
  constexpr std::int64_t kMost =
      std::chrono::floor<std::chrono::milliseconds>(Timestamp::max()).time_since_epoch().count();
  return Timestamp(std::chrono::milliseconds(std::clamp(millis, -kMost, kMost)));
}

std::string to_text(Timestamp time) { return format(time, ' ', " UTC"); }
std::string to_rfc3339(Timestamp time) { return format(time, 'T', "Z"); }

std::string to_compact(Timestamp time) {
  const auto [day, clock] = parts_of(time);
  return fmt::format("{:04}{:02}{:02}{:02}{:02}{:02}", static_cast<int>(day.year()),
                     static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

std::string to_text(Date date) {
  const std::chrono::year_month_day day(date);
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(day.year()),
                     static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()));
}

Result<Date> parse_date(std::string_view text) {
  const int year = digits(text, 0, 4);
  const int month = digits(text, 5, 2);
  const int day = digits(text, 8, 2);
  if (text.size() != 10 || text[4] != '-' || text[7] != '-' || year < 0 || month < 1 || day < 1) {
    return Error{Fault::kInvalidInput, fmt::format("Not a date: '{}'", excerpt(text)), "",
                 "write it as 2026-01-31"};
  }
  const auto date = std::chrono::year(year) / month / day;
  if (!date.ok()) {
    return Error{Fault::kInvalidInput, fmt::format("No such day: '{}'", text), "",
                 "write it as 2026-01-31"};
  }
  return Date(date);
}

Result<Timestamp> parse_timestamp(std::string_view text) {
  auto date = parse_date(text.substr(0, 10));
  if (!date) return not_a_time(text);
  std::string_view rest = text.substr(std::min<std::size_t>(10, text.size()));
  if (rest.empty()) return Timestamp(*date);
  if (rest.ends_with(" UTC")) rest.remove_suffix(4);
  if (rest.ends_with('Z')) rest.remove_suffix(1);
  const int hour = digits(rest, 1, 2);
  const int minute = digits(rest, 4, 2);
  const int second = digits(rest, 7, 2);
  if (rest.size() < 9 || (rest[0] != ' ' && rest[0] != 'T') || rest[3] != ':' || rest[6] != ':' ||
      hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) {
    return not_a_time(text);
  }
  std::int64_t micros = 0;
  if (rest.size() > 9) {
    const std::size_t count = rest.size() - 10;
    const int fraction = count >= 1 && count <= 6 && rest[9] == '.' ? digits(rest, 10, count) : -1;
    if (fraction < 0) return not_a_time(text);
    micros = fraction;
    for (std::size_t i = count; i < 6; ++i) micros *= 10;
  }
  return Timestamp(*date) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
         std::chrono::seconds(second) + std::chrono::microseconds(micros);
}

}  // namespace claimlake
