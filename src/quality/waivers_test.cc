#include "quality/waivers.h"

#include <gmock/gmock.h>

#include "quality/fixture_for_test.h"
#include "quality/quarantine.h"

namespace claimlake::quality {
namespace {

using testing::ElementsAre;

class WaiversTest : public QualityTest {
 protected:
  WaiversTest() : session_(internal_session()) {
    model_ = silver({{"id", "VARCHAR"}, {"amount", "BIGINT"}},
                    "    row:\n"
                    "      small: {sql: amount < 100, else: quarantine, weight: 3}\n"
                    "      even:  {sql: amount % 2 = 0, else: drop, reason: It is odd.}\n"
                    "      there: {column: amount, not_null: true, else: fail}\n");
    say("create temp table waivers (quarantine_id varchar, table_name varchar, rule varchar, "
        "withdrawn_at timestamp)");
  }
  void say(const std::string& sql) {
    const auto done = session_->execute(sql);
    ASSERT_TRUE(done) << sql << "\n" << done.error().text();
  }
  void waive(const std::string& id, const std::string& rule) {
    say("insert into waivers select " + refused_identity(model_, "v") + ", 'silver.t', '" + rule +
        "', null from (select '" + id + "' as id, 0 as amount) as v");
  }
  // "id|_quality_score|_is_valid|_dq" of the rows, refused ones too.
  std::vector<std::string> judged(const std::string& rows) {
    const std::string model_sql = "select * from (values " + rows + ") as v (id, amount)";
    say("create or replace temp table staged as " +
        checked_select(model_, model_sql,
                       {.processed_at = sql_timestamp(kNow),
                        .as_of = kToday,
                        .parents = {},
                        .waivers = "waivers"}));
    return lines(*session_, "select id, _quality_score, _is_valid, _dq from staged order by id");
  }

  std::unique_ptr<engine::Session> session_;
  pack::Model model_;
};

TEST_F(WaiversTest, a_waived_rule_counts_as_one_that_flags_the_row) {
  waive("c1", "small");
  waive("c2", "small");
  // Weights 3, 1 and 1 apply: (5 - 3) / 5 and (5 - 4) / 5.
  EXPECT_THAT(judged("('c1', 200), ('c2', 201), ('c3', 200), ('c4', 2)"),
              ElementsAre("c1|40.0|false|[small]", "c2|-1.0|false|[small, even]",
                          "c3|-1.0|false|[small]", "c4|100.0|true|-"))
      << "c2 breaks a rule that is not waived for it";
  waive("c2", "even");
  EXPECT_THAT(judged("('c2', 201)"), ElementsAre("c2|20.0|false|[small, even]"));
}

TEST_F(WaiversTest, what_is_withdrawn_or_of_another_table_waives_nothing) {
  waive("c1", "small");
  waive("c1", "small");
  say("update waivers set withdrawn_at = timestamp '2026-01-31'");
  EXPECT_THAT(judged("('c1', 200)"), ElementsAre("c1|-1.0|false|[small]"));
  say("update waivers set withdrawn_at = null, table_name = 'silver.other'");
  EXPECT_THAT(judged("('c1', 200)"), ElementsAre("c1|-1.0|false|[small]"));
  say("update waivers set table_name = 'silver.t'");
  EXPECT_THAT(judged("('c1', 200)"), ElementsAre("c1|40.0|false|[small]")) << "waived twice";
}

TEST_F(WaiversTest, a_rule_that_keeps_the_table_back_is_not_waived) {
  waive("c1", "there");
  EXPECT_THAT(judged("('c1', cast(null as bigint))"), ElementsAre("c1|-1.0|false|[there]"));
}

}  // namespace
}  // namespace claimlake::quality
