#include "base/clock.h"

#include <gtest/gtest.h>

#include <limits>

namespace claimlake {
namespace {

using namespace std::chrono_literals;

// 1767954660 is `date -u -d '2026-01-09 10:31:00' +%s`.
const Timestamp kSample{1767954660s + 1us};

TEST(Timestamp, is_written_in_utc_with_microseconds) {
  EXPECT_EQ(to_text(kSample), "2026-01-09 10:31:00.000001 UTC");
  EXPECT_EQ(to_rfc3339(kSample), "2026-01-09T10:31:00.000001Z");
  EXPECT_EQ(to_compact(kSample), "20260109103100");
}

TEST(Timestamp, reads_back_what_it_writes) {
  EXPECT_EQ(*parse_timestamp(to_text(kSample)), kSample);
  EXPECT_EQ(*parse_timestamp(to_rfc3339(kSample)), kSample);
  EXPECT_EQ(*parse_timestamp("2026-01-09 10:31:00"), kSample - 1us);
  EXPECT_EQ(*parse_timestamp("2026-01-09T10:31:00.5Z"), kSample - 1us + 500ms);
  EXPECT_EQ(*parse_timestamp("1969-12-31 23:59:59"), Timestamp{-1s});
}

TEST(Timestamp, refuses_what_is_no_time) {
  for (const char* text : {"", "yesterday", "2026-02-30", "2026-01-09 25:00:00", "2026-01-09 10:31",
                           "2026-01-09 10:31:00.", "2026-01-09 10:31:00.1234567", "2026-1-9"}) {
    EXPECT_FALSE(parse_timestamp(text)) << text;
  }
}

TEST(Timestamp, quotes_only_the_start_of_what_is_no_time) {
  const std::string long_text = "no time " + std::string(1000, 'x');
  EXPECT_EQ(parse_timestamp(long_text).error().message,
            "Not a time: '" + long_text.substr(0, 40) + "'");
  EXPECT_LT(parse_date(long_text).error().message.size(), 80u);
}

TEST(Timestamp, of_milliseconds_is_the_nearest_there_is) {
  EXPECT_EQ(to_rfc3339(from_millis(-1)), "1969-12-31T23:59:59.999000Z");
  EXPECT_LT(Timestamp::max() - from_millis(std::numeric_limits<std::int64_t>::max()), 1ms);
  EXPECT_LT(from_millis(std::numeric_limits<std::int64_t>::min()) - Timestamp::min(), 2ms);
}

TEST(Date, knows_leap_years) {
  EXPECT_TRUE(parse_date("2024-02-29"));
  EXPECT_FALSE(parse_date("2026-02-29"));
  EXPECT_EQ(to_text(*parse_date("2024-02-29")), "2024-02-29");
}

TEST(SimClock, moves_only_when_told) {
  SimClock clock(kSample);
  EXPECT_EQ(clock.now(), kSample);
  clock.advance(5s);
  EXPECT_EQ(clock.now(), kSample + 5s);
}

}  // namespace
}  // namespace claimlake
