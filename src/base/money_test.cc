#include "base/money.h"

#include <gtest/gtest.h>

#include <limits>

namespace claimlake {
namespace {

TEST(Money, adds_exactly_and_refuses_overflow) {
  EXPECT_EQ(add(Money::cents(10), Money::cents(-25))->cents(), -15);
  EXPECT_FALSE(add(Money::cents(std::numeric_limits<std::int64_t>::max()), Money::cents(1)));
}

TEST(Money, share_rounds_half_away_from_zero) {
  EXPECT_EQ(share(Money::cents(100'01), 5'000)->cents(), 50'01);  // 50.005 -> 50.01
  EXPECT_EQ(share(Money::cents(-100'01), 5'000)->cents(), -50'01);
  EXPECT_EQ(share(Money::cents(99'99), 10'000)->cents(), 99'99);
  EXPECT_FALSE(share(Money::cents(std::numeric_limits<std::int64_t>::max()), 20'000));
}

TEST(Money, is_written_with_two_decimals) {
  EXPECT_EQ(to_text(Money::cents(-1234'05)), "-1234.05");
  EXPECT_EQ(to_text(Money::cents(7)), "0.07");
  EXPECT_EQ(to_text(Money::cents(std::numeric_limits<std::int64_t>::min())),
            "-92233720368547758.08");
}

}  // namespace
}  // namespace claimlake
