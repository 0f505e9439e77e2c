// Claims that rules refuse, and people who let some of them in. After each step the tables must be
// what the same steps give in a second lake that is built as a whole each time, and be proved.
#include "refresh/waivers.h"

#include <gmock/gmock.h>

#include "refresh/memory_lake_for_test.h"
#include "refresh/prove.h"

namespace claimlake::refresh {
namespace {

using testing::HasSubstr;
using testing::Not;

class Insurer : public MemoryLake {
 public:
  explicit Insurer(double by_key_share) : by_key_share_(by_key_share) {
    say("CREATE TABLE bronze.c_raw (id VARCHAR, policy VARCHAR, amount BIGINT)");
    say("CREATE TABLE silver.p (policy VARCHAR)");
    const Columns columns = {{"id", "VARCHAR"}, {"policy", "VARCHAR"}, {"amount", "BIGINT"}};
    pack::Model claims = model("silver.c", {"id"}, "SELECT id, policy, amount FROM bronze.c_raw",
                               columns, {{"bronze.c_raw", columns}});
    claims.rule_inputs = {"silver.p"};
    claims.rules.rules = {{.name = "policy_exists",
                           .body = pack::ExistsIn{"policy", "silver.p", "policy", {}},
                           .action = pack::Action::kQuarantine},
                          {.name = "small",
                           .body = pack::RowCondition{"amount < 100"},
                           .action = pack::Action::kDrop,
                           .reason = "It is too large."},
                          {.name = "even",
                           .body = pack::RowCondition{"amount % 2 = 0"},
                           .action = pack::Action::kFlag}};
    pack.models.push_back(std::move(claims));
    pack.models.push_back(model("gold.t", {"policy"},
                                "SELECT policy, CAST(SUM(amount) AS BIGINT) AS amount FROM "
                                "silver.c GROUP BY policy",
                                {{"policy", "VARCHAR"}, {"amount", "BIGINT"}},
                                {{"silver.c", columns}}));
    say("INSERT INTO silver.p VALUES ('p1')");
    say("INSERT INTO bronze.c_raw VALUES ('c1', 'p1', 10), ('c2', 'p1', 500), ('c3', 'p9', 30), "
        "('c4', 'p9', 501)");
    refresh();
  }
  std::string refresh() {
    clock.advance(std::chrono::seconds(1));
    std::string ways;
    for (const pack::Model& each : pack.models) {
      ways += MemoryLake::refresh(each, {.by_key_share = by_key_share_}).way + "; ";
    }
    return ways;
  }
  std::string tables() {
    return rows("SELECT * EXCLUDE (_silver_processed_at) FROM silver.c ORDER BY ALL") + "\n" +
           rows("SELECT policy, amount FROM gold.t ORDER BY ALL") + "\n" +
           rows("SELECT key, state FROM ops.quarantine ORDER BY ALL");
  }
  std::string proved() {
    NoProgress progress;
    const auto report = prove({*lake, *session, pack, clock, progress, Cancel()}, {});
    if (!report) return report.error().text();
    std::string out;
    for (const TableProof& table : report->tables) {
      out += proof_name(table.outcome) + table.message + " ";
    }
    return out;
  }
  // "" or the error.
  std::string waives(WaiverRequest request) { return said(waive(context(), filled(request))); }
  std::string withdraws(WaiverRequest request) {
    return said(withdraw(context(), filled(request)));
  }
  pack::Pack pack;

 private:
  WaiverContext context() { return {*lake, *session, pack, clock, random}; }
  static WaiverRequest filled(WaiverRequest request) {
    if (request.table.empty()) request.table = "silver.c";
    if (request.by.empty()) request.by = "Ann";
    if (request.why.empty()) request.why = "The invoice says so.";
    return request;
  }
  static std::string said(const Result<std::vector<WaiverChange>>& changes) {
    return changes ? "" : changes.error().text();
  }
  const double by_key_share_;
};

class WaiversTest : public testing::Test {
 protected:
  // Both refreshed; how that with keys did it.
  std::string refreshed() {
    const std::string ways = by_key.refresh();
    whole.refresh();
    EXPECT_EQ(by_key.tables(), whole.tables());
    EXPECT_EQ(by_key.proved(), "equal equal ");
    EXPECT_EQ(whole.proved(), "equal equal ");
    return ways;
  }
  void waive(const WaiverRequest& request) {
    EXPECT_EQ(by_key.waives(request), "");
    EXPECT_EQ(whole.waives(request), "");
  }
  void withdraw(const WaiverRequest& request) {
    EXPECT_EQ(by_key.withdraws(request), "");
    EXPECT_EQ(whole.withdraws(request), "");
  }
  std::string claims() { return by_key.rows("SELECT id, _dq FROM silver.c ORDER BY ALL"); }
  std::string quarantine() {
    return by_key.rows("SELECT key, state FROM ops.quarantine ORDER BY ALL");
  }

  Insurer by_key{1};
  Insurer whole{0};
};

TEST_F(WaiversTest, a_waived_row_goes_in_with_the_next_refresh_and_out_when_it_is_withdrawn) {
  waive({.keys = {"c3"}});
  EXPECT_EQ(claims(), "c1 null ") << "a table changes by a refresh only";

  EXPECT_EQ(refreshed(), "by key (1 touched); by key (1 touched); ");
  EXPECT_EQ(claims(), "c1 null c3 [policy_exists] ");
  EXPECT_EQ(by_key.rows("SELECT policy, amount FROM gold.t ORDER BY ALL"), "p1 10 p9 30 ");
  EXPECT_EQ(quarantine(), "c2 dropped c3 waived c4 dropped ");
  EXPECT_EQ(refreshed(), "; ; ") << "nothing is left to do";

  withdraw({.keys = {"c3"}});
  EXPECT_EQ(refreshed(), "by key (1 touched); by key (1 touched); ");
  EXPECT_EQ(claims(), "c1 null ");
  EXPECT_EQ(quarantine(), "c2 dropped c3 open c4 dropped ");
}

TEST_F(WaiversTest, a_waiver_is_of_a_rule_and_holds_for_what_comes_of_the_row) {
  waive({.keys = {"c4"}, .rules = {"small"}});
  refreshed();
  EXPECT_EQ(claims(), "c1 null ") << "its policy is unknown all the same";
  waive({.keys = {"c4"}});
  refreshed();
  EXPECT_EQ(claims(), "c1 null c4 [policy_exists, small, even] ");

  for (Insurer* each : {&by_key, &whole}) {
    each->say("UPDATE bronze.c_raw SET amount = 900 WHERE id = 'c4'");
    each->say("INSERT INTO bronze.c_raw VALUES ('c5', 'p1', 1)");
  }
  EXPECT_EQ(refreshed(), "by key (2 touched); by key (2 touched); ");
  EXPECT_EQ(claims(), "c1 null c4 [policy_exists, small] c5 [even] ");
  for (Insurer* each : {&by_key, &whole}) each->say("INSERT INTO silver.p VALUES ('p9')");
  refreshed();
  EXPECT_EQ(claims(), "c1 null c3 null c4 [small] c5 [even] ");
}

TEST_F(WaiversTest, what_came_in_by_itself_stays_when_its_waiver_is_withdrawn) {
  waive({.keys = {"c3"}});
  refreshed();
  for (Insurer* each : {&by_key, &whole}) each->say("INSERT INTO silver.p VALUES ('p9')");
  refreshed();
  withdraw({.keys = {"c3"}});
  refreshed();
  EXPECT_EQ(claims(), "c1 null c3 null ");
  EXPECT_EQ(quarantine(), "c2 dropped c3 replayed c4 dropped ");
}

TEST_F(WaiversTest, a_waiver_is_withdrawn_whose_row_was_deleted_from_the_quarantine) {
  waive({.keys = {"c3"}});
  refreshed();
  for (Insurer* each : {&by_key, &whole}) {
    each->say("DELETE FROM ops.quarantine WHERE key = 'c3'");
  }
  refreshed();
  ASSERT_EQ(claims(), "c1 null c3 [policy_exists] ");

  withdraw({.keys = {"c3"}});

  EXPECT_EQ(refreshed(), "by key (1 touched); by key (1 touched); ");
  EXPECT_EQ(claims(), "c1 null ");
  EXPECT_EQ(quarantine(), "c2 dropped c3 open c4 dropped ");
}

// A column of text may hold what parts the columns; which row is meant is not known then.
TEST(KeysOfWaivers, are_read_from_the_text_where_the_row_is_not_in_the_quarantine) {
  MemoryLake lake;
  const MemoryLake::Columns columns = {{"a", "VARCHAR"}, {"b", "INTEGER"}};
  const pack::Model model = lake.model("silver.t", {"a", "b"}, "SELECT a, b FROM bronze.raw",
                                       columns, {{"bronze.raw", columns}});
  ASSERT_TRUE(lake.session->execute(
      "CREATE TEMP TABLE said AS SELECT * FROM (VALUES ('silver.t', 'q1', 'x|7'), ('silver.t', "
      "'q2', 'x|y|7'), ('silver.u', 'q3', 'z|1')) AS said(table_name, quarantine_id, key)"));

  EXPECT_EQ(
      lake.rows("SELECT * FROM (" + keys_of_waivers(model, "said") + ") ORDER BY a NULLS LAST"),
      "x 7 null null ");
}

// A row without a key and without a place has no identity, either.
TEST(KeysOfWaivers, are_read_from_the_text_although_the_quarantine_has_a_row_without_identity) {
  MemoryLake lake;
  const MemoryLake::Columns columns = {{"a", "VARCHAR"}};
  const pack::Model model =
      lake.model("silver.t", {"a"}, "SELECT a FROM bronze.raw", columns, {{"bronze.raw", columns}});
  lake.say("INSERT INTO ops.quarantine (table_name) VALUES ('silver.t')");
  ASSERT_TRUE(lake.session->execute(
      "CREATE TEMP TABLE said AS SELECT 'silver.t' AS table_name, 'q1' AS quarantine_id, 'x' AS "
      "key"));

  EXPECT_EQ(lake.rows(keys_of_waivers(model, "said")), "x ");
}

TEST_F(WaiversTest, keeps_who_said_what_and_why) {
  waive({.keys = {"c3"}, .by = " Ann ", .why = "It's right"});
  withdraw({.keys = {"c3"}, .by = "Bob", .why = "It was not"});
  EXPECT_EQ(by_key.rows("SELECT table_name, key, rule, waived_by, waived_why, withdrawn_by, "
                        "withdrawn_why, withdrawn_at IS NOT NULL FROM ops.waivers"),
            "silver.c c3 policy_exists Ann It's right Bob It was not true ");
}

TEST_F(WaiversTest, says_what_cannot_be_waived_and_leaves_all_as_it_was) {
  EXPECT_THAT(by_key.waives({.keys = {"c3"}, .why = " "}), HasSubstr("Why is not said"));
  EXPECT_THAT(by_key.waives({.keys = {"c3"}, .by = "\t"}), HasSubstr("Who says so is not said"));
  EXPECT_THAT(by_key.waives({}), HasSubstr("Which rows is not said"));
  EXPECT_THAT(by_key.waives({.keys = {"c3", "c99"}}), HasSubstr("with the key c99 is or was"));
  EXPECT_THAT(by_key.waives({.keys = {"c1"}}), HasSubstr("with the key c1 is or was"));
  EXPECT_THAT(by_key.waives({.keys = {"c3"}, .rules = {"smal"}}), HasSubstr("did you mean small?"));
  EXPECT_THAT(by_key.waives({.keys = {"c3"}, .rules = {"even"}}), HasSubstr("takes no row out"));
  EXPECT_THAT(by_key.waives({.keys = {"c3"}, .rules = {"small"}}),
              HasSubstr("does not break small"));
  EXPECT_THAT(by_key.waives({.table = "gold.t", .keys = {"p9"}}), HasSubstr("No rule of gold.t"));
  EXPECT_THAT(by_key.waives({.table = "silver.d", .keys = {"c3"}}), HasSubstr("makes no table"));
  EXPECT_THAT(by_key.withdraws({.keys = {"c3"}}), HasSubstr("No waiver holds for c3"));
  EXPECT_THAT(by_key.rows("SELECT count(*) FROM ops.waivers"), Not(HasSubstr("1")));

  waive({.keys = {"c3"}});
  EXPECT_THAT(by_key.waives({.keys = {"c3"}}), HasSubstr("waived already, by Ann"));
  refreshed();
  EXPECT_THAT(by_key.waives({.keys = {"c3"}}), HasSubstr("waived already, by Ann"));
  EXPECT_THAT(by_key.withdraws({.keys = {"c3"}, .rules = {"small"}}),
              HasSubstr("No waiver of small holds"));
  for (Insurer* each : {&by_key, &whole}) each->say("INSERT INTO silver.p VALUES ('p9')");
  withdraw({.keys = {"c3"}});
  refreshed();
  EXPECT_THAT(by_key.waives({.keys = {"c3"}}), HasSubstr("is not refused"));
}

TEST_F(WaiversTest, waivers_of_one_table_leave_the_others_as_they_are) {
  waive({.keys = {"c3"}});
  refreshed();
  const auto before = by_key.version("silver.c");
  pack::Model other = by_key.pack.models[0];
  other.name = "silver.d";
  other.table = "d";
  by_key.MemoryLake::refresh(other, {});
  by_key.pack.models.push_back(other);
  EXPECT_EQ(by_key.waives({.table = "silver.d", .keys = {"c4"}}), "");

  EXPECT_EQ(by_key.refresh(), "; ; by key (1 touched); ");

  EXPECT_EQ(by_key.version("silver.c"), before);
  EXPECT_EQ(by_key.proved(), "equal equal equal ");
}

}  // namespace
}  // namespace claimlake::refresh
