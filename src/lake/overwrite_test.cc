#include <gmock/gmock.h>

#include "check/clean_for_test.h"
#include "engine/engine.h"
#include "lake/table_statement.h"
#include "store/memory_store.h"

namespace claimlake::lake {
namespace {

using testing::HasSubstr;

// INSERT in the place of rows, on tables with deletion vectors and a change feed or without both.
class OverwriteTest : public testing::TestWithParam<bool> {
 protected:
  OverwriteTest() {
    engine_ = *engine::open_engine({.threads = 2, .spill_folder = "", .random = &random_}, store_,
                                   clock_);
    lake_.emplace(LakeContext{store_, clock_, random_, engine_->parquet_io(), "tester"});
    engine_->attach(*lake_);
    session_ = *engine_->session({.access = engine::Access::kInternal});
    const std::string on = GetParam() ? "true" : "false";
    EXPECT_EQ(run("CREATE TABLE t (id BIGINT, kind STRING) TBLPROPERTIES "
                  "('delta.enableDeletionVectors' = '" +
                  on + "', 'delta.enableChangeDataFeed' = '" + on + "')"),
              "");
    EXPECT_EQ(run("INSERT INTO t VALUES (1, 'a'), (2, 'b'), (3, 'a')"), "");
    EXPECT_EQ(run("INSERT INTO t VALUES (4, 'b')"), "");
  }
  void TearDown() override {
    check::expect_tables_keep_to_the_protocol(store_, *engine_, clock_, random_);
  }

  std::string run(const std::string& sql) {
    const auto statement = parse_table_statement(sql);
    if (!statement) return statement.error().text();
    if (!*statement) return "this is no statement about a table";
    const auto answer = run_table_statement(*lake_, *session_, **statement, "run-1");
    return answer ? "" : answer.error().text();
  }
  std::string rows(const std::string& sql = "SELECT * FROM gold.t ORDER BY ALL") {
    auto rows = session_->query(sql);
    if (!rows) return rows.error().text();
    const auto table = engine::read_all(**rows);
    if (!table) return table.error().text();
    std::string out;
    for (const auto& row : table->rows) {
      for (const auto& cell : row) out += cell.value_or("-");
      out += " ";
    }
    return out;
  }

  SimClock clock_;
  SeededRandom random_{7};
  store::MemoryStore store_{clock_};
  std::unique_ptr<engine::Engine> engine_;
  std::optional<Lake> lake_;
  std::unique_ptr<engine::Session> session_;
};

INSTANTIATE_TEST_SUITE_P(, OverwriteTest, testing::Bool(), [](const auto& info) {
  return info.param ? "vectors_and_feed" : "plain";
});

TEST_P(OverwriteTest, overwrite_leaves_only_the_new_rows) {
  ASSERT_EQ(run("INSERT OVERWRITE TABLE t SELECT id + 10, kind FROM gold.t WHERE id < 3"), "");
  EXPECT_EQ(rows(), "11a 12b ");
  ASSERT_EQ(run("INSERT OVERWRITE t (id) VALUES (5)"), "");
  EXPECT_EQ(rows(), "5- ");
  EXPECT_EQ((*lake_->snapshot({"gold", "t"}))->version(), 4);
  EXPECT_EQ(rows("SELECT * FROM gold.t VERSION AS OF 2 x ORDER BY ALL"), "1a 2b 3a 4b ");
  const auto newest = (*lake_->history({"gold", "t"}, 1))[0];
  EXPECT_EQ(newest.info.parameters.at("mode"), "\"Overwrite\"");
}

TEST_P(OverwriteTest, replace_where_leaves_the_rows_that_do_not_meet_the_condition) {
  ASSERT_EQ(run("INSERT INTO t REPLACE WHERE kind = 'a' SELECT 7, 'a' UNION ALL SELECT 8, 'a'"),
            "");
  EXPECT_EQ(rows(), "2b 4b 7a 8a ");
  EXPECT_THAT(run("INSERT INTO t REPLACE WHERE kind = 'a' VALUES (9, 'b')"),
              HasSubstr("A row breaks the condition of REPLACE WHERE"));
  EXPECT_EQ(rows(), "2b 4b 7a 8a ");
  ASSERT_EQ(run("INSERT INTO t REPLACE WHERE id > 100 VALUES (200, 'z')"), "");
  EXPECT_EQ(rows(), "2b 4b 7a 8a 200z ");
}

TEST_P(OverwriteTest, what_cannot_be_read_is_told) {
  EXPECT_THAT(run("INSERT OVERWRITE t SELEC 1"), HasSubstr("The rows that are to come"));
  EXPECT_THAT(run("INSERT INTO t REPLACE WHERE SELECT 1, 'a'"), HasSubstr("something more"));
  EXPECT_THAT(run("INSERT INTO t REPLACE WHERE kind = SELECT 1, 'a'"), HasSubstr("a condition"));
  EXPECT_EQ(rows(), "1a 2b 3a 4b ");
}

}  // namespace
}  // namespace claimlake::lake
