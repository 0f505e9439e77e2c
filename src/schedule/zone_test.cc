#include <gmock/gmock.h>

#include "schedule/cron.h"
#include "store/memory_store.h"

namespace claimlake::schedule {
namespace {

using namespace std::chrono_literals;

Timestamp at(std::string_view text) { return *parse_timestamp(text); }

class EngineZoneTest : public testing::Test {
 protected:
  EngineZoneTest() : engine_(*engine::open_engine({.threads = 1}, store_, clock_)) {}

  SystemClock clock_;
  store::MemoryStore store_;
  std::unique_ptr<engine::Engine> engine_;
  EngineZone zone_{*engine_, "America/New_York"};
};

TEST_F(EngineZoneTest, a_day_is_that_of_the_zone_and_not_of_utc) {
  const auto day = day_of(zone_, at("2026-01-10 03:00:00"));

  ASSERT_TRUE(day) << day.error().text();
  EXPECT_EQ(to_text(day->date), "2026-01-09");
  EXPECT_EQ(day->begins_at, at("2026-01-09 05:00:00"));
  EXPECT_EQ(day->ends_at, at("2026-01-10 05:00:00"));
  EXPECT_TRUE(day->holds(at("2026-01-10 04:59:59.999999")));
  EXPECT_FALSE(day->holds(at("2026-01-10 05:00:00")));
}

TEST_F(EngineZoneTest, days_on_which_the_clocks_change_are_23_and_25_hours_long) {
  const auto spring = day_of(zone_, at("2026-03-08 12:00:00"));
  const auto autumn = day_of(zone_, at("2026-11-01 12:00:00"));

  EXPECT_EQ(spring->ends_at - spring->begins_at, 23h);
  EXPECT_EQ(autumn->ends_at - autumn->begins_at, 25h);
}

TEST_F(EngineZoneTest, a_cron_time_follows_the_clocks_of_the_zone) {
  const Cron daily = *Cron::parse("0 6 * * *");

  EXPECT_EQ(*next_time(daily, zone_, at("2026-03-07 12:00:00")), at("2026-03-08 10:00:00"));
  EXPECT_EQ(*next_time(daily, zone_, at("2026-03-06 12:00:00")), at("2026-03-07 11:00:00"));
}

TEST_F(EngineZoneTest, a_zone_that_does_not_exist_is_an_error) {
  EngineZone nowhere(*engine_, "America/Nowhere");

  EXPECT_FALSE(day_of(nowhere, at("2026-01-10 03:00:00")));
}

}  // namespace
}  // namespace claimlake::schedule
