#include "quality/ops_tables.h"

#include <gmock/gmock.h>

#include <cmath>

#include "quality/fixture_for_test.h"

namespace claimlake::quality {
namespace {

using testing::ElementsAre;

class OpsTablesTest : public QualityTest {};

TEST_F(OpsTablesTest, results_become_rows_of_their_table) {
  const std::vector<RuleResult> results = {{.table = "silver.t",
                                            .rule = "it's",
                                            .kind = "between",
                                            .dimension = Dimension::kValid,
                                            .checked = 10,
                                            .failed = 2,
                                            .threshold = "a is at least 1",
                                            .outcome = Outcome::kWarn,
                                            .message = "2 of 10 rows"},
                                           {.table = "silver.t",
                                            .rule = "n",
                                            .kind = "row_count",
                                            .dimension = Dimension::kComplete,
                                            .checked = 1,
                                            .value = 10.5,
                                            .threshold = "at least 1 rows"}};
  auto session = this->session();

  const std::string sql =
      results_select(results, {.run_id = "r1", .table_version = 3, .evaluated_at = kNow});

  EXPECT_THAT(
      lines(*session, sql),
      ElementsAre("r1|silver.t|3|it's|between|valid|10|2|-|a is at least 1|warn|2 of 10 rows|"
                  "2026-01-31 12:00:00+00",
                  "r1|silver.t|3|n|row_count|complete|1|0|10.5|at least 1 rows|pass|-|"
                  "2026-01-31 12:00:00+00"));
  const auto columns = session->describe(results_select(results, {.run_id = "r1"}));
  ASSERT_TRUE(columns) << columns.error().text();
  EXPECT_EQ(engine::delta_schema(*columns)->fields, results_schema().fields);
}

TEST_F(OpsTablesTest, a_measured_number_of_any_size_is_kept) {
  std::vector<RuleResult> results;
  for (const double value : {HUGE_VAL, -HUGE_VAL, std::nan(""), 1e300, 1e-9}) {
    results.push_back({.table = "gold.t", .rule = "r", .kind = "sql", .value = value});
  }

  EXPECT_THAT(lines(*session(), "select value from (" + results_select(results, {}) + ")"),
              ElementsAre("inf", "-inf", "nan", "1e+300", "1e-09"));
}

TEST_F(OpsTablesTest, older_versions_stay_visible_as_duplicates) {
  directory.view_map["bronze"]["t_raw"] = {
      .sql =
          "select id, updated_at, arrived::int as arrived, 'f' as _source_file, pos::bigint as "
          "_source_position "
          "from (values ('a', '2026-01-02', 1, 10), ('a', '2026-01-10', 1, 20), ('a', 'never', 9, "
          "30),"
          "('b', '2026-01-01', 1, 40), ('c', '2026-01-01', 1, 50), ('c', '2026-01-01', 2, 60),"
          "(null, '2026-01-01', 1, 70), (null, '2026-01-01', 1, 80)) as v (id, updated_at, "
          "arrived, pos)",
      .description = ""};
  auto model = silver({{"id", "VARCHAR"}}, "    set: {}\n");
  model.inputs = {"bronze.t_raw"};
  model.header.latest_by = {"TRY_CAST(updated_at AS TIMESTAMP)", "arrived"};
  auto session = this->session();

  EXPECT_THAT(
      lines(*session, "select _source_position, id, _version, _is_duplicate, _duplicate_of from (" +
                          versions_select(model) + ") order by 1"),
      ElementsAre("10|a|2|true|f#20", "20|a|1|false|-", "30|a|3|true|f#20", "50|c|2|true|f#60",
                  "60|c|1|false|-"));
  EXPECT_EQ(versions_view_name(model), "vw_t_versions");
}

TEST_F(OpsTablesTest, versions_work_for_keys_of_several_columns) {
  directory.view_map["bronze"]["t_raw"] = {.sql =
                                               "select a, b, n, 'f' as _source_file, n::bigint as "
                                               "_source_position from (values (1, 1, 1), "
                                               "(1, 1, 2), (1, 2, 3), (2, 1, 4)) as v (a, b, n)",
                                           .description = ""};
  auto model = silver({{"a", "INTEGER"}, {"b", "INTEGER"}}, "    set: {}\n");
  model.header.key = {"a", "b"};
  model.inputs = {"bronze.t_raw"};
  model.header.latest_by = {"n"};

  EXPECT_THAT(lines(*session(), "select n, _is_duplicate, _duplicate_of from (" +
                                    versions_select(model) + ") order by n"),
              ElementsAre("1|true|f#2", "2|false|-"));
  model.header.latest_by.clear();
  EXPECT_EQ(versions_select(model), "");
}

}  // namespace
}  // namespace claimlake::quality
