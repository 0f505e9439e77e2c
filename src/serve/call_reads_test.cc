#include "serve/call_reads.h"

#include <gmock/gmock.h>

namespace claimlake::serve {
namespace {

using testing::Contains;

TEST(CallReads, says_which_tables_stand_behind_a_panel_of_the_page) {
  const auto reads = call_reads();

  ASSERT_TRUE(reads) << reads.error().text();
  const auto of = [&](const std::string& path) {
    for (const CallReads& each : *reads) {
      if (each.path == path) return each.tables;
    }
    return std::vector<std::string>();
  };
  EXPECT_THAT(of("/api/insights/kpis"), testing::ElementsAre("gold.monthly_kpis"));
  EXPECT_THAT(of("/api/insights/summary"), Contains("gold.claims_analytics"));
  EXPECT_THAT(of("/api/insights/customers/{customer_id}"), Contains("gold.risk_scoring"));
}

}  // namespace
}  // namespace claimlake::serve
