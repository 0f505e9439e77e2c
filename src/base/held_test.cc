#include "base/held.h"

#include <gtest/gtest.h>

#include <string>

namespace claimlake {
namespace {

using Texts = Held<int, std::string>;

std::int64_t length(const std::string& text) { return static_cast<std::int64_t>(text.size()); }
void put(Texts& texts, int key, const std::string& text) { texts.put(key, text, length(text)); }
bool has(Texts& texts, int key) { return texts.find(key, length) != nullptr; }

TEST(Held, lets_go_what_was_used_longest_ago) {
  Texts texts(6);
  put(texts, 1, "aa");
  put(texts, 2, "bb");
  put(texts, 3, "cc");
  ASSERT_TRUE(has(texts, 1));
  put(texts, 4, "dd");
  EXPECT_FALSE(has(texts, 2));
  EXPECT_TRUE(has(texts, 1));
  EXPECT_TRUE(has(texts, 3));
  EXPECT_TRUE(has(texts, 4));
  EXPECT_EQ(texts.total(), 6);
}

TEST(Held, keeps_one_that_is_too_large_until_the_next_comes) {
  Texts texts(3);
  put(texts, 1, "aaaaaaaa");
  EXPECT_TRUE(has(texts, 1));
  put(texts, 2, "b");
  EXPECT_FALSE(has(texts, 1));
  EXPECT_EQ(texts.total(), 1);
}

TEST(Held, weighs_again_what_has_grown) {
  Texts texts(6);
  put(texts, 1, "aa");
  put(texts, 2, "bb");
  texts.find(2, length)->append("bbb");
  EXPECT_TRUE(has(texts, 2));
  EXPECT_EQ(texts.total(), 5) << "the other one had to go";
  EXPECT_EQ(texts.count(), 1U);
}

TEST(Held, forgets_and_replaces) {
  Texts texts(10);
  put(texts, 1, "aaa");
  put(texts, 1, "a");
  EXPECT_EQ(texts.total(), 1);
  texts.erase(1);
  EXPECT_FALSE(has(texts, 1));
  EXPECT_EQ(texts.total(), 0);
}

}  // namespace
}  // namespace claimlake
