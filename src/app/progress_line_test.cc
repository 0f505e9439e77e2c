#include "app/progress_line.h"

#include <gtest/gtest.h>

namespace claimlake::app {
namespace {

TEST(ProgressLine, says_rate_and_time_left) {
  // A quarter of 1,000,000 rows in 2 s: 125,000 rows/s, and three times 2 s to go.
  EXPECT_EQ(progress_text("silver.fact_claims", 1'000'000, 0.25, 2),
            "silver.fact_claims  25 %  125,000 rows/s  6.00 s left");
}

TEST(ProgressLine, says_only_the_time_where_nothing_else_is_known) {
  EXPECT_EQ(progress_text("checkpoint", 0, -1, 2), "checkpoint  2.00 s");
}

}  // namespace
}  // namespace claimlake::app
