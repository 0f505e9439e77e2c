#include "base/text.h"

#include <gtest/gtest.h>

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

TEST(Nearest, finds_a_slip_and_not_another_word) {
  EXPECT_EQ(nearest("custmer_id", {"pet_id", "customer_id"}), "customer_id");
  EXPECT_EQ(nearest("zzz", {"pet_id", "customer_id"}), "");
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
