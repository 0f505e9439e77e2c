#include "delta/stats.h"

#include <gmock/gmock.h>

#include <limits>

#include "delta/stats_reader.h"

namespace claimlake::delta {
namespace {

constexpr const char* kLast = "\xF4\x8F\xBF\xBF";         // U+10FFFF
constexpr const char* kSmile = "\xF0\x9F\x98\x80";        // U+1F600: two UTF-16 units
constexpr std::int64_t kNewYear = 1'767'225'600'000'000;  // 2026-01-01T00:00:00Z, from date(1)

std::string repeated(std::string_view text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

TEST(StatsText, pitfall_2_a_short_value_is_its_own_bound) {
  EXPECT_EQ(lower_text("Bella"), "Bella");
  EXPECT_EQ(upper_text("Bella"), "Bella");
  EXPECT_EQ(upper_text(std::string(32, 'x')), std::string(32, 'x'));
}

TEST(StatsText, pitfall_2_an_ascii_value_is_cut_and_closed_with_7f) {
  const std::string value = std::string(32, 'a') + "b";

  EXPECT_EQ(lower_text(value), std::string(32, 'a'));
  EXPECT_EQ(upper_text(value), std::string(32, 'a') + "\x7f");
}

TEST(StatsText, pitfall_2_7f_is_not_enough_before_a_character_that_sorts_after_it) {
  const std::string accent = std::string(32, 'a') + "\xC3\xA9";  // e with acute
  const std::string del = std::string(32, 'a') + "\x7f\x7f";

  EXPECT_EQ(upper_text(accent), std::string(32, 'a') + kLast);
  EXPECT_EQ(upper_text(del), std::string(32, 'a') + kLast);
}

TEST(StatsText, pitfall_2_a_surrogate_pair_is_not_parted) {
  const std::string value = std::string(31, 'a') + kSmile + "b";

  EXPECT_EQ(lower_text(value), std::string(31, 'a'));
  EXPECT_EQ(upper_text(value), std::string(31, 'a') + kLast);
  EXPECT_EQ(lower_text(repeated(kSmile, 20)), repeated(kSmile, 16));
}

TEST(StatsText, pitfall_2_where_nothing_sorts_after_the_cut_the_bound_grows_or_is_dropped) {
  const std::string one = std::string(32, 'a') + kLast + "b";
  EXPECT_EQ(upper_text(one), std::string(32, 'a') + kLast + "\x7f");

  EXPECT_EQ(upper_text(std::string(32, 'a') + repeated(kLast, 40)), std::nullopt);
}

TEST(StatsTime, pitfall_1_the_upper_bound_is_widened_by_what_was_cut_and_does_not_overflow) {
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(widened_upper_time(kNewYear + 123'000), kNewYear + 123'999);
  EXPECT_EQ(widened_upper_time(kMost - 5), kMost);
}

TEST(StatsReader, pitfall_9_columns_without_statistics_say_nothing) {
  StatsReader reader("col33");

  const auto entry = reader.read(R"({"numRecords":5,"minValues":{"col1":1}})");

  EXPECT_EQ(entry.min, std::nullopt);
  EXPECT_EQ(entry.null_count, std::nullopt);
}

TEST(StatsReader, damaged_statistics_say_nothing) {
  StatsReader reader("a");
  for (const char* text :
       {"", "{", "[]", "null", R"({"minValues":[1]})", R"({"nullCount":{"a":"x"}})"}) {
    EXPECT_EQ(reader.read(text).min, std::nullopt) << text;
    EXPECT_EQ(reader.read(text).null_count, std::nullopt) << text;
  }
}

}  // namespace
}  // namespace claimlake::delta
