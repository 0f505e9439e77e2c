#include "base/random.h"

#include <gmock/gmock.h>

namespace claimlake {
namespace {

TEST(SeededRandom, follows_the_published_splitmix64_sequence) {
  // First outputs for seed 1234567, as published with the reference C code of SplitMix64.
  SeededRandom random(1234567);
  EXPECT_EQ(random.next(), 6457827717110365317ULL);
  EXPECT_EQ(random.next(), 3203168211198807973ULL);
}

TEST(Random, below_stays_below) {
  SeededRandom random(7);
  for (int i = 0; i < 1'000; ++i) EXPECT_LT(random.below(3), 3u);
}

TEST(Uuid, has_version_four_and_the_rfc_variant) {
  SeededRandom random(7);
  EXPECT_THAT(
      uuid4(random),
      testing::MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"));
}

}  // namespace
}  // namespace claimlake
