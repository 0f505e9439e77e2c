#include "schedule/cron.h"

#include <gmock/gmock.h>

#include "schedule/zone_for_test.h"

namespace claimlake::schedule {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

Timestamp at(std::string_view text) { return *parse_timestamp(text); }

// The next three points after `from`, by the wall.
std::vector<std::string> three_after(std::string_view cron, std::string_view from) {
  const auto parsed = Cron::parse(cron);
  EXPECT_TRUE(parsed) << parsed.error().text();
  std::vector<std::string> points;
  LocalTime time(at(from).time_since_epoch());
  for (int i = 0; i < 3; ++i) {
    time = parsed->after(time);
    points.push_back(to_text(Timestamp(time.time_since_epoch())).substr(0, 16));
  }
  return points;
}

using Points = std::vector<std::string>;

TEST(Cron, gives_the_points_that_its_fields_name) {
  EXPECT_EQ(three_after("*/20 * * * *", "2026-01-09 10:31:05"),
            (Points{"2026-01-09 10:40", "2026-01-09 11:00", "2026-01-09 11:20"}));
  EXPECT_EQ(three_after("30 6,18 * * *", "2026-01-09 06:30:00"),
            (Points{"2026-01-09 18:30", "2026-01-10 06:30", "2026-01-10 18:30"}));
  // January 9th 2026 is a Friday.
  EXPECT_EQ(three_after("0 6 * * 1-5", "2026-01-09 06:00:00"),
            (Points{"2026-01-12 06:00", "2026-01-13 06:00", "2026-01-14 06:00"}));
  EXPECT_EQ(three_after("0 0 29 2 *", "2026-01-09 00:00:00"),
            (Points{"2028-02-29 00:00", "2032-02-29 00:00", "2036-02-29 00:00"}));
  EXPECT_EQ(three_after("15 8-12/2 31 * *", "2026-01-31 09:00:00"),
            (Points{"2026-01-31 10:15", "2026-01-31 12:15", "2026-03-31 08:15"}));
}

TEST(Cron, takes_either_day_where_both_are_given) {
  EXPECT_EQ(three_after("0 0 13 * 5", "2026-01-09 00:00:00"),
            (Points{"2026-01-13 00:00", "2026-01-16 00:00", "2026-01-23 00:00"}));
  EXPECT_EQ(three_after("0 0 * * 7", "2026-01-09 00:00:00"),
            (Points{"2026-01-11 00:00", "2026-01-18 00:00", "2026-01-25 00:00"}));
}

TEST(Cron, refuses_what_is_no_time_and_says_which_field) {
  const auto refused = [](const char* text) { return Cron::parse(text).error().text(); };

  EXPECT_THAT(refused("60 * * * *"), HasSubstr("The minute of a cron time is 0..59"));
  EXPECT_THAT(refused("0 24 * * *"), HasSubstr("The hour of a cron time is 0..23"));
  EXPECT_THAT(refused("0 0 0 * *"), HasSubstr("day of the month"));
  EXPECT_THAT(refused("0 0 * 5-3 *"), HasSubstr("month"));
  EXPECT_THAT(refused("*/0 * * * *"), HasSubstr("'*/0'"));
  EXPECT_THAT(refused("0 6 * *"), HasSubstr("five fields"));
  EXPECT_THAT(refused("0 0 30 2 *"), HasSubstr("No day is ever that day"));
}

TEST(Cron, follows_the_clocks_of_its_zone_over_the_change_of_the_hour) {
  ZoneWithSummer zone;  // one hour ahead of UTC, two from 2026-03-29 01:00 UTC to 2026-10-25 01:00
  const Cron daily = *Cron::parse("30 2 * * *");

  EXPECT_EQ(*next_time(daily, zone, at("2026-03-28 00:00:00")), at("2026-03-28 01:30:00"));
  // 02:30 is left out that night.
  EXPECT_EQ(*next_time(daily, zone, at("2026-03-28 12:00:00")), at("2026-03-29 01:00:00"));
  EXPECT_EQ(*next_time(daily, zone, at("2026-03-29 12:00:00")), at("2026-03-30 00:30:00"));
  // 02:30 is shown twice that night, and comes once.
  EXPECT_EQ(*next_time(daily, zone, at("2026-10-24 12:00:00")), at("2026-10-25 00:30:00"));
  EXPECT_EQ(*next_time(daily, zone, at("2026-10-25 00:30:00")), at("2026-10-26 01:30:00"));
}

}  // namespace
}  // namespace claimlake::schedule
