#include "schedule/mode.h"

#include <gmock/gmock.h>

#include "schedule/zone_for_test.h"
#include "store/memory_store.h"

namespace claimlake::schedule {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

TEST(Mode, is_continuous_until_somebody_says_otherwise) {
  store::MemoryStore store;

  const auto schedule = read_schedule(store);

  ASSERT_TRUE(schedule);
  EXPECT_EQ(schedule->mode, Mode::kContinuous);
  EXPECT_EQ(schedule->text(), "continuous");
}

TEST(Mode, is_read_as_it_was_written) {
  store::MemoryStore store;
  Schedule every;
  every.mode = Mode::kScheduled;
  every.every = 90s;
  every.changed_by = "dana";
  every.changed_at = *parse_timestamp("2026-01-09 10:31:00");
  ASSERT_TRUE(write_schedule(store, every));

  const auto read = read_schedule(store);
  ASSERT_TRUE(read) << read.error().text();
  EXPECT_EQ(read->text(), "scheduled every 90s");
  EXPECT_EQ(read->changed_by, "dana");
  EXPECT_EQ(read->changed_at, every.changed_at);

  Schedule cron;
  cron.mode = Mode::kScheduled;
  cron.cron = *Cron::parse("0  6 * * 1-5");
  ASSERT_TRUE(write_schedule(store, cron));
  EXPECT_EQ(read_schedule(store)->text(), "scheduled at 0 6 * * 1-5");
}

TEST(Mode, a_file_that_nobody_can_read_is_not_taken_for_continuous) {
  for (const char* damaged : {"", "[]", R"({"mode":"sometimes"})", R"({"mode":"scheduled"})",
                              R"({"mode":"scheduled","every":"0s"})",
                              R"({"mode":"scheduled","cron":"never"})", R"({"mode":7})"}) {
    store::MemoryStore store;
    ASSERT_TRUE(store.put(kSchedulePath, damaged));

    const auto read = read_schedule(store);

    ASSERT_FALSE(read) << damaged;
    EXPECT_EQ(read.error().fault, Fault::kCorrupt) << damaged;
    EXPECT_THAT(read.error().text(), HasSubstr("claimlake pipeline mode"));
  }
}

TEST(Mode, times_between_runs_are_read_in_four_units) {
  EXPECT_EQ(*parse_every("30s"), 30s);
  EXPECT_EQ(*parse_every("5m"), 5min);
  EXPECT_EQ(*parse_every("2h"), 2h);
  EXPECT_EQ(*parse_every("7d"), 168h);
  for (const char* wrong : {"", "5", "m", "0m", "-5m", "8d", "1w", "1.5h", "99999999999999999d"}) {
    EXPECT_FALSE(parse_every(wrong)) << wrong;
  }
  EXPECT_EQ(every_text(90s), "90s");
  EXPECT_EQ(every_text(120min), "2h");
}

TEST(Mode, an_interval_falls_on_its_multiples_so_that_a_restart_changes_nothing) {
  ZoneWithSummer zone;
  Schedule schedule;
  schedule.mode = Mode::kScheduled;
  schedule.every = 5min;
  const auto next = [&](const char* from) {
    return to_text(*next_time(schedule, zone, *parse_timestamp(from))).substr(0, 19);
  };

  EXPECT_EQ(next("2026-01-09 10:31:00"), "2026-01-09 10:35:00");
  EXPECT_EQ(next("2026-01-09 10:34:59.999999"), "2026-01-09 10:35:00");
  EXPECT_EQ(next("2026-01-09 10:35:00"), "2026-01-09 10:40:00");
}

TEST(MakeSchedule, takes_a_time_as_the_mode_scheduled_and_no_time_with_another) {
  EXPECT_EQ(make_schedule("", "5m", "")->text(), "scheduled every 5m");
  EXPECT_EQ(make_schedule("scheduled", "", "0 6 * * 1-5")->text(), "scheduled at 0 6 * * 1-5");
  EXPECT_EQ(make_schedule("manual", "", "")->text(), "manual");
  EXPECT_FALSE(make_schedule("", "", ""));
  EXPECT_FALSE(make_schedule("scheduled", "", ""));
  EXPECT_FALSE(make_schedule("manual", "5m", ""));
  EXPECT_FALSE(make_schedule("scheduled", "5m", "0 6 * * 1-5"));
}

}  // namespace
}  // namespace claimlake::schedule
