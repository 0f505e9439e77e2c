// A rule that keeps a table back: what is said of the tables that are older for it.
#include "refresh/stale.h"

#include "refresh/pack_for_test.h"

namespace claimlake::refresh {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class StaleTest : public testing::Test {
 protected:
  StaleTest() {
    claims("claims1.jsonl", "{\"id\":\"c1\",\"policy\":\"p1\",\"amount\":10}\n");
    rule("amount < 100");
  }
  void claims(const std::string& name, const std::string& lines) {
    ASSERT_TRUE(store.put("raw/" + name, lines));
  }
  void rule(const std::string& condition) const {
    files.write("2_silver/claims.yml", "tables:\n  silver.claims:\n    row: {small: {sql: \"" +
                                           condition + "\", else: fail}}\n");
  }
  // A process takes in what is there; which tables are stale then, and because of which.
  std::vector<std::string> after_a_run() {
    PipelineProcess process(files, store, clock, random);
    process.ingest();
    reports = process.run();
    list = process.stale();
    std::vector<std::string> out;
    for (const Stale& stale : list) out.push_back(stale.table + " " + stale.because_of);
    return out;
  }

  PackFiles files;
  SimClock clock{Timestamp(std::chrono::hours(24 * 365 * 50))};
  SeededRandom random{1};
  store::MemoryStore store{clock};
  std::map<std::string, TableReport> reports;
  StaleList list;
};

TEST_F(StaleTest, a_refused_table_and_what_reads_it_are_stale_until_a_refresh_succeeds) {
  EXPECT_THAT(after_a_run(), IsEmpty());
  claims("claims2.jsonl", "{\"id\":\"c2\",\"policy\":\"p2\",\"amount\":500}\n");

  EXPECT_THAT(after_a_run(),
              ElementsAre("silver.claims silver.claims", "gold.policies silver.claims"));

  EXPECT_EQ(reports["silver.claims"].outcome, TableOutcome::kRefused);
  const Timestamp since = list[0].since;
  const std::string run = list[0].run;
  EXPECT_THAT(list[0].rules, ElementsAre("small"));
  EXPECT_THAT(list[1].text(), HasSubstr("gold.policies is stale since"));
  EXPECT_THAT(list[1].text(), HasSubstr("the refresh of silver.claims was refused (run " + run));
  EXPECT_THAT(list[1].text(), HasSubstr("rule small: 1 of 2 rows"));

  clock.advance(std::chrono::hours(1));
  EXPECT_EQ(after_a_run().size(), 2u);
  EXPECT_EQ(list[0].since, since) << "it has been so since the first time";
  EXPECT_NE(list[0].run, run);

  rule("amount < 1000");
  EXPECT_THAT(after_a_run(), IsEmpty());
  EXPECT_EQ(reports["silver.claims"].outcome, TableOutcome::kBuilt);
  EXPECT_EQ(reports["gold.policies"].outcome, TableOutcome::kBuilt);
}

TEST_F(StaleTest, a_table_is_fresh_again_when_what_broke_the_rule_is_gone) {
  after_a_run();
  rule("amount < 5");
  EXPECT_EQ(after_a_run().size(), 2u);
  rule("amount < 100");
  EXPECT_THAT(after_a_run(), IsEmpty());
  EXPECT_EQ(reports["silver.claims"].outcome, TableOutcome::kSkipped);
}

}  // namespace
}  // namespace claimlake::refresh
