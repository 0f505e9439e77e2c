#include "quality/audit.h"

#include <gmock/gmock.h>

#include "quality/fixture_for_test.h"

namespace claimlake::quality {
namespace {

using testing::ElementsAre;

class AuditTest : public QualityTest {};

constexpr const char* kRules = R"(    row:
      a_present: {column: a, not_null: true, else: warn}
      b_range:   {column: b, between: [0, 5], else: quarantine}
      paid:      {sql: b > 1, when: "c = 'x'", else: flag}
    set:
      one_c:     {unique: [c], else: warn}
      rows:      {row_count: {min: 3, max: 9}, else: warn}
      c_known:   {column: c, completeness: {warn: "< 80%", fail: "< 20%"}}
      no_nines:  {sql: "SELECT COUNT(*) FROM {new} AS n WHERE n.b = 9", expect: "= 0", else: fail}
)";

const char* const kRows =
    "select * from (values (1, 1, 2, 'x'), (2, null, 1, 'x'), (3, 1, 9, 'y'), (4, 1, 3, null),"
    "(5, 1, null, 'x')) as v (id, a, b, c)";

TEST_F(AuditTest, counts_rows_per_rule_and_judges_the_table_without_its_rejects) {
  const auto model =
      silver({{"id", "INTEGER"}, {"a", "INTEGER"}, {"b", "INTEGER"}, {"c", "VARCHAR"}}, kRules);
  auto session = internal_session();
  stage(*session, model, kRows);

  // Row 3 goes to quarantine. Of the other four, three have the same c, and one has none.
  const std::vector<std::string> expected = {"a_present warn 1/5",      "b_range quarantine 1/4",
                                             "paid flag 1/2",           "one_c warn 2/3",
                                             "rows pass 0/1 4.0000",    "c_known warn 1/4 75.000",
                                             "no_nines pass 0/1 0.0000"};
  EXPECT_EQ(audited(*session, model), expected);
  EXPECT_EQ(audited(*session, model, false), expected);  // without statistics
  EXPECT_EQ(last.rows, 4);
  EXPECT_EQ(last.rejected, 1);
  EXPECT_FALSE(last.fails);
  // Rows 1, 4, 5 have 100; row 2 fails 1 of 3 (a_present) and 1 (paid): 33.33.
  EXPECT_DOUBLE_EQ(*last.mean_row_score, 83.33);
}

TEST_F(AuditTest, a_clean_table_passes_every_rule) {
  const auto model =
      silver({{"id", "INTEGER"}, {"a", "INTEGER"}, {"b", "INTEGER"}, {"c", "VARCHAR"}}, kRules);
  auto session = internal_session();
  stage(*session, model,
        "select * from (values (1, 1, 2, 'x'), (2, 1, 5, 'y'), (3, 1, 0, 'z')) as v (id, a, b, c)");

  for (const bool statistics : {true, false}) {
    audited(*session, model, statistics);
    for (const RuleResult& result : last.results) {
      EXPECT_EQ(result.outcome, Outcome::kPass) << result.rule;
      EXPECT_EQ(result.failed, 0) << result.rule;
      EXPECT_EQ(result.message, "");
    }
    EXPECT_EQ(last.rejected, 0);
    EXPECT_DOUBLE_EQ(*last.mean_row_score, 100);
  }
}

TEST_F(AuditTest, a_fail_rule_of_each_group_holds_the_table_back) {
  auto session = internal_session();
  for (const char* rules :
       {"    row:\n      r: {sql: id > 1, else: fail}\n",
        "    set:\n      r: {unique: [id], else: fail}\n",
        "    set:\n      r: {not_null: [v], else: fail}\n",
        "    set:\n      r: {row_count: {max: 1}, else: fail}\n",
        "    set:\n      r: {column: v, completeness: {fail: \"< 80%\"}}\n",
        "    set:\n      r: {sql: \"SELECT MAX(v) FROM {new}\", expect: \"< 1\", else: fail}\n"}) {
    const auto model = silver({{"id", "INTEGER"}, {"v", "INTEGER"}}, rules);
    stage(*session, model, "select * from (values (1, 1), (1, null)) as t (id, v)");
    audited(*session, model);
    EXPECT_TRUE(last.fails) << rules;
    EXPECT_NE(last.results[0].message, "") << rules;

    stage(*session, model, "select 2 as id, 0 as v");
    audited(*session, model);
    EXPECT_FALSE(last.fails) << rules;
  }
}

TEST_F(AuditTest, a_query_sees_the_day_of_the_run) {
  const auto model = silver({{"id", "INTEGER"}, {"d", "DATE"}},
                            "    set:\n      r: {sql: \"SELECT COUNT(*) FROM {new} WHERE d > "
                            "CURRENT_DATE\", expect: \"= 0\", else: fail}\n");
  auto session = internal_session();

  stage(*session, model, "select 1 as id, date '2026-02-01' as d");

  EXPECT_THAT(audited(*session, model), ElementsAre("r fail 1/1 1.0000"));
}

TEST_F(AuditTest, freshness_is_judged_by_the_injected_clock_and_never_holds_back) {
  const auto model = silver({{"id", "INTEGER"}, {"at", "TIMESTAMP WITH TIME ZONE"}, {"d", "DATE"}},
                            "    time:\n"
                            "      at: {freshness: {column: at, warn: 26h, fail: 7d}}\n"
                            "      day: {freshness: {column: d, fail: 12h}}\n");
  auto session = internal_session();

  stage(*session, model,
        "select 1 as id, timestamptz '2026-01-30 10:00:00+00' as at, date '2026-01-31' as d");
  EXPECT_THAT(audited(*session, model), ElementsAre("at pass 0/1 93600.", "day pass 0/1 43200."));
  stage(*session, model,
        "select 1 as id, timestamptz '2026-01-30 09:59:59+00' as at, date '2026-01-30' as d");
  EXPECT_THAT(audited(*session, model), ElementsAre("at warn 1/1 93601.", "day fail 1/1 129600"));
  EXPECT_FALSE(last.fails);
  stage(*session, model,
        "select 1 as id, timestamptz '2026-01-01 00:00:00+00' as at, null::date as d");
  EXPECT_THAT(audited(*session, model), ElementsAre("at fail 1/1 263520", "day pass 0/0"));
}

TEST_F(AuditTest, an_empty_table_is_complete_and_has_no_score) {
  const auto model =
      silver({{"id", "INTEGER"}, {"a", "INTEGER"}, {"b", "INTEGER"}, {"c", "VARCHAR"}}, kRules);
  auto session = internal_session();
  stage(*session, model, std::string(kRows) + " where false");

  EXPECT_THAT(
      audited(*session, model),
      ElementsAre("a_present pass 0/0", "b_range pass 0/0", "paid pass 0/0", "one_c pass 0/0",
                  "rows warn 1/1 0.0000", "c_known pass 0/0 100.00", "no_nines pass 0/1 0.0000"));
  EXPECT_FALSE(last.mean_row_score);
}

TEST_F(AuditTest, unique_looks_at_all_columns_and_not_at_nulls) {
  const auto model = silver({{"id", "INTEGER"}, {"v", "INTEGER"}},
                            "    set:\n      r: {unique: [id, v], else: warn}\n");
  auto session = internal_session();
  stage(*session, model,
        "select * from (values (1, 1), (1, 2), (1, null), (1, null), (2, 2), (2, 2), (2, 2)) as t "
        "(id, v)");

  EXPECT_THAT(audited(*session, model), ElementsAre("r warn 2/5"));
  EXPECT_EQ(last.results[0].message, "2 surplus rows against the rule: id, v occurs once");
}

TEST_F(AuditTest, gold_has_set_rules_without_scores) {
  pack::Model model;
  model.name = "gold.t";
  model.schema = "gold";
  model.columns = {{.name = "id", .type = "INTEGER"}};
  model.rules = *pack::parse_rules(
      "tables:\n  gold.t:\n    set:\n      u: {unique: [id], else: fail}\n      n: {not_null: "
      "[id], else: warn}\n",
      "gold.t", "t.yml");
  auto session = internal_session();
  stage(*session, model, "select unnest([1, 2, 2, null]) as id");

  const auto made = audit(*session, {.model = model, .relation = "staged", .facts = {.rows = 4}});

  ASSERT_TRUE(made) << made.error().text();
  EXPECT_EQ(made->results[0].failed, 1);
  EXPECT_EQ(made->results[1].failed, 1);
  EXPECT_TRUE(made->fails);
  EXPECT_FALSE(made->mean_row_score);
}

TEST(StagedFacts, add_up_what_all_files_know) {
  const auto file = [](std::int64_t rows, const char* stats) {
    engine::WrittenFile written;
    written.rows = rows;
    written.stats_json = stats;
    return written;
  };

  const StagedFacts facts = staged_facts(
      {file(3, R"({"numRecords":3,"minValues":{"_quality_score":70.0},"nullCount":{"a":1,"b":0}})"),
       file(2, R"({"numRecords":2,"minValues":{"_quality_score":-1.0},"nullCount":{"a":2}})")});

  EXPECT_EQ(facts.rows, 5);
  EXPECT_EQ(facts.null_counts, (std::map<std::string, std::int64_t>{{"a", 3}}));
  EXPECT_EQ(facts.least_score, -1);
  EXPECT_FALSE(staged_facts({file(3, "{}")}).least_score);
  EXPECT_FALSE(staged_facts({}).least_score);
}

}  // namespace
}  // namespace claimlake::quality
