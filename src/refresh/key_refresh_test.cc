// Claims and the policies that they need, in a lake in memory. After each change the tables must be
// what the same steps give in a second lake that is built as a whole each time.
#include "refresh/key_refresh.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "quality/ops_tables.h"
#include "refresh/key_texts.h"
#include "refresh/memory_lake_for_test.h"

namespace claimlake::refresh {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

// One lake with bronze.c_raw and silver.p (written by hand) and two models over them.
class Insurer : private MemoryLake {
 public:
  using MemoryLake::say;

  explicit Insurer(double by_key_share) : by_key_share_(by_key_share) {
    say("CREATE TABLE bronze.c_raw (id VARCHAR, policy VARCHAR, amount BIGINT)");
    say("CREATE TABLE silver.p (policy VARCHAR, plan VARCHAR)");
    claims_ =
        model("silver.c", {"id"},
              "SELECT id, policy, CAST(SUM(amount) AS BIGINT) AS amount FROM bronze.c_raw "
              "GROUP BY id, policy",
              {{"id", "VARCHAR"}, {"policy", "VARCHAR"}, {"amount", "BIGINT"}},
              {{"bronze.c_raw", {{"id", "VARCHAR"}, {"policy", "VARCHAR"}, {"amount", "BIGINT"}}}});
    claims_.rule_inputs = {"silver.p"};
    claims_.rules.rules.push_back({.name = "policy_exists",
                                   .body = pack::ExistsIn{"policy", "silver.p", "policy", {}},
                                   .action = pack::Action::kQuarantine});
    claims_.rules.rules.push_back(of_plan("premium", "p.plan = 'Premium'"));
    claims_.rules.rules.push_back(of_plan("dear", "p.plan <> 'Basic' AND n.amount > 15"));
    totals_ =
        model("gold.t", {"plan"},
              "SELECT p.plan, COUNT(*) AS claims, CAST(SUM(c.amount) AS BIGINT) AS amount FROM "
              "silver.c AS c JOIN silver.p AS p ON p.policy = c.policy GROUP BY p.plan",
              {{"plan", "VARCHAR"}, {"claims", "BIGINT"}, {"amount", "BIGINT"}},
              {{"silver.c", claims_.columns},
               {"silver.p", {{"policy", "VARCHAR"}, {"plan", "VARCHAR"}}}});
  }

  // What became of silver.c and gold.t.
  std::vector<TableReport> refresh(bool force = false) {
    std::vector<TableReport> out;
    for (const pack::Model* model : {&claims_, &totals_}) {
      out.push_back(MemoryLake::refresh(*model, {.by_key_share = by_key_share_, .force = force}));
    }
    return out;
  }
  // The rows of the models' tables and of the quarantine, but for times and runs.
  std::string tables() {
    return rows("SELECT * EXCLUDE (_silver_processed_at) FROM silver.c ORDER BY ALL") + "\n" +
           rows("SELECT plan, claims, amount FROM gold.t ORDER BY ALL") + "\n" +
           rows("SELECT key, state, reason, payload FROM ops.quarantine ORDER BY ALL");
  }
  pack::Model& claims() { return claims_; }
  // The history of silver.c then tells of a refresh that went this way and took so long.
  void remember(const std::string& way, const std::string& seconds,
                const std::string& failed = "") {
    lake::WriteRequest request;
    request.staged.table = {"silver", "c"};
    request.base = *lake->snapshot({"silver", "c"});
    request.staged.schema = request.base->schema();
    request.parameters = {{"model", "silver.c"}, {"way", way}, {"seconds", seconds}};
    if (!failed.empty()) request.parameters["byKeyFailed"] = failed;
    const auto committed = lake->commit(std::move(request));
    EXPECT_TRUE(committed) << committed.error().text();
  }

 private:
  // A rule over the table that joins each claim to its policy.
  pack::Rule of_plan(const std::string& name, const std::string& condition) const {
    const std::string sql =
        "SELECT COUNT(*) FROM {} AS n JOIN silver.p AS p ON p.policy = n.policy WHERE " + condition;
    const auto sums =
        session->sums_of(fmt::format(fmt::runtime(sql), "_new"),
                         {{"_new", {"id", "policy", "amount"}}, {"silver.p", {"policy", "plan"}}});
    EXPECT_TRUE(sums && *sums) << name;
    return {.name = name,
            .group = pack::RuleGroup::kSet,
            .body = pack::Query{fmt::format(fmt::runtime(sql), "{new}"), "<=", "1", **sums},
            .action = pack::Action::kWarn};
  }

  const double by_key_share_;
  pack::Model claims_;
  pack::Model totals_;
};

// What the rules of a table found.
std::string found(const TableReport& report) {
  std::string out;
  for (const quality::RuleResult& result : report.results) {
    out += fmt::format("{} {}/{} {}; ", result.rule, result.failed, result.checked,
                       result.value.value_or(-1));
  }
  return out;
}

class KeyRefreshTest : public testing::Test {
 protected:
  KeyRefreshTest() {
    both("INSERT INTO silver.p VALUES ('p1', 'Basic'), ('p2', 'Premium')");
    both("INSERT INTO bronze.c_raw VALUES ('c1', 'p1', 10), ('c2', 'p2', 20), ('c3', 'p3', 30)");
    by_key.refresh();
    whole.refresh();
    EXPECT_EQ(by_key.tables(), whole.tables());
  }
  void both(const std::string& statement) {
    by_key.say(statement);
    whole.say(statement);
  }
  // After `statement`: how silver.c and gold.t were brought up to date.
  std::pair<std::string, std::string> after(const std::string& statement) {
    both(statement);
    const auto reports = by_key.refresh();
    const auto built = whole.refresh();
    EXPECT_EQ(by_key.tables(), whole.tables());
    EXPECT_EQ(found(reports[0]), found(built[0]));
    return {reports[0].way, reports[1].way};
  }
  using Ways = std::pair<std::string, std::string>;

  Insurer by_key{1};
  Insurer whole{0};
};

TEST_F(KeyRefreshTest, computes_the_keys_that_a_change_touches) {
  EXPECT_EQ(after("INSERT INTO bronze.c_raw VALUES ('c4', 'p2', 5), ('c1', 'p1', 1)"),
            Ways("by key (2 touched)", "by key (2 touched)"));
  EXPECT_EQ(after("UPDATE bronze.c_raw SET policy = 'p1' WHERE id = 'c2'"),
            Ways("by key (1 touched)", "by key (2 touched)"))
      << "it moves from one plan to the other";
  EXPECT_EQ(after("DELETE FROM bronze.c_raw WHERE policy = 'p2'"),
            Ways("by key (1 touched)", "by key (1 touched)"))
      << "the last claim of a plan goes, and its row with it";
  EXPECT_EQ(after("UPDATE silver.p SET plan = 'Gold' WHERE policy = 'p1'").second,
            "by key (2 touched)")
      << "a key goes and another one comes";
}

TEST_F(KeyRefreshTest, looks_up_what_rules_over_the_table_join_to_the_rows) {
  const auto look_ups = look_ups_of_rules(by_key.claims(), "temp.rows");
  ASSERT_EQ(look_ups.size(), 1U);
  const engine::LookUp& policies = look_ups.at("silver.p");
  EXPECT_EQ(policies.table, "silver.p");
  ASSERT_EQ(policies.any.size(), 1U) << "both rules join by the same column";
  EXPECT_EQ(policies.any[0].columns, std::vector<std::string>{"policy"});
  EXPECT_EQ(policies.any[0].relation, "temp.rows");
  EXPECT_EQ(policies.any[0].of_relation, std::vector<std::string>{"policy"});

  // What a rule reads without the rows, it reads whole.
  pack::Model other = by_key.claims();
  std::get<pack::Query>(other.rules.rules.back().body).sums.push_back({{"silver.p"}, {}});
  EXPECT_TRUE(look_ups_of_rules(other, "temp.rows").empty());
}

TEST_F(KeyRefreshTest, lets_refused_rows_in_when_their_parent_comes_and_takes_them_out_again) {
  EXPECT_THAT(by_key.tables(), HasSubstr("c3 open"));
  EXPECT_EQ(after("INSERT INTO silver.p VALUES ('p3', 'Basic')"),
            Ways("by key (1 touched)", "by key (1 touched)"));
  EXPECT_THAT(by_key.tables(), HasSubstr("c3 replayed"));
  EXPECT_EQ(after("DELETE FROM silver.p WHERE policy IN ('p1', 'p3')").first, "by key (2 touched)");
  EXPECT_THAT(by_key.tables(), HasSubstr("c1 open"));
  after("INSERT INTO bronze.c_raw VALUES ('c5', 'p9', 1)");
  EXPECT_THAT(by_key.tables(), HasSubstr("c1 open")) << "rows of other keys go on waiting";
}

TEST_F(KeyRefreshTest, goes_by_no_quarantine_that_holds_fewer_rows_than_were_refused) {
  after("INSERT INTO bronze.c_raw VALUES ('c3', 'p4', 40)");  // a second refused row of the key
  EXPECT_THAT(after("INSERT INTO silver.p VALUES ('p3', 'Basic')").first,
              HasSubstr("does not hold all"));
  EXPECT_THAT(by_key.tables(), HasSubstr("c3 p3 30"));
  by_key.say("DELETE FROM ops.quarantine WHERE table_name = 'silver.c'");
  whole.say("DELETE FROM ops.quarantine WHERE table_name = 'silver.c'");
  EXPECT_THAT(after("INSERT INTO silver.p VALUES ('p4', 'Basic')").first,
              HasSubstr("does not hold all"));
}

TEST_F(KeyRefreshTest, commits_positions_where_no_row_changes) {
  EXPECT_EQ(after("INSERT INTO bronze.c_raw VALUES ('c1', 'p1', 0)").first, "by key (1 touched)");
  const auto reports = by_key.refresh();
  EXPECT_EQ(reports[0].outcome, TableOutcome::kSkipped);
  EXPECT_EQ(reports[1].outcome, TableOutcome::kSkipped);
}

TEST_F(KeyRefreshTest, builds_as_a_whole_what_keys_do_not_lead_to) {
  EXPECT_THAT(after("INSERT INTO bronze.c_raw VALUES (NULL, 'p1', 1)").first,
              HasSubstr("rows without a key changed"));
  EXPECT_THAT(after("INSERT INTO bronze.c_raw VALUES ('c1', 'p2', 1)").first,
              HasSubstr("its key is not unique"));
  by_key.claims().hash = whole.claims().hash = "2";
  EXPECT_THAT(after("INSERT INTO bronze.c_raw VALUES ('c8', 'p2', 1)").first,
              HasSubstr("another one"));
  EXPECT_THAT(by_key.refresh(true)[0].way, HasSubstr("it was asked for"));
}

TEST_F(KeyRefreshTest, builds_as_a_whole_what_somebody_changed) {
  by_key.say("DELETE FROM silver.c WHERE id = 'c1'");
  EXPECT_THAT(after("INSERT INTO bronze.c_raw VALUES ('c9', 'p2', 1)").first,
              HasSubstr("somebody changed its rows"));
}

TEST(KeyRefreshCost, goes_by_key_while_few_keys_are_touched_and_it_is_not_dearer) {
  Insurer insurer{0.2};
  insurer.say("INSERT INTO silver.p VALUES ('p1', 'Basic')");
  insurer.say("INSERT INTO bronze.c_raw SELECT 'c' || i, 'p1', i FROM range(100) r(i)");
  insurer.refresh();
  insurer.say("DELETE FROM bronze.c_raw WHERE amount < 21");
  EXPECT_THAT(insurer.refresh()[0].way, HasSubstr("21 keys are touched, and it has 100"));
  insurer.say("INSERT INTO bronze.c_raw SELECT 'd' || i, 'p1', i FROM range(26) r(i)");
  EXPECT_THAT(insurer.refresh()[0].way, HasSubstr("26 rows of bronze.c_raw are new"));
  insurer.say("INSERT INTO bronze.c_raw SELECT 'e' || i, 'p1', i FROM range(20) r(i)");
  EXPECT_EQ(insurer.refresh()[0].way, "by key (20 touched)");
}

TEST(KeyRefreshCost, goes_by_what_changes_of_no_more_keys_took) {
  Insurer insurer{0.2};
  insurer.say("INSERT INTO silver.p VALUES ('p1', 'Basic')");
  insurer.say("INSERT INTO bronze.c_raw SELECT 'c' || i, 'p1', i FROM range(100) r(i)");
  insurer.refresh();
  insurer.remember("whole: it was asked for", "2");
  insurer.remember("by key (10 touched)", "3");

  insurer.say("INSERT INTO bronze.c_raw VALUES ('d1', 'p1', 1)");
  EXPECT_EQ(insurer.refresh()[0].way, "by key (1 touched)") << "it is smaller than what was dear";
  insurer.say("INSERT INTO bronze.c_raw SELECT 'e' || i, 'p1', i FROM range(9) r(i)");
  EXPECT_EQ(insurer.refresh()[0].way, "by key (9 touched)");
  insurer.remember("whole: it was asked for", "2");
  insurer.say("INSERT INTO bronze.c_raw SELECT 'f' || i, 'p1', i FROM range(11) r(i)");
  EXPECT_EQ(insurer.refresh()[0].way, "whole: by key it took 3.000 s, as a whole 2.000 s");

  insurer.remember("whole: it was asked for", "2");
  insurer.remember("by key (1 touched)", "3");
  insurer.say("INSERT INTO bronze.c_raw VALUES ('g1', 'p1', 1)");
  EXPECT_EQ(insurer.refresh()[0].way, "whole: by key it took 3.000 s, as a whole 2.000 s");
  insurer.remember("by key (0 touched)", "0.1");
  insurer.say("INSERT INTO bronze.c_raw VALUES ('g2', 'p1', 1)");
  EXPECT_EQ(insurer.refresh()[0].way, "whole: by key it took 3.000 s, as a whole 0.000 s")
      << "one that changed nothing says nothing";
}

TEST(KeyRefreshCost, what_failed_by_key_is_tried_again_ever_later_until_the_model_is_another) {
  Insurer insurer{0.9};
  insurer.say("INSERT INTO silver.p VALUES ('p1', 'Basic')");
  insurer.say("INSERT INTO bronze.c_raw SELECT 'c' || i, 'p1', i FROM range(100) r(i)");
  insurer.refresh();
  int claims = 0;
  const auto next = [&] {
    insurer.say(fmt::format("INSERT INTO bronze.c_raw VALUES ('d{}', 'p1', 1)", ++claims));
    return insurer.refresh()[0].way;
  };
  const auto fails = [&] { insurer.remember("whole: by key it fails (unavailable)", "0", "1"); };
  const std::string waits = "whole: by key it failed of late, ";

  fails();
  EXPECT_EQ(next(), waits + "1 more as a whole come first");
  EXPECT_EQ(next(), "by key (1 touched)");
  fails();
  EXPECT_THAT(next(), StartsWith(waits + "1 ")) << "it went well in between";
  fails();
  EXPECT_THAT(next(), StartsWith(waits + "3 "));
  EXPECT_THAT(next(), StartsWith(waits + "2 "));

  insurer.claims().hash = "2";
  EXPECT_THAT(next(), StartsWith("whole: its model"));
  EXPECT_EQ(next(), "by key (1 touched)");
}

// A table of sums of 400 keys, whose rows a rule judges.
class ManyKeysTest : public testing::Test, protected MemoryLake {
 protected:
  ManyKeysTest() {
    say("CREATE TABLE silver.s AS SELECT CAST(i AS BIGINT) AS id, CAST(i % 400 AS BIGINT) AS k, "
        "CAST(1 AS BIGINT) AS amount FROM range(2000) AS r(i)");
    model_ = model("gold.t", {"k"},
                   "SELECT k, CAST(SUM(amount) AS BIGINT) AS amount, MAX(id) AS newest FROM "
                   "silver.s GROUP BY k",
                   {{"k", "BIGINT"}, {"amount", "BIGINT"}, {"newest", "BIGINT"}},
                   {{"silver.s", {{"id", "BIGINT"}, {"k", "BIGINT"}, {"amount", "BIGINT"}}}});
    model_.rules.rules.push_back(
        {.name = "not_all_dear",
         .group = pack::RuleGroup::kSet,
         .body = pack::Query{"SELECT COUNT(*) FROM {new} WHERE amount > 1000", "<", "400"},
         .action = pack::Action::kFail});
  }
  // The way, and whether rows were compared.
  std::string refresh() {
    const std::string way = MemoryLake::refresh(model_, {.by_key_share = 1}).way;
    const auto history = lake->latest_commits({"gold", "t"}, 1);
    return way + (history->front().info->parameters.contains("exchanged") ? " exchanged" : "");
  }
  void expect_right() {
    EXPECT_EQ(rows("SELECT k, amount, newest FROM gold.t ORDER BY k"),
              rows("SELECT * FROM (" + model_.sql + ") ORDER BY k"));
  }

  pack::Model model_;
};

TEST_F(ManyKeysTest, rows_are_exchanged_without_being_compared_where_nearly_all_changed) {
  refresh();
  say("UPDATE silver.s SET amount = amount + 1 WHERE k < 300");
  EXPECT_EQ(refresh(), "by key (300 touched)");
  expect_right();
  say("UPDATE silver.s SET amount = amount + 1 WHERE k > 80");
  EXPECT_EQ(refresh(), "by key (319 touched) exchanged");
  expect_right();
  // New keys come and old ones go.
  say("UPDATE silver.s SET k = k + 200 WHERE k < 300");
  EXPECT_EQ(refresh(), "by key (500 touched) exchanged");
  expect_right();
  say("UPDATE silver.s SET amount = 7 WHERE k = 250");
  EXPECT_EQ(refresh(), "by key (1 touched)") << "few are compared";
  expect_right();
}

TEST_F(ManyKeysTest, rows_are_compared_where_many_stayed_the_same) {
  refresh();
  // Of 300 keys that are touched every second one has the sum that it had.
  say("UPDATE silver.s SET amount = CASE WHEN id < 400 THEN amount + 1 ELSE amount - 1 END WHERE k "
      "< 300 AND (id < 400 OR (id < 800 AND k % 2 = 0))");
  EXPECT_EQ(refresh(), "by key (300 touched)");
  say("UPDATE silver.s SET amount = amount + 1 WHERE id >= 1600");
  EXPECT_EQ(refresh(), "by key (400 touched)") << "the last ones did not nearly all change";
  expect_right();
}

TEST_F(ManyKeysTest, rows_of_silver_count_by_how_each_was_judged) {
  pack::Model silver =
      model("silver.u", {"k"}, model_.sql, model_.columns,
            {{"silver.s", {{"id", "BIGINT"}, {"k", "BIGINT"}, {"amount", "BIGINT"}}}});
  silver.rules.rules.push_back({.name = "all_there",
                                .group = pack::RuleGroup::kSet,
                                .body = pack::RowCount{400, 400},
                                .action = pack::Action::kFail});
  for (int i = 0; i < 4; ++i) {
    const TableReport report = MemoryLake::refresh(silver, {.by_key_share = 1});
    EXPECT_EQ(report.outcome, TableOutcome::kBuilt) << "400 rows, whatever came and went";
    EXPECT_THAT(report.way, StartsWith(i == 0 ? "whole" : "by key (400 touched)"));
    say("UPDATE silver.s SET amount = amount + 1");
  }
}

TEST_F(ManyKeysTest, rules_count_rows_that_are_exchanged_without_being_compared) {
  refresh();
  say("UPDATE silver.s SET amount = 300 WHERE k < 390");
  refresh();
  EXPECT_EQ(rows("SELECT count(*) FROM gold.t WHERE amount > 1000"), "390 ");
  // 390 are dear: exchanging them for others that are leaves 390, and does not count them twice.
  say("UPDATE silver.s SET amount = 301 WHERE k < 390");
  EXPECT_EQ(refresh(), "by key (390 touched) exchanged");
  say("UPDATE silver.s SET amount = 302");
  NoProgress progress;
  const auto report = refresh_table(
      {*lake, *session, *ops, clock, progress, Cancel(), "run", Date{}, false, 1}, model_);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->outcome, TableOutcome::kRefused) << "all 400 are dear";
  EXPECT_EQ(rows("SELECT count(*) FROM gold.t WHERE amount > 1000"), "390 ");
}

}  // namespace
}  // namespace claimlake::refresh
