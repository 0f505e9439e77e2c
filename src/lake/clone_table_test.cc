#include "lake/clone_table.h"

#include <gmock/gmock.h>

#include "lake/statement_for_test.h"

namespace claimlake::lake {
namespace {

using namespace std::chrono_literals;
using testing::Each;
using testing::HasSubstr;
using testing::StartsWith;

class CloneTest : public StatementTest {
 protected:
  void SetUp() override {
    ASSERT_EQ(run("CREATE TABLE s PARTITIONED BY (k) TBLPROPERTIES (team = 'a') AS SELECT i AS id, "
                  "'x y:' || (i % 2) AS k FROM range(6) r(i)"),
              "");
    ASSERT_EQ(run("DELETE FROM s WHERE id = 2"), "");
    ASSERT_EQ(run("INSERT INTO s VALUES (7, 'new')"), "");
  }
  std::string ids(const std::string& from) {
    return rows("SELECT id FROM gold." + from + " ORDER BY id");
  }
  std::vector<std::string> objects(const std::string& folder) {
    const auto listed = store_.list_all(folder);
    std::vector<std::string> out;
    for (const auto& object : *listed) out.push_back(object.path);
    return out;
  }
  static std::vector<std::string> paths(const delta::Snapshot& table) {
    std::vector<std::string> out;
    for (const delta::AddFile& file : table.files()) out.push_back(file.path);
    return out;
  }
};

TEST_F(CloneTest, a_clone_has_the_rows_and_copies_none) {
  ASSERT_EQ(run("CREATE TABLE t SHALLOW CLONE s"), "");

  EXPECT_EQ(ids("t"), "0 1 3 4 5 7 ");
  for (const std::string& path : objects("gold/t")) EXPECT_THAT(path, HasSubstr("/_delta_log/"));
  EXPECT_THAT(paths(*newest()), Each(StartsWith("memory:/gold/s/k=")));
  EXPECT_NE(newest()->metadata().id, newest("s")->metadata().id);
  EXPECT_EQ(newest()->metadata().configuration, newest("s")->metadata().configuration);
  EXPECT_EQ(newest()->metadata().partition_columns, newest("s")->metadata().partition_columns);
  EXPECT_EQ(newest()->protocol(), newest("s")->protocol());
  const auto info = (*lake_->history({"gold", "t"}, 1))[0].info;
  EXPECT_EQ(info.operation, "CLONE");
  EXPECT_EQ(info.parameters.at("source"), R"("gold.s")");
  EXPECT_EQ(info.parameters.at("sourceVersion"), "2");
  EXPECT_EQ(rows("SELECT count(*) FROM gold.t WHERE k = 'x y:1'"), "3 ");
}

TEST_F(CloneTest, an_old_version_is_cloned) {
  ASSERT_EQ(run("CREATE TABLE t SHALLOW CLONE s VERSION AS OF 0 TBLPROPERTIES (colour = 'red')"),
            "");
  EXPECT_EQ(ids("t"), "0 1 2 3 4 5 ");
  EXPECT_EQ(newest()->metadata().configuration.at("colour"), "red");

  EXPECT_EQ(run("CREATE TABLE IF NOT EXISTS t SHALLOW CLONE s"), "");
  EXPECT_EQ(ids("t"), "0 1 2 3 4 5 ");
  EXPECT_THAT(run("CREATE TABLE t SHALLOW CLONE s"), HasSubstr("There is a table gold.t already"));
  EXPECT_EQ(run("CREATE OR REPLACE TABLE t SHALLOW CLONE s VERSION AS OF 1"), "");
  EXPECT_EQ(ids("t"), "0 1 3 4 5 ");
  EXPECT_EQ(ids("t AT (VERSION => 0)"), "0 1 2 3 4 5 ");
  EXPECT_THAT(run("CREATE TABLE u SHALLOW CLONE s VERSION AS OF 9"), HasSubstr("no version 9"));
}

TEST_F(CloneTest, what_is_changed_in_the_clone_is_its_own) {
  ASSERT_EQ(run("CREATE TABLE t SHALLOW CLONE s"), "");
  const auto before = objects("gold/s");

  ASSERT_EQ(run("UPDATE t SET id = 10 WHERE id = 1"), "");
  ASSERT_EQ(run("DELETE FROM t WHERE id = 3"), "");
  ASSERT_EQ(run("MERGE INTO t USING (VALUES (4, 'm'), (20, 'n')) AS n(id, k) ON t.id = n.id WHEN "
                "MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *"),
            "");
  ASSERT_EQ(run("INSERT INTO t VALUES (30, 'new')"), "");
  EXPECT_EQ(ids("t"), "0 4 5 7 10 20 30 ");
  ASSERT_EQ(run("OPTIMIZE t"), "");
  EXPECT_EQ(ids("t"), "0 4 5 7 10 20 30 ");
  clock_.advance(24h * 30);
  ASSERT_EQ(run("VACUUM t"), "");
  EXPECT_EQ(ids("t"), "0 4 5 7 10 20 30 ");

  EXPECT_EQ(objects("gold/s"), before) << "the files of the other table are not the clone's";
  EXPECT_EQ(ids("s"), "0 1 3 4 5 7 ");
  ASSERT_EQ(run("DROP TABLE t"), "");
  EXPECT_EQ(objects("gold/s"), before);
  EXPECT_EQ(ids("s"), "0 1 3 4 5 7 ");
}

TEST_F(CloneTest, a_clone_of_a_clone_names_the_first_files) {
  ASSERT_EQ(run("CREATE TABLE t SHALLOW CLONE s"), "");
  ASSERT_EQ(run("DELETE FROM t WHERE id = 0"), "");
  ASSERT_EQ(run("INSERT INTO t VALUES (8, 'own')"), "");

  ASSERT_EQ(run("CREATE TABLE u SHALLOW CLONE delta.`memory:/gold/t`"), "");

  EXPECT_EQ(ids("u"), "1 3 4 5 7 8 ");
  EXPECT_EQ(run("RESTORE t TO VERSION AS OF 0"), "");
  EXPECT_EQ(ids("t"), "0 1 3 4 5 7 ");
}

TEST_F(CloneTest, a_clone_takes_rules_with_it_and_keeps_features_of_what_it_replaces) {
  ASSERT_EQ(run("CREATE TABLE r (id INT, CONSTRAINT positive CHECK (id > 0))"), "");
  ASSERT_EQ(run("INSERT INTO r VALUES (1)"), "");
  ASSERT_EQ(run("CREATE TABLE t (n TIMESTAMP_NTZ)"), "");

  ASSERT_EQ(run("CREATE OR REPLACE TABLE t SHALLOW CLONE r"), "");

  EXPECT_EQ(ids("t"), "1 ");
  EXPECT_THAT(run("INSERT INTO t VALUES (0)"), HasSubstr("positive"));
  EXPECT_THAT(newest()->protocol().reader_features, testing::Contains("timestampNtz"));
  EXPECT_THAT(newest()->protocol().writer_features, testing::Contains("checkConstraints"));
}

TEST_F(CloneTest, what_cannot_be_cloned_is_told) {
  EXPECT_THAT(run("CREATE TABLE t SHALLOW CLONE nothing"), HasSubstr("no table gold.nothing"));
  EXPECT_THAT(run("CREATE OR REPLACE TABLE s SHALLOW CLONE s"), HasSubstr("clone of itself"));
  EXPECT_THAT(run("CREATE TABLE t SHALLOW CLONE delta.'file:/elsewhere/t'"),
              HasSubstr("outside this lake"));
  EXPECT_THAT(run("CREATE TABLE t SHALLOW CLONE delta.'memory:/gold/none'"),
              HasSubstr("no Delta table"));
  EXPECT_THAT(run("CREATE TABLE t DEEP CLONE s"), HasSubstr("SHALLOW CLONE"));
}

}  // namespace
}  // namespace claimlake::lake
