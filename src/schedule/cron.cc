#include "schedule/cron.h"

#include <fmt/format.h>

#include <array>
#include <optional>
#include <vector>

#include "base/text.h"

namespace claimlake::schedule {
namespace {

struct Field {
  const char* name;
  int min;
  int max;
};
constexpr std::array<Field, 5> kFields{{{"minute", 0, 59},
                                        {"hour", 0, 23},
                                        {"day of the month", 1, 31},
                                        {"month", 1, 12},
                                        {"day of the week", 0, 7}}};
// February 29th comes after eight years at the latest.
constexpr int kDaysMax = 9 * 366;

std::optional<int> number_in(std::string_view text, const Field& field) {
  const auto number = whole_number(text);
  if (!number || *number < field.min || *number > field.max) return std::nullopt;
  return static_cast<int>(*number);
}

// The numbers that one part of a list stands for: "5", "1-5", "*/15".
std::optional<std::vector<int>> numbers_of(std::string_view part, const Field& field) {
  int step = 1;
  if (const auto slash = part.find('/'); slash != std::string_view::npos) {
    const auto given = whole_number(part.substr(slash + 1));
    if (!given || *given < 1 || *given > field.max) return std::nullopt;
    step = static_cast<int>(*given);
    part = part.substr(0, slash);
  }
  int first = field.min, last = field.max;
  if (part != "*") {
    const auto dash = part.find('-');
    const auto from = number_in(part.substr(0, dash), field);
    const auto to = dash == std::string_view::npos ? from : number_in(part.substr(dash + 1), field);
    if (!from || !to || *from > *to) return std::nullopt;
    first = *from;
    last = *to;
  }
  std::vector<int> numbers;
  for (int number = first; number <= last; number += step) numbers.push_back(number);
  return numbers;
}

Result<std::vector<int>> parse_field(std::string_view text, const Field& field) {
  std::vector<int> all;
  for (const std::string& part : split(text, ',')) {
    const auto numbers = numbers_of(part, field);
    if (!numbers) {
      return Error{
          Fault::kInvalidInput,
          fmt::format("The {} of a cron time is {}..{}, a range, a list or */step, not '{}'",
                      field.name, field.min, field.max, excerpt(part)),
          "", "for example \"0 6 * * 1-5\": at six, Monday to Friday"};
    }
    all.insert(all.end(), numbers->begin(), numbers->end());
  }
  return all;
}

}  // namespace

Result<Cron> Cron::parse(std::string_view text) {
  std::vector<std::string> fields;
  for (std::string& field : split(text, ' ')) {
    if (!field.empty()) fields.push_back(std::move(field));
  }
  if (fields.size() != kFields.size()) {
    return Error{Fault::kInvalidInput,
                 fmt::format("A cron time has five fields (minute, hour, day of the month, month, "
                             "day of the week), not {}",
                             fields.size()),
                 "", "for example \"0 6 * * 1-5\": at six, Monday to Friday"};
  }
  std::array<std::vector<int>, 5> numbers;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    TRY(numbers[i], parse_field(fields[i], kFields[i]));
  }
  Cron cron;
  for (const std::string& field : fields) cron.text_ += (cron.text_.empty() ? "" : " ") + field;
  for (const int n : numbers[0]) cron.minutes_.set(static_cast<std::size_t>(n));
  for (const int n : numbers[1]) cron.hours_.set(static_cast<std::size_t>(n));
  for (const int n : numbers[2]) cron.days_.set(static_cast<std::size_t>(n));
  for (const int n : numbers[3]) cron.months_.set(static_cast<std::size_t>(n));
  for (const int n : numbers[4]) cron.weekdays_.set(static_cast<std::size_t>(n % 7));
  cron.any_day_ = fields[2].starts_with('*');
  cron.any_weekday_ = fields[4].starts_with('*');
  const LocalTime any{};
  if (cron.after(any) == any) {
    return Error{Fault::kInvalidInput, "No day is ever that day of that month", cron.text_,
                 "mend the day of the month or the month"};
  }
  return cron;
}

bool Cron::has_day(std::chrono::local_days day) const {
  const std::chrono::year_month_day date(day);
  if (!months_[static_cast<unsigned>(date.month())]) return false;
  const bool by_day = days_[static_cast<unsigned>(date.day())];
  const bool by_weekday = weekdays_[std::chrono::weekday(day).c_encoding()];
  return any_day_ || any_weekday_ ? by_day && by_weekday : by_day || by_weekday;
}

LocalTime Cron::after(LocalTime time) const {
  const auto first_day = std::chrono::floor<std::chrono::days>(time);
  const auto next = std::chrono::floor<std::chrono::minutes>(time) + std::chrono::minutes(1);
  for (int days = 0; days < kDaysMax; ++days) {
    const auto day = first_day + std::chrono::days(days);
    if (!has_day(day)) continue;
    const auto from = days == 0 ? (next - day).count() : 0;
    for (auto minute = from; minute < 24 * 60; ++minute) {
      if (hours_[static_cast<std::size_t>(minute / 60)] &&
          minutes_[static_cast<std::size_t>(minute % 60)]) {
        return LocalTime(day.time_since_epoch() + std::chrono::minutes(minute));
      }
    }
  }
  return time;
}

Result<Timestamp> next_time(const Cron& cron, Zone& zone, Timestamp time) {
  TRY(LocalTime local, zone.to_local(time));
  for (;;) {
    local = cron.after(local);
    TRY(const Timestamp next, zone.to_utc(local));
    // In the hour that clocks show twice, the first time may have passed.
    if (next > time) return next;
  }
}

}  // namespace claimlake::schedule
