#include "net/gzip.h"

#include <gtest/gtest.h>

namespace claimlake::net {
namespace {

TEST(Gzip, gives_back_what_was_packed) {
  std::string text;
  for (int i = 0; i < 10'000; ++i) text += "claim " + std::to_string(i) + ", ";

  const std::string packed = gzip(text);

  EXPECT_LT(packed.size(), text.size() / 3);
  EXPECT_EQ(*gunzip(packed, text.size()), text);
  EXPECT_EQ(*gunzip(gzip(""), 10), "");
}

TEST(Gzip, reads_what_the_gzip_program_wrote) {
  // printf 'claim' | gzip -n | od -An -tx1
  const std::string packed(
      "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x4b\xce\x49\xcc\xcc\x05\x00\x27\xde\x69\xa7\x05\x00"
      "\x00\x00",
      25);

  EXPECT_EQ(*gunzip(packed, 100), "claim");
}

TEST(Gzip, refuses_what_is_no_gzip_or_too_large) {
  EXPECT_FALSE(gunzip("plain text", 100));
  EXPECT_FALSE(gunzip(gzip(std::string(1000, 'x')), 999));
}

}  // namespace
}  // namespace claimlake::net
