// Tables of an environment that share files with main, and what main does to these.
#include "lake/environment_files.h"

#include <gmock/gmock.h>

#include "lake/statement_for_test.h"
#include "store/environment.h"

namespace claimlake::lake {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class EnvironmentFilesTest : public StatementTest {
 protected:
  EnvironmentFilesTest() {
    engine_dev_ = *engine::open_engine({.threads = 1, .spill_folder = "", .random = &random_},
                                       *store_dev_, clock_);
    dev_.emplace(LakeContext{*store_dev_, clock_, random_, engine_dev_->parquet_io(), "tester"});
    engine_dev_->attach(*dev_);
    session_dev_ = *engine_dev_->session({.access = engine::Access::kInternal});
  }
  void SetUp() override {
    ASSERT_EQ(run("CREATE TABLE s AS SELECT range AS id FROM range(4)"), "");
    ASSERT_EQ(run("ALTER TABLE s SET TBLPROPERTIES ('delta.enableDeletionVectors' = 'true')"), "");
    ASSERT_EQ(run("DELETE FROM s WHERE id = 3"), "");
  }
  std::string in_dev(const std::string& sql) {
    const auto statement = parse_table_statement(sql);
    const auto answer = run_table_statement(*dev_, *session_dev_, **statement, "run-1");
    return answer ? "" : answer.error().text();
  }
  std::string ids_in_dev(const std::string& table) {
    const auto found = session_dev_->query("SELECT string_agg(id, ' ' ORDER BY id) FROM " + table);
    if (!found) return found.error().text();
    return engine::read_all(**found)->rows.at(0).at(0).value_or("none");
  }

  std::unique_ptr<store::Store> store_dev_ = store::make_environment_store(store_, "dev");
  std::unique_ptr<engine::Engine> engine_dev_;
  std::optional<Lake> dev_;
  std::unique_ptr<engine::Session> session_dev_;
};

TEST_F(EnvironmentFilesTest, a_clone_of_main_names_the_files_where_everybody_finds_them) {
  ASSERT_EQ(in_dev("CREATE TABLE gold.s SHALLOW CLONE gold__main.s"), "");

  EXPECT_EQ(ids_in_dev("gold.s"), "0 1 2");
  const auto clone = *dev_->snapshot({"gold", "s"});
  ASSERT_EQ(clone->files().size(), 1u);
  EXPECT_TRUE(clone->files()[0].path.starts_with("memory:/gold/s/")) << clone->files()[0].path;
  ASSERT_EQ(in_dev("INSERT INTO gold.s VALUES (7)"), "");
  ASSERT_EQ(in_dev("DELETE FROM gold.s WHERE id = 0"), "");
  EXPECT_EQ(ids_in_dev("gold.s"), "1 2 7");
  EXPECT_EQ(ids_in_dev("gold__main.s"), "0 1 2");
  EXPECT_EQ(rows("SELECT id FROM gold.s ORDER BY id"), "0 1 2 ");
  // A clone of the clone names the first files, too.
  ASSERT_EQ(in_dev("CREATE TABLE gold.t SHALLOW CLONE gold.s"), "");
  EXPECT_EQ(ids_in_dev("gold.t"), "1 2 7");
}

TEST_F(EnvironmentFilesTest, main_is_not_changed_from_an_environment) {
  for (const char* statement :
       {"DELETE FROM gold__main.s WHERE id = 1", "DROP TABLE gold__main.s",
        "INSERT INTO gold__main.s VALUES (9)", "TRUNCATE TABLE gold__main.s"}) {
    EXPECT_THAT(in_dev(statement), HasSubstr("without --env")) << statement;
  }
  EXPECT_EQ(rows("SELECT id FROM gold.s ORDER BY id"), "0 1 2 ");
  EXPECT_EQ(dev_->all_tables(), std::vector<TableName>());
  EXPECT_EQ(lake_->all_tables(), (std::vector<TableName>{{"gold", "s"}}));
}

// Made while the lake was opened by a link to its folder, say: the files may be those of main.
TEST_F(EnvironmentFilesTest, files_named_by_another_path_of_the_lake_stop_vacuum) {
  ASSERT_EQ(in_dev("CREATE TABLE gold.s SHALLOW CLONE gold__main.s"), "");
  const std::string commit = "environments/dev/gold/s/_delta_log/00000000000000000000.json";
  auto text = store_.read(commit);
  ASSERT_TRUE(text);
  const std::string here = "memory:/gold/";
  for (auto at = text->find(here); at != std::string::npos; at = text->find(here, at)) {
    text->replace(at, here.size(), "file:/link/gold/");
  }
  ASSERT_TRUE(store_.remove(commit));
  ASSERT_TRUE(store_.put(commit, *text));
  clock_.advance(24h * 30);

  EXPECT_THAT(run("VACUUM s"), HasSubstr("environment dev shares"));
}

TEST_F(EnvironmentFilesTest, vacuum_of_main_keeps_what_an_environment_reads) {
  ASSERT_EQ(in_dev("CREATE TABLE gold.s SHALLOW CLONE gold__main.s"), "");
  ASSERT_EQ(run("CREATE OR REPLACE TABLE s AS SELECT 9 AS id"), "");
  clock_.advance(24h * 30);

  ASSERT_EQ(run("VACUUM s"), "");

  EXPECT_EQ(ids_in_dev("gold.s"), "0 1 2");
  const std::string shared = (*dev_->snapshot({"gold", "s"}))->files()[0].path.substr(8);
  EXPECT_TRUE(store_.head(shared));
  // Once the environment has let go of them, they go.
  ASSERT_EQ(in_dev("CREATE OR REPLACE TABLE gold.s AS SELECT 8 AS id"), "");
  clock_.advance(24h * 30);
  ASSERT_EQ(run("VACUUM s"), "");
  EXPECT_FALSE(store_.head(shared));
  EXPECT_EQ(ids_in_dev("gold.s"), "8");
}

TEST_F(EnvironmentFilesTest, a_table_that_an_environment_reads_is_not_dropped) {
  ASSERT_EQ(in_dev("CREATE TABLE gold.other SHALLOW CLONE gold__main.s"), "");

  const std::string said = run("DROP TABLE s");

  EXPECT_THAT(said, HasSubstr("The environment dev shares 2 of the files of gold.s"));
  EXPECT_THAT(said, HasSubstr("claimlake env drop dev"));
  ASSERT_EQ(in_dev("DROP TABLE gold.other"), "");
  EXPECT_EQ(run("DROP TABLE s"), "");
}

TEST_F(EnvironmentFilesTest, a_damaged_table_of_an_environment_keeps_main_from_deleting) {
  ASSERT_EQ(in_dev("CREATE TABLE gold.s SHALLOW CLONE gold__main.s"), "");
  const std::string entry = "gold/s/_delta_log/00000000000000000000.json";
  const std::string good = *store_dev_->read(entry);
  ASSERT_TRUE(store_dev_->put(entry, "{"));
  clock_.advance(24h * 30);

  EXPECT_THAT(run("VACUUM s"), HasSubstr("of the environment dev"));

  ASSERT_TRUE(store_dev_->put(entry, good));
}

}  // namespace
}  // namespace claimlake::lake
