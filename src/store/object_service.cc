#include "store/object_service.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace claimlake::store {
namespace {

constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
constexpr std::string_view kDays = "SunMonTueWedThuFriSat";

std::optional<int> number_at(std::string_view text, std::size_t at, std::size_t size) {
  int value = 0;
  const char* const first = text.data() + at;
  const auto [end, error] = std::from_chars(first, first + size, value);
  if (error != std::errc() || end != first + size || value < 0) return std::nullopt;
  return value;
}

}  // namespace

std::string to_http_date(Timestamp time) {
  const auto days = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(days);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(time - days));
  const unsigned weekday = std::chrono::weekday(days).c_encoding();
  const unsigned month = static_cast<unsigned>(date.month());
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kDays.substr(weekday * 3, 3),
                     static_cast<unsigned>(date.day()), kMonths.substr((month - 1) * 3, 3),
                     static_cast<int>(date.year()), clock.hours().count(), clock.minutes().count(),
                     clock.seconds().count());
}

Result<Timestamp> parse_http_date(std::string_view text) {
  const Error bad{Fault::kCorrupt, fmt::format("not a time of HTTP: '{}'", excerpt(text))};
  if (text.size() != 29 || text.substr(25) != " GMT") return bad;
  const auto day = number_at(text, 5, 2);
  const std::size_t month = kMonths.find(text.substr(8, 3));
  const auto year = number_at(text, 12, 4);
  const auto hour = number_at(text, 17, 2);
  const auto minute = number_at(text, 20, 2);
  const auto second = number_at(text, 23, 2);
  if (!day || month == std::string_view::npos || month % 3 != 0 || !year || !hour || !minute ||
      !second || *hour > 23 || *minute > 59 || *second > 60) {
    return bad;
  }
  const std::chrono::year_month_day date(std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(month / 3 + 1)),
                                         std::chrono::day(static_cast<unsigned>(*day)));
  if (!date.ok()) return bad;
  return Timestamp(std::chrono::sys_days(date) + std::chrono::hours(*hour) +
                   std::chrono::minutes(*minute) + std::chrono::seconds(*second));
}

std::string encode_key(std::string_view key) {
  std::string out;
  for (;;) {
    const std::size_t slash = key.find('/');
    out += net::percent_encode(key.substr(0, slash));
    if (slash == std::string_view::npos) return out;
    out += '/';
    key.remove_prefix(slash + 1);
  }
}

std::string encode_query(std::vector<std::pair<std::string, std::string>> query) {
  for (auto& [name, value] : query) {
    name = net::percent_encode(name);
    value = net::percent_encode(value);
  }
  std::sort(query.begin(), query.end());
  std::string out;
  for (const auto& [name, value] : query) {
    if (!out.empty()) out += '&';
    out += name + "=" + value;
  }
  return out;
}

}  // namespace claimlake::store
