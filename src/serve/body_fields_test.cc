#include "serve/body_fields.h"

#include <gtest/gtest.h>

namespace claimlake::serve {
namespace {

BodyFields fields(std::string_view body) {
  auto read = read_body_fields(body);
  EXPECT_TRUE(std::holds_alternative<BodyFields>(read)) << body;
  return std::get<BodyFields>(std::move(read));
}

TEST(BodyFields, numbers_keep_the_digits_that_came) {
  const auto read = fields(R"({"a":0.10,"b":12345678901234567890123,"c":"0.1","d":7})");

  EXPECT_EQ(read.at("a").text, "0.10");
  EXPECT_EQ(read.at("b").text, "12345678901234567890123");
  EXPECT_EQ(read.at("c").kind, BodyField::Kind::kText);
  EXPECT_EQ(read.at("d").text, "7");
}

TEST(BodyFields, members_of_members_are_not_taken_for_those_of_the_body) {
  const auto read = fields(R"({"a":{"b":1,"a":2},"c":[{"d":1}],"e":null,"f":false})");

  EXPECT_EQ(read.size(), 4U);
  EXPECT_EQ(read.at("a").kind, BodyField::Kind::kOther);
  EXPECT_EQ(read.at("c").kind, BodyField::Kind::kOther);
  EXPECT_EQ(read.at("e").kind, BodyField::Kind::kNull);
  EXPECT_EQ(read.at("f").text, "false");
}

TEST(BodyFields, body_that_is_no_object_or_has_a_name_twice_is_refused) {
  for (const char* body : {"", "null", "7", "[]", "[{}]", "{", "{\"a\":}", "{\"a\":1,\"a\":1}",
                           "{\"a\":\"\xff\"}", "{} {}", "{\"a\":NaN}"}) {
    EXPECT_TRUE(std::holds_alternative<Problem>(read_body_fields(body))) << body;
  }
  EXPECT_EQ(std::get<Problem>(read_body_fields(R"({"a":1,"a":2})")).field, "a");
}

TEST(BodyFields, deep_nesting_ends) {
  EXPECT_TRUE(
      std::holds_alternative<Problem>(read_body_fields("{\"a\":" + std::string(100'000, '['))));
}

TEST(ExactCents, reads_what_has_at_most_two_decimals) {
  EXPECT_EQ(exact_cents("12"), 1200);
  EXPECT_EQ(exact_cents("12.5"), 1250);
  EXPECT_EQ(exact_cents("12.50"), 1250);
  EXPECT_EQ(exact_cents("12.5000"), 1250);
  EXPECT_EQ(exact_cents("0.01"), 1);
  EXPECT_EQ(exact_cents("-3.07"), -307);
  EXPECT_EQ(exact_cents("9999999999999.99"), 999'999'999'999'999);
}

TEST(ExactCents, refuses_all_else) {
  for (const char* text : {"", "-", ".", "1.", ".5", "1.005", "1e3", "1,000", "0x10", " 1", "1 ",
                           "+1", "--1", "10000000000000", "NaN", "12.3.4", "\xd9\xa1"}) {
    EXPECT_FALSE(exact_cents(text)) << text;
  }
}

}  // namespace
}  // namespace claimlake::serve
