#include "bronze/raw_values.h"

#include <gtest/gtest.h>

namespace claimlake::bronze {
namespace {

TEST(RawValues, money_is_read_exactly) {
  EXPECT_EQ(parse_decimal("12.3", 18, 2), 1230);
  EXPECT_EQ(parse_decimal("12", 18, 2), 1200);
  EXPECT_EQ(parse_decimal("-0.05", 18, 2), -5);
  EXPECT_EQ(parse_decimal("12.300", 18, 2), 1230);
  EXPECT_EQ(parse_decimal("1.5e1", 18, 2), 1500);
  EXPECT_EQ(parse_decimal("1500e-2", 18, 2), 1500);
  EXPECT_EQ(parse_decimal("9999999999999999.99", 18, 2), 999'999'999'999'999'999);
  EXPECT_EQ(parse_decimal("0e9", 18, 2), 0);
}

TEST(RawValues, money_that_does_not_fit_is_nothing) {
  for (const char* text : {"12.345", "1e-3", "10000000000000000.00", "1e17", "", "-", ".5", "5.",
                           "+5", "1,000", " 5", "5 ", "0x10", "NaN", "1e", "1e99999999", "--1"}) {
    EXPECT_EQ(parse_decimal(text, 18, 2), std::nullopt) << text;
  }
}

TEST(RawValues, precision_is_the_limit) {
  EXPECT_EQ(parse_decimal("99.99", 4, 2), 9999);
  EXPECT_EQ(parse_decimal("100.00", 4, 2), std::nullopt);
  EXPECT_TRUE(fits_decimal("12345678901234567890123456789012345678", 38, 0));
  EXPECT_FALSE(fits_decimal("123456789012345678901234567890123456789", 38, 0));
  EXPECT_FALSE(fits_decimal("1e999999", 38, 0));
}

TEST(RawValues, whole_numbers_keep_their_range) {
  EXPECT_EQ(parse_integer("2147483647"), 2147483647);
  EXPECT_EQ(parse_integer("-2147483648"), -2147483647 - 1);
  EXPECT_EQ(parse_integer("2147483648"), std::nullopt);
  EXPECT_EQ(parse_integer("3.0"), 3);
  EXPECT_EQ(parse_integer("3.5"), std::nullopt);
  EXPECT_EQ(parse_long("9223372036854775807"), 9223372036854775807);
  EXPECT_EQ(parse_long("-9223372036854775808"), -9223372036854775807 - 1);
  EXPECT_EQ(parse_long("9223372036854775808"), std::nullopt);
  EXPECT_EQ(parse_long("99999999999999999999"), std::nullopt);
}

TEST(RawValues, booleans_are_words) {
  EXPECT_EQ(parse_bool("True"), true);
  EXPECT_EQ(parse_bool("FALSE"), false);
  EXPECT_EQ(parse_bool("1"), std::nullopt);
  EXPECT_EQ(parse_bool("yes"), std::nullopt);
}

TEST(RawValues, doubles_stay_in_range) {
  EXPECT_TRUE(fits_double("4.5"));
  EXPECT_TRUE(fits_double("-1e300"));
  EXPECT_FALSE(fits_double("1e400"));
  EXPECT_FALSE(fits_double("inf"));
}

TEST(RawValues, json_strings_are_escaped) {
  std::string out;
  append_json_string("a\"b\\c\n\x01", out);
  EXPECT_EQ(out, "\"a\\\"b\\\\c\\u000a\\u0001\"");
}

}  // namespace
}  // namespace claimlake::bronze
