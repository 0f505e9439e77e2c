#include "govern/password_policy.h"

#include <gtest/gtest.h>

namespace claimlake::govern {
namespace {

bool is_taken(std::string_view password, bool second_factor = false,
              const std::vector<std::string>& own = {"ada.lovelace@example.com", "Ada Lovelace"}) {
  return check_password(password, {}, second_factor, own).has_value();
}

TEST(PasswordPolicy, asks_for_15_characters_or_8_with_a_second_factor) {
  EXPECT_FALSE(is_taken(std::string_view("kiwi stove moon").substr(0, 14)));
  EXPECT_TRUE(is_taken("kiwi stove moon"));
  EXPECT_FALSE(is_taken("kiwi-mo", true));
  EXPECT_TRUE(is_taken("kiwi-moo", true));
}

TEST(PasswordPolicy, counts_characters_and_not_bytes) {
  EXPECT_FALSE(is_taken("äöüßäöü", true)) << "7 characters, 14 bytes";
  EXPECT_TRUE(is_taken("äöüßéèàç", true));
}

TEST(PasswordPolicy, has_no_rules_of_composition) {
  EXPECT_TRUE(is_taken("onlylowercaseletters"));
  EXPECT_TRUE(is_taken("with blanks and nothing else"));
  EXPECT_TRUE(is_taken(std::string(255, 'x') + "y"));
  EXPECT_FALSE(is_taken(std::string(256, 'x') + "y"));
}

TEST(PasswordPolicy, refuses_what_is_tried_first) {
  for (const char* common : {"password1234", "PassWord-1234!", "iloveyou",
                             "correct horse battery staple", "Pet Insurance", "claimlake123"}) {
    EXPECT_FALSE(is_taken(common, true)) << common;
  }
}

TEST(PasswordPolicy, refuses_one_piece_again_and_again_and_keys_in_their_order) {
  for (const char* simple : {"aaaaaaaaaaaaaaaaaaaa", "abcabcabcabcabcabc", "1234567890123456",
                             "qwertyuiopasdfghj", "jhgfdsapoiuytrewq", "harbourharbourharbour",
                             "abcdefghijklmnopqr", "12 34 56 78 90 12 34"}) {
    EXPECT_FALSE(is_taken(simple)) << simple;
  }
}

TEST(PasswordPolicy, refuses_what_others_know_of_the_user) {
  EXPECT_FALSE(is_taken("ada.lovelace@example.com"));
  EXPECT_FALSE(is_taken("Ada-Lovelace-2026"));
  EXPECT_FALSE(is_taken("claimlake-2026", true));
  EXPECT_TRUE(is_taken("ada lovelace wrote the first program"));
}

TEST(PasswordPolicy, refuses_what_is_no_text) {
  EXPECT_FALSE(is_taken(std::string("harbour stove\xff moon")));
  EXPECT_FALSE(is_taken(std::string("harbour stove\0 moon", 19)));
}

TEST(PasswordPolicy, says_why_without_the_password) {
  const Done refused = check_password("qwertyuiopasdfghj", {}, false, {});

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().fault, Fault::kInvalidInput);
  EXPECT_EQ(refused.error().text().find("qwerty"), std::string::npos);
  EXPECT_FALSE(refused.error().next.empty());
}

}  // namespace
}  // namespace claimlake::govern
