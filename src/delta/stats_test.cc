#include "delta/stats.h"

#include <gmock/gmock.h>

#include <limits>

#include "delta/log_json.h"
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

TEST(StatsText, pitfall_7_bounds_of_a_file_with_deleted_rows_are_said_to_be_wide) {
  EXPECT_EQ(with_wide_bounds(""), "");
  EXPECT_EQ(with_wide_bounds(R"({"numRecords":3})"), R"({"numRecords":3,"tightBounds":false})");
  EXPECT_EQ(with_wide_bounds("{}"), R"({"tightBounds":false})");
  EXPECT_EQ(with_wide_bounds(R"({"tightBounds": true, "numRecords":3})"),
            R"({"tightBounds": false, "numRecords":3})");
  EXPECT_EQ(with_wide_bounds(R"({"numRecords":3,"tightBounds":false})"),
            R"({"numRecords":3,"tightBounds":false})");
  // A column of that name, and a value that looks like it, are not meant.
  EXPECT_EQ(with_wide_bounds(R"({"minValues":{"tightBounds":true,"a":"\"}\""}})"),
            R"({"minValues":{"tightBounds":true,"a":"\"}\""},"tightBounds":false})");
}

TEST(StatsReader, pitfall_9_columns_without_statistics_say_nothing) {
  StatsReader reader("col33");

  const auto entry = reader.read(R"({"numRecords":5,"minValues":{"col1":1}})");

  EXPECT_EQ(entry.min, std::nullopt);
  EXPECT_EQ(entry.null_count, std::nullopt);
}

TEST(StatsReader, a_bound_with_more_digits_than_a_double_has_is_still_a_bound) {
  const auto entry = StatsReader("a").read(
      R"({"minValues":{"a":1234567890123456.78},"maxValues":{"a":1234567890123456.78}})");

  EXPECT_LE(std::stold(*entry.min), 1234567890123456.78L);
  EXPECT_GE(std::stold(*entry.max), 1234567890123456.78L);
}

TEST(StatsReader, whole_numbers_are_exact) {
  const auto entry = StatsReader("a").read(
      R"({"minValues":{"a":-9223372036854775808},"maxValues":{"a":9223372036854775807}})");

  EXPECT_EQ(entry.min, "-9223372036854775808");
  EXPECT_EQ(entry.max, "9223372036854775807");
}

TEST(StatsReader, finds_fields_of_structs_and_names_with_dots_and_escapes) {
  const char* text = R"({"maxValues":{"s":{"b":"in \"s\"","c":{"d":3}},"x.y":1,"x":{"y":2},)"
                     R"("\u00e9":true,"n":null,"l":[1]},"minValues":{"l":{"e":1}}})";

  EXPECT_EQ(StatsReader("s.b").read(text).max, "in \"s\"");
  EXPECT_EQ(StatsReader("s.c.d").read(text).max, "3");
  EXPECT_EQ(StatsReader("x.y").read(text).max, "1");
  EXPECT_EQ(StatsReader("\xc3\xa9").read(text).max, "true");
  for (const char* none : {"s", "n", "l", "s.e", "x.y.z"}) {
    EXPECT_EQ(StatsReader(none).read(text).max, std::nullopt) << none;
    EXPECT_EQ(StatsReader(none).read(text).min, std::nullopt) << none;
  }
}

TEST(StatsReader, damaged_statistics_say_nothing) {
  StatsReader reader("a");
  for (const char* text :
       {"", "{", "[]", "null", R"({"minValues":[1]})", R"({"nullCount":{"a":"x"}})"}) {
    EXPECT_EQ(reader.read(text).min, std::nullopt) << text;
    EXPECT_EQ(reader.read(text).null_count, std::nullopt) << text;
  }
}

TEST(NumRecords, is_read_wherever_it_stands) {
  EXPECT_EQ(num_records(R"({"numRecords":12,"minValues":{}})"), 12);
  EXPECT_EQ(num_records(R"({"numRecords": 12, "minValues": {}})"), 12);
  EXPECT_EQ(num_records(R"({"numRecords":12})"), 12);
  EXPECT_EQ(num_records(R"({"minValues":{"numRecords":3},"numRecords" : 12})"), 12);
  EXPECT_EQ(num_records(R"({"numRecords":1e1})"), std::nullopt);
  EXPECT_EQ(num_records(R"({"minValues":{"numRecords":3}})"), std::nullopt);
  EXPECT_EQ(num_records(R"({"numRecords": )"), std::nullopt);
  EXPECT_EQ(num_records(""), std::nullopt);
}

}  // namespace
}  // namespace claimlake::delta
