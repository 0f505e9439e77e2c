#include "base/text.h"

#include <gtest/gtest.h>

#include <limits>

namespace claimlake {
namespace {

TEST(Utf8, accepts_what_the_standard_allows_and_nothing_else) {
  EXPECT_TRUE(is_utf8("a\xc3\xa4\xe2\x82\xac\xf0\x9f\x90\xb6"));
  EXPECT_FALSE(is_utf8("\xc0\xaf"));          // overlong
  EXPECT_FALSE(is_utf8("\xed\xa0\x80"));      // surrogate
  EXPECT_FALSE(is_utf8("\xf4\x90\x80\x80"));  // past U+10FFFF
  EXPECT_FALSE(is_utf8("a\xe2\x82"));         // cut short
}

TEST(Utf8, replaces_only_what_is_broken) {
  EXPECT_EQ(to_utf8("a\xff"
                    "b"),
            "a\xef\xbf\xbd"
            "b");
}

TEST(WholeNumber, is_all_of_the_text_or_nothing) {
  EXPECT_EQ(whole_number("-9223372036854775808"), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(whole_number("007"), 7);
  for (const char* text : {"", "-", "+1", " 1", "1 ", "1.0", "1e3", "9223372036854775808"}) {
    EXPECT_EQ(whole_number(text), std::nullopt) << text;
  }
}

TEST(Excerpt, is_short_and_cuts_no_character) {
  EXPECT_EQ(excerpt("short"), "short");
  EXPECT_EQ(excerpt(std::string(1000, 'x')), std::string(40, 'x'));
  // The character of two bytes would begin at the fortieth.
  EXPECT_EQ(excerpt(std::string(39, 'x') + "\xc3\xa4\xc3\xa4"), std::string(39, 'x'));
  EXPECT_TRUE(is_utf8(excerpt(std::string(100, '\x80'))));
}

TEST(Nearest, finds_a_slip_and_not_another_word) {
  EXPECT_EQ(nearest("custmer_id", {"pet_id", "customer_id"}), "customer_id");
  EXPECT_EQ(nearest("zzz", {"pet_id", "customer_id"}), "");
  EXPECT_EQ(nearest(std::string(1'000'000, 'a'), {std::string(900'000, 'a')}), "") << "at once";
}

TEST(Sql, doubles_its_quotes) {
  EXPECT_EQ(sql_identifier("a\"b"), "\"a\"\"b\"");
  EXPECT_EQ(sql_string("o'neil"), "'o''neil'");
  EXPECT_EQ(sql_string(std::string_view("a\0b", 3)),
            "'a\xef\xbf\xbd"
            "b'");
}

TEST(Split, keeps_empty_parts) {
  EXPECT_EQ(split("a,,b", ','), (std::vector<std::string>{"a", "", "b"}));
  EXPECT_EQ(split("", ','), (std::vector<std::string>{""}));
}

}  // namespace
}  // namespace claimlake
