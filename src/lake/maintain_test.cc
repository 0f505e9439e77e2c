#include "lake/maintain.h"

#include <gmock/gmock.h>

#include "check/clean_for_test.h"
#include "engine/engine.h"
#include "lake/table_statement.h"
#include "store/memory_store.h"

namespace claimlake::lake {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

class MaintainTest : public testing::Test {
 protected:
  MaintainTest() {
    engine_ = *engine::open_engine({.threads = 2, .spill_folder = "", .random = &random_}, store_,
                                   clock_);
    lake_.emplace(LakeContext{store_, clock_, random_, engine_->parquet_io(), "tester"});
    engine_->attach(*lake_);
    session_ = *engine_->session({.access = engine::Access::kInternal});
  }
  void TearDown() override {
    check::expect_tables_keep_to_the_protocol(store_, *engine_, clock_, random_);
  }

  // The answer as "a|b" lines, or the error's text.
  std::vector<std::string> run(const std::string& sql) {
    clock_.advance(1min);
    const auto statement = parse_table_statement(sql);
    if (!statement) return {statement.error().text()};
    if (!*statement) return {"this is no statement about a table"};
    const auto answer = run_table_statement(*lake_, *session_, **statement, "run-1");
    if (!answer) return {answer.error().text()};
    return lines(*answer);
  }
  static std::vector<std::string> lines(const engine::TextTable& table) {
    std::vector<std::string> out;
    for (const auto& row : table.rows) {
      std::string line;
      for (const auto& cell : row) line += (line.empty() ? "" : "|") + cell.value_or("-");
      out.push_back(line);
    }
    return out;
  }
  std::vector<std::string> rows(const std::string& at = "") {
    auto rows = session_->query("SELECT * FROM gold.t " + at + " ORDER BY ALL");
    if (!rows) return {rows.error().text()};
    const auto table = engine::read_all(**rows);
    return table ? lines(*table) : std::vector<std::string>{table.error().text()};
  }
  delta::SnapshotPtr newest() { return *lake_->snapshot({"gold", "t"}); }
  std::size_t objects() const {
    return static_cast<std::size_t>(std::ranges::count_if(
        *store_.list_all("gold/t"),
        [](const auto& object) { return object.path.find("_delta_log") == std::string::npos; }));
  }

  SimClock clock_{Timestamp{1767954660s}};  // 2026-01-09 10:31:00 UTC
  SeededRandom random_{7};
  store::MemoryStore store_{clock_};
  std::unique_ptr<engine::Engine> engine_;
  std::optional<Lake> lake_;
  std::unique_ptr<engine::Session> session_;
};

TEST_F(MaintainTest, restore_brings_back_rows_columns_and_properties) {
  run("CREATE TABLE t AS SELECT i AS id FROM range(4) r(i)");
  run("DELETE FROM t WHERE id = 1");
  run("ALTER TABLE t ADD COLUMN note STRING");
  run("INSERT INTO t VALUES (9, 'new')");

  run("RESTORE TABLE t TO VERSION AS OF 1");

  EXPECT_EQ(newest()->version(), 4);
  EXPECT_THAT(rows(), ElementsAre("0", "2", "3"));
  EXPECT_THAT(rows("AT (VERSION => 3)"), ElementsAre("0|-", "2|-", "3|-", "9|new"));
  run("RESTORE t TO TIMESTAMP AS OF '2026-01-09 10:32:30'");
  EXPECT_THAT(rows(), ElementsAre("0", "1", "2", "3"));
  run("RESTORE t TO VERSION AS OF 3");
  EXPECT_THAT(rows(), ElementsAre("0|-", "2|-", "3|-", "9|new"));
}

TEST_F(MaintainTest, restoring_what_is_there_makes_no_version) {
  run("CREATE TABLE t AS SELECT 1 AS id");

  run("RESTORE t TO VERSION AS OF 0");

  EXPECT_EQ(newest()->version(), 0);
  EXPECT_THAT(run("RESTORE t TO VERSION AS OF 7"), ElementsAre(HasSubstr("no version 7")));
  EXPECT_THAT(run("RESTORE t TO VERSION AS OF soon"), ElementsAre(HasSubstr("a whole number")));
}

TEST_F(MaintainTest, optimize_makes_one_file_of_many_and_changes_no_row) {
  run("CREATE TABLE t AS SELECT CAST(0 AS BIGINT) AS id");
  for (int i = 1; i < 5; ++i) run("INSERT INTO t VALUES (" + std::to_string(i) + ")");
  run("DELETE FROM t WHERE id = 3");
  const auto before = rows();

  run("OPTIMIZE t");

  EXPECT_EQ(newest()->files().size(), 1u);
  EXPECT_EQ(rows(), before);
  const auto version = newest()->version();
  run("OPTIMIZE t");
  EXPECT_EQ(newest()->version(), version) << "there is nothing left to do";
  const auto info = (*lake_->history({"gold", "t"}, 1))[0].info;
  EXPECT_EQ(info.operation, "OPTIMIZE");
  EXPECT_EQ(info.parameters.at("predicate"), R"("[]")") << "Spark takes texts only";
}

TEST_F(MaintainTest, optimize_writes_a_file_anew_that_lost_many_rows) {
  run("CREATE TABLE t AS SELECT i AS id FROM range(100) r(i)");
  run("DELETE FROM t WHERE id >= 90");
  ASSERT_TRUE(newest()->files()[0].deletion_vector);

  run("OPTIMIZE t");

  EXPECT_FALSE(newest()->files()[0].deletion_vector);
  EXPECT_EQ(newest()->row_count(), 90);
}

TEST_F(MaintainTest, optimize_keeps_partitions_apart_and_to_those_that_are_meant) {
  run("CREATE TABLE t PARTITIONED BY (kind) AS SELECT i AS id, i % 2 AS kind FROM range(4) r(i)");
  run("INSERT INTO t SELECT i, i % 2 FROM range(4, 8) r(i)");

  run("OPTIMIZE t WHERE kind = 1");
  EXPECT_EQ(newest()->files().size(), 3u);
  run("OPTIMIZE t");
  EXPECT_EQ(newest()->files().size(), 2u);
  EXPECT_EQ(newest()->row_count(), 8);
}

TEST_F(MaintainTest, vacuum_deletes_what_no_version_within_the_retention_needs) {
  run("CREATE TABLE t AS SELECT i AS id FROM range(10) r(i)");
  run("INSERT INTO t VALUES (100)");
  run("DELETE FROM t WHERE id = 100");  // its file leaves the table
  run("DELETE FROM t WHERE id < 3");    // a deletion vector
  ASSERT_EQ(objects(), 3u);

  EXPECT_THAT(run("VACUUM t"), ElementsAre("0|0")) << "all is young";
  clock_.advance(24h * 8);
  EXPECT_EQ(run("VACUUM t DRY RUN").size(), 1u);
  EXPECT_EQ(objects(), 3u);
  run("VACUUM t");

  EXPECT_EQ(objects(), 2u);  // a file and its vector
  EXPECT_EQ(newest()->row_count(), 7);
  EXPECT_THAT(rows("WHERE id < 5"), ElementsAre("3", "4"));
  EXPECT_THAT(run("RESTORE t TO VERSION AS OF 1"), ElementsAre(HasSubstr("it was vacuumed")));
  EXPECT_THAT(run("RESTORE t TO VERSION AS OF 2"), ElementsAre(HasSubstr("|")));
}

TEST_F(MaintainTest, vacuum_keeps_what_was_removed_lately_and_what_nobody_has_committed_yet) {
  run("CREATE TABLE t AS SELECT i AS id FROM range(10) r(i)");
  clock_.advance(24h * 8);
  run("DELETE FROM t");  // the file is old, its removal is not
  ASSERT_TRUE(store_.put("gold/t/staged.parquet", "a writer at work"));
  ASSERT_TRUE(store_.put("gold/t/_other/x.parquet", "not of the table's rows"));

  run("VACUUM t");
  EXPECT_EQ(objects(), 3u);
  clock_.advance(24h * 8);
  run("VACUUM t");
  EXPECT_EQ(objects(), 1u);
  EXPECT_TRUE(store_.head("gold/t/_other/x.parquet"));
}

TEST_F(MaintainTest, vacuum_refuses_a_retention_shorter_than_the_tables) {
  run("CREATE TABLE t AS SELECT 1 AS id");

  EXPECT_THAT(run("VACUUM t RETAIN 24 HOURS"), ElementsAre(HasSubstr("168 hours")));
  run("ALTER TABLE t SET TBLPROPERTIES ('delta.deletedFileRetentionDuration' = 'interval 1 day')");
  EXPECT_THAT(run("VACUUM t RETAIN 24 HOURS"), ElementsAre("0|0"));
}

}  // namespace
}  // namespace claimlake::lake
