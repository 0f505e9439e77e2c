// Rows found by a key index must be the rows that a join finds, whatever happened to the table.
#include "engine/look_up.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "lake/counted_lake_for_test.h"
#include "lake/statement_for_test.h"

namespace claimlake::lake {
namespace {

using testing::Le;
using testing::SizeIs;

class LookUpTest : public StatementTestOf<testing::Test> {
 protected:
  // The rows that hold one of `keys`, found in both ways.
  void expect_same(const std::string& keys, bool few = true) {
    SCOPED_TRACE(keys);
    const auto version = newest();
    ASSERT_TRUE(session_->bind_version("gold.t", {version, "gold/t"}));
    ASSERT_TRUE(session_->execute("CREATE OR REPLACE TEMP TABLE keys AS " + keys));
    const auto found = session_->rows_of({"gold.t", {{{"k"}, "keys", {"v"}}}});
    ASSERT_TRUE(found) << found.error().text();
    EXPECT_EQ(found->few, few);
    const std::string places = "k, n, file_number, file_row_number";
    EXPECT_EQ(rows(fmt::format("SELECT {} FROM ({}) ORDER BY ALL", places, found->select)),
              rows(fmt::format("SELECT {} FROM gold.t WHERE k IN (SELECT v FROM keys) ORDER BY ALL",
                               places)));
    ASSERT_TRUE(session_->drop_source("gold.t"));
  }
  // 2,000 rows of 500 keys that lie anywhere; every 50th has none.
  void make_table() {
    ASSERT_EQ(run("CREATE TABLE gold.t TBLPROPERTIES ('delta.enableDeletionVectors' = 'true') AS "
                  "SELECT CASE WHEN i % 50 = 0 THEN NULL ELSE 'k' || (i * 7919 % 500) END AS k, i "
                  "AS n FROM range(2000) AS r(i)"),
              "");
  }
};

TEST_F(LookUpTest, finds_the_rows_of_keys_wherever_they_lie) {
  make_table();
  expect_same("SELECT 'k1' AS v");
  expect_same("SELECT 'k' || i AS v FROM range(400, 410) AS r(i)");
  expect_same("SELECT 'none' AS v UNION ALL SELECT NULL");
  expect_same("SELECT CAST(NULL AS VARCHAR) AS v");
  expect_same("SELECT 'k' || i AS v FROM range(20000) AS r(i)", false);  // sooner read at once
}

TEST_F(LookUpTest, values_may_be_any_text) {
  ASSERT_EQ(run("CREATE TABLE gold.t AS SELECT CASE i WHEN 1 THEN 'it''s' WHEN 2 THEN '' WHEN 3 "
                "THEN 'a\\nb' WHEN 4 THEN 'a' || chr(0) || 'b' WHEN 5 THEN 'a' WHEN 6 THEN '7' "
                "WHEN 7 THEN 'Zoë ☕' ELSE 'k' || i END AS k, i AS n FROM range(2000) AS r(i)"),
            "");
  expect_same("SELECT 'it''s' AS v UNION ALL SELECT '' UNION ALL SELECT 'a\\nb'");
  expect_same("SELECT 'a' || chr(0) || 'b' AS v");
  expect_same("SELECT 'Zoë ☕' AS v UNION ALL SELECT NULL UNION ALL SELECT 'k9'' OR TRUE --'");
}

TEST_F(LookUpTest, finds_what_changes_leave_and_what_a_restore_brings_back) {
  make_table();
  const std::string some = "SELECT 'k' || i AS v FROM range(20) AS r(i)";
  expect_same(some);
  ASSERT_EQ(run("DELETE FROM gold.t WHERE k = 'k3' AND n < 1000"), "");
  expect_same(some);
  ASSERT_EQ(run("UPDATE gold.t SET k = 'k4' WHERE k = 'k5'"), "");
  expect_same(some);
  for (int i = 0; i < 8; ++i) {  // more small files than are read without an index
    ASSERT_EQ(run(fmt::format("INSERT INTO gold.t VALUES ('k{}', {})", i, 5000 + i)), "");
    expect_same(some);
  }
  ASSERT_EQ(run("OPTIMIZE gold.t"), "");
  expect_same(some);
  ASSERT_EQ(run("RESTORE TABLE gold.t TO VERSION AS OF 0"), "");
  expect_same(some);
}

TEST_F(LookUpTest, finds_many_rows_few_of_a_large_file_and_most_of_small_ones) {
  ASSERT_EQ(run("CREATE TABLE gold.t TBLPROPERTIES ('delta.enableDeletionVectors' = 'true') AS "
                "SELECT 'k' || i AS k, i AS n FROM range(60000) AS r(i)"),
            "");
  for (int i = 0; i < 6; ++i) {
    ASSERT_EQ(run(fmt::format("INSERT INTO gold.t SELECT 'k' || i * 700, {0} * 1000 + i FROM "
                              "range(90) AS r(i)",
                              i)),
              "");
  }
  const std::string many = "SELECT 'k' || i * 700 AS v FROM range(100) AS r(i)";
  expect_same(many);
  ASSERT_TRUE(session_->bind_version("gold.t", {newest(), "gold/t"}));
  const auto found = session_->rows_of({"gold.t", {{{"k"}, "keys", {"v"}}}});
  ASSERT_TRUE(found) << found.error().text();
  EXPECT_THAT(found->select, testing::HasSubstr(" UNION ALL ")) << "a list, and whole files";
  ASSERT_TRUE(session_->drop_source("gold.t"));
  // Old versions of most rows of the large file count for nothing.
  ASSERT_EQ(run("UPDATE gold.t SET n = -n WHERE k IN (SELECT 'k' || i * 700 FROM range(80) AS "
                "r(i))"),
            "");
  expect_same(many);
  ASSERT_EQ(run("DELETE FROM gold.t WHERE n < -100"), "");
  expect_same(many);
}

TEST_F(LookUpTest, an_index_made_after_a_deletion_knows_the_rows_that_a_restore_brings_back) {
  make_table();
  ASSERT_EQ(run("DELETE FROM gold.t WHERE k = 'k3'"), "");
  expect_same("SELECT 'k3' AS v");
  ASSERT_EQ(run("RESTORE TABLE gold.t TO VERSION AS OF 0"), "");
  expect_same("SELECT 'k3' AS v");
}

TEST_F(LookUpTest, finds_rows_by_several_columns_and_in_several_ways) {
  make_table();
  ASSERT_TRUE(session_->bind_version("gold.t", {newest(), "gold/t"}));
  ASSERT_TRUE(session_->execute(
      "CREATE OR REPLACE TEMP TABLE a AS SELECT 'k419' AS x, 1 AS y UNION ALL SELECT 'k1', -1"));
  ASSERT_TRUE(
      session_->execute("CREATE OR REPLACE TEMP TABLE b AS SELECT CAST(77 AS BIGINT) AS m"));
  // 1 * 7919 % 500 = 419: the first pair is that of row 1, and of the second there is none.
  const auto pair = session_->rows_of({"gold.t", {{{"k", "n"}, "a", {"x", "y"}}}});
  ASSERT_TRUE(pair) << pair.error().text();
  EXPECT_TRUE(pair->few);
  EXPECT_EQ(rows("SELECT n FROM (" + pair->select + ")"), "1 ");
  const auto any =
      session_->rows_of({"gold.t", {{{"k", "n"}, "a", {"x", "y"}}, {{"n"}, "b", {"m"}}}});
  ASSERT_TRUE(any) << any.error().text();
  EXPECT_EQ(rows("SELECT n FROM (" + any->select + ") ORDER BY n"), "1 77 ");
}

TEST_F(LookUpTest, what_was_indexed_is_not_read_again) {
  for (int i = 0; i < 6; ++i) {
    ASSERT_EQ(run(fmt::format("{} SELECT 'k' || (i % 97) AS k, i AS n FROM range({}, {}) AS r(i)",
                              i == 0 ? "CREATE TABLE gold.t AS" : "INSERT INTO gold.t", i * 1000,
                              i * 1000 + 1000)),
              "");
  }
  CountedLake lake(store_, clock_, random_);
  const auto version = *lake.lake.snapshot({"gold", "t"});
  ASSERT_TRUE(lake.session->bind_version("gold.t", {version, "gold/t"}));
  ASSERT_TRUE(lake.session->execute("CREATE TEMP TABLE keys AS SELECT CAST(3500 AS BIGINT) AS v"));
  const engine::LookUp look_up{"gold.t", {{{"n"}, "keys", {"v"}}}};
  ASSERT_TRUE(lake.session->rows_of(look_up));
  lake.store.reset();
  const auto found = lake.session->rows_of(look_up);
  ASSERT_TRUE(found) << found.error().text();
  EXPECT_THAT(lake.files_opened(), SizeIs(0));
  EXPECT_EQ(lake.rows("SELECT k FROM (" + found->select + ")"), "k8 ");  // 3500 % 97
  EXPECT_THAT(lake.files_opened().size(), Le(1U));
}

}  // namespace
}  // namespace claimlake::lake
