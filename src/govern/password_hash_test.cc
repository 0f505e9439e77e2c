#include "govern/password_hash.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <vector>

namespace claimlake::govern {
namespace {

constexpr Argon2Config kCheap{8 * 1024, 1, 2, 1};

TEST(PasswordHash, verifies_what_another_tool_made) {
  SeededRandom random(1);
  Argon2Hasher hasher(kCheap, random);
  // By the command argon2 of Debian (0~20171227):
  //   echo -n "correct horse battery staple" | argon2 somesalt-16bytes -id -t 2 -m 14 -p 1 -l 32 -e
  const std::string made =
      "$argon2id$v=19$m=16384,t=2,p=1$c29tZXNhbHQtMTZieXRlcw$"
      "V/u7n4t0jRExUaP2QcmXaEGoHj0D9HRlselhm417vB8";
  //   printf 'p\xc3\xa4ssword of M\xc3\xbcnchen' | argon2 thirdsalt-16byte -id -t 1 -k 19456 -p 1
  //   -e
  const std::string not_ascii =
      "$argon2id$v=19$m=19456,t=1,p=1$dGhpcmRzYWx0LTE2Ynl0ZQ$"
      "Q63V0gllvD+XPRlcfo9/bPctIhtWEyE/B819t2Fydlo";

  EXPECT_TRUE(*hasher.verify("correct horse battery staple", made));
  EXPECT_FALSE(*hasher.verify("correct horse battery stapl", made));
  EXPECT_TRUE(*hasher.verify("p\xc3\xa4ssword of M\xc3\xbcnchen", not_ascii));
}

TEST(PasswordHash, verifies_what_it_made_and_nothing_else) {
  SeededRandom random(1);
  Argon2Hasher hasher(kCheap, random);

  const std::string kept = *hasher.hash("apple harbour stove");

  EXPECT_EQ(kept.substr(0, 29), "$argon2id$v=19$m=8,t=1,p=1$" + kept.substr(27, 2));
  EXPECT_TRUE(*hasher.verify("apple harbour stove", kept));
  EXPECT_FALSE(*hasher.verify("Apple harbour stove", kept));
  EXPECT_FALSE(*hasher.verify("", kept));
  EXPECT_NE(kept, *hasher.hash("apple harbour stove")) << "the salt is new each time";
}

TEST(PasswordHash, what_is_no_hash_opens_nothing) {
  SeededRandom random(1);
  Argon2Hasher hasher(kCheap, random);

  for (const std::string& kept :
       {std::string(), std::string("x"), std::string("$argon2id$"), std::string(500, 'a'),
        std::string("$2b$12$abcdefghijklmnopqrstuv")}) {
    EXPECT_FALSE(*hasher.verify("", kept)) << kept;
    EXPECT_FALSE(*hasher.verify(kept, kept)) << kept;
  }
}

TEST(PasswordHash, is_dated_where_it_was_made_with_other_work) {
  SeededRandom random(1);
  Argon2Hasher cheap(kCheap, random);
  Argon2Hasher usual({}, random);

  EXPECT_FALSE(cheap.is_dated(*cheap.hash("a")));
  EXPECT_TRUE(usual.is_dated(*cheap.hash("a")));
}

// Draws for a salt, in the middle of a hash, until it is let go on.
class HeldRandom final : public Random {
 public:
  std::uint64_t next() override {
    if (++drawn_ == 1) {
      begun.set_value();
      go_on.get_future().wait();
    }
    return 4;
  }
  std::promise<void> begun, go_on;

 private:
  std::atomic<int> drawn_ = 0;
};

TEST(PasswordHash, refuses_more_than_may_work_and_wait_at_once) {
  HeldRandom random;
  Argon2Hasher hasher({8 * 1024, 1, 1, 0}, random);
  auto first = std::async(std::launch::async, [&] { return hasher.hash("one").has_value(); });
  random.begun.get_future().wait();

  const auto second = hasher.hash("two");
  random.go_on.set_value();

  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().fault, Fault::kUnavailable);
  EXPECT_TRUE(first.get());
  EXPECT_TRUE(hasher.hash("three")) << "the place is free again";
}

TEST(PasswordHash, lets_one_wait_for_its_turn) {
  HeldRandom random;
  Argon2Hasher hasher({8 * 1024, 1, 1, 1}, random);
  auto first = std::async(std::launch::async, [&] { return hasher.hash("one").has_value(); });
  random.begun.get_future().wait();
  auto second = std::async(std::launch::async, [&] { return hasher.hash("two").has_value(); });

  random.go_on.set_value();

  EXPECT_TRUE(first.get());
  EXPECT_TRUE(second.get());
}

}  // namespace
}  // namespace claimlake::govern
