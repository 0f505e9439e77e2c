#include "quality/checked.h"

#include <gmock/gmock.h>

#include "quality/fixture_for_test.h"

namespace claimlake::quality {
namespace {

using testing::ElementsAre;

constexpr const char* kScores = "select id, _is_valid, _quality_score, _dq from staged order by id";

class CheckedTest : public QualityTest {};

// Weights 1 + 3 + 2 + 4 = 10.
constexpr const char* kTen = R"(    row:
      a_present: {column: a, not_null: true, else: flag}
      b_range:   {column: b, between: [0.01, 5.00], else: flag, weight: 3}
      c_known:   {column: c, in: [x, "it's"], else: warn, weight: 2}
      c_like:    {column: c, matches: '^[a-z'']+$', else: flag, weight: 4}
)";

TEST_F(CheckedTest, scores_are_the_weight_that_holds_of_the_weight_that_applies) {
  const auto model =
      silver({{"id", "INTEGER"}, {"a", "INTEGER"}, {"b", "DECIMAL(18,2)"}, {"c", "VARCHAR"}}, kTen);
  auto session = internal_session();

  stage(*session, model,
        "select * from (values (1, 1, cast(0.01 as decimal(18,2)), 'x'),"
        "(2, 1, cast(5.01 as decimal(18,2)), 'it''s'),"
        "(3, null, cast(5.00 as decimal(18,2)), 'y'),"
        "(4, 1, null, null),"
        "(5, null, null, null),"
        "(6, null, cast(-1 as decimal(18,2)), 'Y')) as v (id, a, b, c) -- with a comment");

  // 2: 3 of 10 failed. 3: 1 + 2 of 10. 4: only a applies, and holds. 5: only a applies, and fails.
  EXPECT_THAT(
      lines(*session, kScores),
      ElementsAre("1|true|100.0|-", "2|false|70.0|[b_range]", "3|false|70.0|[a_present, c_known]",
                  "4|true|100.0|-", "5|false|0.0|[a_present]",
                  "6|false|0.0|[a_present, b_range, c_known, c_like]"));
}

TEST_F(CheckedTest, rounds_scores_to_two_decimals) {
  const auto model = silver({{"id", "INTEGER"}, {"a", "INTEGER"}},
                            "    row:\n      r: {sql: a = 1, else: flag}\n"
                            "      s: {sql: a > 0, else: flag, weight: 2}\n");
  auto session = internal_session();

  stage(*session, model, "select 1 as id, 2 as a");

  EXPECT_THAT(lines(*session, kScores), ElementsAre("1|false|66.67|[r]"));
}

TEST_F(CheckedTest, a_rule_applies_where_its_condition_holds_only) {
  const auto model = silver({{"id", "INTEGER"}, {"s", "VARCHAR"}, {"paid", "INTEGER"}},
                            "    row:\n"
                            "      denied: {sql: paid = 0, when: \"s = 'Denied'\", else: flag}\n"
                            "      other: {column: paid, between: [null, 9], else: flag}\n");
  auto session = internal_session();

  stage(*session, model,
        "select * from (values (1, 'Denied', 5), (2, 'Paid', 5), (3, null, 5), (4, 'Denied', null),"
        "(5, 'Paid', 10)) as v (id, s, paid)");

  // 5: the first rule does not apply, so the other is all there is.
  EXPECT_THAT(lines(*session, kScores),
              ElementsAre("1|false|50.0|[denied]", "2|true|100.0|-", "3|true|100.0|-",
                          "4|true|100.0|-", "5|false|0.0|[other]"));
}

TEST_F(CheckedTest, rows_that_must_go_out_say_so_in_their_score) {
  const auto model = silver({{"id", "INTEGER"}},
                            "    row:\n"
                            "      f: {sql: id <> 1, else: flag}\n"
                            "      w: {sql: id <> 2, else: warn}\n"
                            "      q: {sql: id <> 3, else: quarantine}\n"
                            "      d: {sql: id <> 4, else: drop, reason: Four.}\n"
                            "      x: {sql: id <> 5, else: fail}\n");
  auto session = internal_session();

  stage(*session, model, "select unnest(range(7))::integer as id");

  EXPECT_THAT(lines(*session, "select id, _quality_score, _dq from staged order by id"),
              ElementsAre("0|100.0|-", "1|80.0|[f]", "2|80.0|[w]", "3|-1.0|[q]", "4|-1.0|[d]",
                          "5|-1.0|[x]", "6|100.0|-"));
}

TEST_F(CheckedTest, a_key_must_exist_in_its_parent_unless_it_is_null) {
  directory.view_map["silver"]["parents"] = {
      .sql = "select * from (values ('p1'), ('p1'), (null)) as v (id)", .description = ""};
  const auto model = silver({{"id", "INTEGER"}, {"parent", "VARCHAR"}},
                            "    row:\n      p: {column: parent, exists_in: silver.parents.id, "
                            "else: quarantine, when: id < 9}\n");
  auto session = internal_session();

  stage(*session, model,
        "select * from (values (1, 'p1'), (2, 'p2'), (3, null), (9, 'p2')) as v (id, parent)");

  EXPECT_THAT(lines(*session, kScores), ElementsAre("1|true|100.0|-", "2|false|-1.0|[p]",
                                                    "3|true|100.0|-", "9|true|100.0|-"));
}

TEST_F(CheckedTest, a_null_key_breaks_no_rule_although_the_parent_has_no_row_at_all) {
  // SQL holds that null is not in an empty list.
  directory.view_map["silver"]["parents"] = {
      .sql = "select cast(null as varchar) as id where false", .description = ""};
  const auto model = silver({{"id", "INTEGER"}, {"parent", "VARCHAR"}},
                            "    row:\n      p: {column: parent, exists_in: silver.parents.id, "
                            "else: flag}\n");
  auto session = internal_session();

  stage(*session, model, "select * from (values (1, 'p1'), (2, null)) as v (id, parent)");

  EXPECT_THAT(lines(*session, kScores), ElementsAre("1|false|0.0|[p]", "2|true|100.0|-"));
}

TEST_F(CheckedTest, conditions_see_the_day_of_the_run_and_dates_are_dates) {
  const auto model = silver({{"id", "INTEGER"}, {"d", "DATE"}},
                            "    row:\n"
                            "      past: {sql: d < CURRENT_DATE, else: flag}\n"
                            "      modern: {column: d, between: [2000-01-01, null], else: flag}\n");
  auto session = internal_session();

  stage(*session, model,
        "select * from (values (1, date '2026-01-30'), (2, date '2026-01-31'),"
        "(3, date '1999-12-31'), (4, date '2000-01-01')) as v (id, d)");

  EXPECT_THAT(lines(*session, "select id, _dq from staged order by id"),
              ElementsAre("1|-", "2|[past]", "3|[modern]", "4|-"));
}

TEST_F(CheckedTest, sixty_two_rules_fit_into_one_number) {
  std::string rules = "    row:\n";
  for (int i = 0; i < 62; ++i) {
    rules +=
        "      r" + std::to_string(i) + ": {sql: id <> " + std::to_string(i) + ", else: flag}\n";
  }
  const auto model = silver({{"id", "INTEGER"}}, rules);
  auto session = internal_session();

  stage(*session, model, "select 61 as id union all select 31");

  EXPECT_THAT(lines(*session, "select id, _dq, _quality_score from staged order by id"),
              ElementsAre("31|[r31]|98.39", "61|[r61]|98.39"));
}

TEST_F(CheckedTest, silver_gets_the_program_columns_in_their_order_and_types) {
  const auto model = silver({{"id", "INTEGER"}}, "    set: {}\n");

  const auto columns = session()->describe(
      checked_select(model, "SELECT 1 AS id", {.processed_at = sql_timestamp(kNow)}));

  ASSERT_TRUE(columns) << columns.error().text();
  const auto expected = pack::program_columns("silver");
  ASSERT_EQ(columns->size(), 1 + expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ((*columns)[i + 1].name, expected[i].name);
    EXPECT_EQ((*columns)[i + 1].type, expected[i].type);
  }
}

TEST_F(CheckedTest, gold_says_what_it_was_made_from) {
  pack::Model model;
  model.name = "gold.t";
  model.schema = "gold";
  model.header.aggregation = "customer";
  model.inputs = {"silver.a", "silver.b"};
  model.columns = {{.name = "id", .type = "INTEGER"}};
  auto session = this->session();

  EXPECT_THAT(lines(*session, checked_select(model, "WITH x AS (SELECT 7 AS id) SELECT id FROM x",
                                             {.processed_at = sql_timestamp(kNow)})),
              ElementsAre("7|2026-01-31 12:00:00+00|silver.a, silver.b|customer"));
}

TEST_F(CheckedTest, bronze_is_left_alone) {
  pack::Model model;
  model.schema = "bronze";
  EXPECT_EQ(checked_select(model, "SELECT 1", {}), "SELECT 1");
}

}  // namespace
}  // namespace claimlake::quality
