#include "quality/test_run.h"

#include <gmock/gmock.h>

#include "quality/fixture_for_test.h"

namespace claimlake::quality {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// A pack of one Silver model over one Bronze table, with a parent that a rule reads, and of two
// Gold models behind it.
class TestRunTest : public QualityTest {
 protected:
  TestRunTest() {
    pack::Model raw;
    raw.name = "bronze.t_raw";
    raw.schema = "bronze";
    raw.columns = {{.name = "id", .type = "VARCHAR"},
                   {.name = "n", .type = "INTEGER"},
                   {.name = "share", .type = "DOUBLE"},
                   {.name = "parent", .type = "VARCHAR"}};
    pack::Model parents;
    parents.name = "silver.p";
    parents.schema = "silver";
    parents.columns = {{.name = "id", .type = "VARCHAR"}};
    pack::Model t =
        silver({{"id", "VARCHAR"}, {"n", "INTEGER"}, {"share", "DOUBLE"}, {"parent", "VARCHAR"}},
               "    row:\n"
               "      n_positive: {sql: \"n > 0\", else: quarantine}\n"
               "      n_small: {column: n, between: [null, 9], else: flag}\n"
               "      parent_exists: {column: parent, exists_in: silver.p.id, else: quarantine}\n");
    t.sql = "WITH newest AS (SELECT * FROM bronze.t_raw) SELECT id, n, share, parent FROM newest";
    t.inputs = {"bronze.t_raw"};
    t.rule_inputs = {"silver.p"};
    // The report reads sums, and these read rows.
    pack::Model sums = gold("gold.sums", {{"parent", "VARCHAR"}, {"rows", "BIGINT"}},
                            "SELECT parent, COUNT(*) AS rows FROM silver.t GROUP BY parent");
    sums.inputs = {"silver.t"};
    pack::Model report =
        gold("gold.report", {{"most", "BIGINT"}}, "SELECT MAX(rows) AS most FROM gold.sums");
    report.inputs = {"gold.sums"};
    pack.models = {raw, parents, t, sums, report};
  }

  static pack::Model gold(const std::string& name, const std::vector<pack::ColumnDoc>& columns,
                          const std::string& sql) {
    pack::Model model;
    model.name = name;
    model.schema = "gold";
    model.columns = columns;
    model.sql = sql;
    return model;
  }

  // "rows key column expected actual" of each difference, absent values as "-".
  std::vector<std::string> run(const std::string& statements,
                               const std::string& model = "silver.t") {
    const auto tests = pack::parse_tests(
        "/* claimlake\ntest: T\nmodel: " + model + "\n*/\n" + statements, "t.sql");
    if (!tests) return {failure(tests.error())};
    auto runner = TestRunner::open(*engine, pack);
    if (!runner) return {failure(runner.error())};
    const auto differences = runner->run(tests->front());
    if (!differences) return {differences.error().where + " " + differences.error().message};
    std::vector<std::string> out;
    for (const TestDifference& each : *differences) {
      out.push_back(each.rows + " " + each.key + " " + each.column + " " +
                    each.expected.value_or("-") + " " + each.actual.value_or("-"));
    }
    return out;
  }

  pack::Pack pack;
};

TEST_F(TestRunTest, holds_where_all_that_comes_out_is_expected_in_any_order) {
  EXPECT_THAT(run("INSERT INTO bronze.t_raw (id, n) VALUES ('a', 1), ('b', 2), ('c', 0);"
                  "INSERT INTO expected (id, n, _is_valid) VALUES ('b', 2, true), ('a', 1, true);"
                  "INSERT INTO refused (id, rules) VALUES ('c', 'n_positive');"),
              IsEmpty());
}

TEST_F(TestRunTest, names_key_and_column_of_what_differs) {
  EXPECT_THAT(run("INSERT INTO bronze.t_raw (id, n) VALUES ('a', 1), ('b', 12), ('d', 3);"
                  "INSERT INTO expected (id, n, _dq) VALUES ('a', 5, NULL), ('b', 12, NULL),"
                  " ('c', 1, NULL);"),
              ElementsAre("expected a n 5 1", "expected b _dq - [n_small]", "expected c  there -",
                          "expected d  - there"));
}

TEST_F(TestRunTest, a_refused_row_that_no_test_names_is_a_difference) {
  EXPECT_THAT(run("INSERT INTO bronze.t_raw (id, n, parent) VALUES ('a', -1, 'x')"),
              ElementsAre("refused a  - there"));
  EXPECT_THAT(run("INSERT INTO bronze.t_raw (id, n, parent) VALUES ('a', -1, 'x');"
                  "INSERT INTO refused (id, rules) VALUES ('a', 'n_positive')"),
              ElementsAre("refused a rules n_positive n_positive, parent_exists"));
}

TEST_F(TestRunTest, parents_are_given_rows_and_not_those_of_a_lake) {
  add_table("silver.p", {"id"});
  const std::string rows =
      "INSERT INTO bronze.t_raw (id, parent) VALUES ('a', 'x');"
      "INSERT INTO expected (id) VALUES ('a');";

  EXPECT_THAT(run(rows), ElementsAre("expected a  there -", "refused a  - there"));
  EXPECT_THAT(run(rows + "INSERT INTO silver.p (id) VALUES ('x')"), IsEmpty());
}

TEST_F(TestRunTest, doubles_are_compared_to_nine_digits_and_all_else_exactly) {
  const std::string given = "INSERT INTO bronze.t_raw (id, share) VALUES ('a', 0.1 + 0.2);";

  EXPECT_THAT(run(given + "INSERT INTO expected (id, share) VALUES ('a', 0.3)"), IsEmpty());
  EXPECT_THAT(run(given + "INSERT INTO expected (id, share) VALUES ('a', 0.3001)"),
              ElementsAre(HasSubstr("expected a share 0.3001 0.3")));
}

TEST_F(TestRunTest, rows_without_their_key_are_compared_as_a_whole) {
  EXPECT_THAT(run("INSERT INTO bronze.t_raw (id, n) VALUES ('a', 1), ('b', 1);"
                  "INSERT INTO expected (n) VALUES (1), (2)"),
              ElementsAre("expected 2  there -", "expected 1  - there"));
}

TEST_F(TestRunTest, a_table_of_the_same_layer_follows_from_the_rows_behind_it) {
  EXPECT_THAT(run("INSERT INTO silver.t (id, parent) VALUES ('a', 'x'), ('b', 'x'), ('c', 'y');"
                  "INSERT INTO expected (most) VALUES (2)",
                  "gold.report"),
              IsEmpty());
  EXPECT_THAT(run("INSERT INTO gold.sums (parent, rows) VALUES ('x', 7);"
                  "INSERT INTO expected (most) VALUES (7)",
                  "gold.report"),
              IsEmpty());
}

TEST_F(TestRunTest, says_where_given_rows_are_wrong) {
  EXPECT_THAT(run("INSERT INTO bronze.t_raw (idd) VALUES ('a')"),
              ElementsAre("t.sql:5:1 bronze.t_raw has no column idd (did you mean id?)"));
  EXPECT_THAT(run("INSERT INTO bronze.t_raw (id)\nVALUES ('a'), (b)"),
              ElementsAre(HasSubstr("t.sql:6:16 ")));
  EXPECT_THAT(run("INSERT INTO bronze.t_raw (n) VALUES ('many')"),
              ElementsAre(HasSubstr("t.sql:5:30 ")));
  EXPECT_THAT(run("INSERT INTO bronze.t_raw (id) SELECT * FROM read_csv('a.csv')"),
              ElementsAre(HasSubstr("t.sql:5:45 Cannot access file")));
}

}  // namespace
}  // namespace claimlake::quality
