#include <gmock/gmock.h>

#include "lake/statement_for_test.h"

namespace claimlake::lake {
namespace {

using testing::HasSubstr;

// INSERT in the place of rows, on tables with deletion vectors and a change feed or without both.
class OverwriteTest : public StatementTestOf<testing::TestWithParam<bool>> {
 protected:
  OverwriteTest() {
    const std::string on = GetParam() ? "true" : "false";
    EXPECT_EQ(run("CREATE TABLE t (id BIGINT, kind STRING) TBLPROPERTIES "
                  "('delta.enableDeletionVectors' = '" +
                  on + "', 'delta.enableChangeDataFeed' = '" + on + "')"),
              "");
    EXPECT_EQ(run("INSERT INTO t VALUES (1, 'a'), (2, 'b'), (3, 'a')"), "");
    EXPECT_EQ(run("INSERT INTO t VALUES (4, 'b')"), "");
  }
  std::string all_rows() { return rows("SELECT * FROM gold.t ORDER BY ALL"); }
};

INSTANTIATE_TEST_SUITE_P(, OverwriteTest, testing::Bool(), [](const auto& info) {
  return info.param ? "vectors_and_feed" : "plain";
});

TEST_P(OverwriteTest, overwrite_leaves_only_the_new_rows) {
  ASSERT_EQ(run("INSERT OVERWRITE TABLE t SELECT id + 10, kind FROM gold.t WHERE id < 3"), "");
  EXPECT_EQ(all_rows(), "11 a 12 b ");
  ASSERT_EQ(run("INSERT OVERWRITE t (id) VALUES (5)"), "");
  EXPECT_EQ(all_rows(), "5 - ");
  EXPECT_EQ((*lake_->snapshot({"gold", "t"}))->version(), 4);
  EXPECT_EQ(rows("SELECT * FROM gold.t VERSION AS OF 2 x ORDER BY ALL"), "1 a 2 b 3 a 4 b ");
  const auto newest = (*lake_->history({"gold", "t"}, 1))[0];
  EXPECT_EQ(newest.info.parameters.at("mode"), "\"Overwrite\"");
}

TEST_P(OverwriteTest, replace_where_leaves_the_rows_that_do_not_meet_the_condition) {
  ASSERT_EQ(run("INSERT INTO t REPLACE WHERE kind = 'a' SELECT 7, 'a' UNION ALL SELECT 8, 'a'"),
            "");
  EXPECT_EQ(all_rows(), "2 b 4 b 7 a 8 a ");
  EXPECT_THAT(run("INSERT INTO t REPLACE WHERE kind = 'a' VALUES (9, 'b')"),
              HasSubstr("A row breaks the condition of REPLACE WHERE"));
  EXPECT_EQ(all_rows(), "2 b 4 b 7 a 8 a ");
  ASSERT_EQ(run("INSERT INTO t REPLACE WHERE id > 100 VALUES (200, 'z')"), "");
  EXPECT_EQ(all_rows(), "2 b 4 b 7 a 8 a 200 z ");
}

TEST_P(OverwriteTest, what_cannot_be_read_is_told) {
  EXPECT_THAT(run("INSERT OVERWRITE t SELEC 1"), HasSubstr("The rows that are to come"));
  EXPECT_THAT(run("INSERT INTO t REPLACE WHERE SELECT 1, 'a'"), HasSubstr("something more"));
  EXPECT_THAT(run("INSERT INTO t REPLACE WHERE kind = SELECT 1, 'a'"), HasSubstr("a condition"));
  EXPECT_EQ(all_rows(), "1 a 2 b 3 a 4 b ");
}

}  // namespace
}  // namespace claimlake::lake
