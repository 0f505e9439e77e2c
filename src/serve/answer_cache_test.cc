#include "serve/answer_cache.h"

#include <gtest/gtest.h>

namespace claimlake::serve {
namespace {

std::shared_ptr<const CachedAnswer> answer_of(std::size_t bytes) {
  return std::make_shared<CachedAnswer>(CachedAnswer{std::string(bytes, 'x'), ""});
}

TEST(AnswerCache, gives_back_what_it_keeps_and_counts) {
  AnswerCache cache(100'000);
  EXPECT_EQ(cache.find("a"), nullptr);

  cache.keep("a", answer_of(10));

  EXPECT_EQ(cache.find("a")->body, std::string(10, 'x'));
  EXPECT_EQ(cache.counts().hits, 1);
  EXPECT_EQ(cache.counts().misses, 1);
}

TEST(AnswerCache, drops_the_least_recently_used_and_stays_within_its_bytes) {
  AnswerCache cache(20'000);
  for (int i = 0; i < 15; ++i) {
    cache.keep(std::to_string(i), answer_of(1000));
    cache.find("0");
  }

  cache.keep("last", answer_of(1000));
  for (int i = 100; i < 105; ++i) cache.keep(std::to_string(i), answer_of(1000));

  EXPECT_NE(cache.find("0"), nullptr);
  EXPECT_EQ(cache.find("1"), nullptr);
  EXPECT_NE(cache.find("104"), nullptr);
  EXPECT_LE(cache.counts().bytes, 20'000);
}

TEST(AnswerCache, does_not_keep_what_would_push_out_much_else) {
  AnswerCache cache(16'000);

  cache.keep("large", answer_of(2000));

  EXPECT_EQ(cache.find("large"), nullptr);
  EXPECT_EQ(cache.counts().bytes, 0);
}

}  // namespace
}  // namespace claimlake::serve
