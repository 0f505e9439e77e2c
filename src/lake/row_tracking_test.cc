// Rows that are tracked stay the same rows, whatever is done to their table. Expected ids are
// counted by hand after the protocol's text ("Row Tracking").
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "delta/row_tracking.h"
#include "engine/row_tracking.h"
#include "lake/statement_for_test.h"

namespace claimlake::lake {
namespace {

using testing::HasSubstr;

struct Kind {
  const char* name;
  const char* properties;
};

class RowsTrackedTest : public StatementTestOf<testing::TestWithParam<Kind>> {
 protected:
  void create() {
    ASSERT_EQ(run(fmt::format("CREATE TABLE t (id BIGINT, v STRING) TBLPROPERTIES "
                              "('delta.enableRowTracking' = 'true'{})",
                              GetParam().properties)),
              "");
  }
  // "id:row id@version" of each row, by id.
  std::string tracked(const std::string& at = "") {
    return rows(fmt::format("SELECT t.id || ':' || {} || '@' || {} FROM gold.t AS t{} ORDER BY 1",
                            engine::row_id_of("t"), engine::row_version_of("t"), at));
  }
  void three_and_two() {
    create();
    ASSERT_EQ(run("INSERT INTO t VALUES (1, 'a'), (2, 'b'), (3, 'c')"), "");
    ASSERT_EQ(run("INSERT INTO t VALUES (4, 'd'), (5, 'e')"), "");
  }
};

TEST_P(RowsTrackedTest, new_rows_are_counted) {
  three_and_two();
  EXPECT_EQ(tracked(), "1:0@1 2:1@1 3:2@1 4:3@2 5:4@2 ");
}

TEST_P(RowsTrackedTest, a_changed_row_keeps_its_id_and_the_others_all) {
  three_and_two();
  ASSERT_EQ(run("UPDATE t SET v = 'B' WHERE id = 2"), "");
  EXPECT_EQ(tracked(), "1:0@1 2:1@3 3:2@1 4:3@2 5:4@2 ");
  ASSERT_EQ(run("UPDATE t SET v = v || '!' WHERE id IN (2, 5)"), "");
  EXPECT_EQ(tracked(), "1:0@1 2:1@4 3:2@1 4:3@2 5:4@4 ");
  ASSERT_EQ(run("DELETE FROM t WHERE id IN (1, 4)"), "");
  EXPECT_EQ(tracked(), "2:1@4 3:2@1 5:4@4 ");
  EXPECT_EQ(rows("SELECT * FROM gold.t ORDER BY id"), "2 B! 3 c 5 e! ");
}

TEST_P(RowsTrackedTest, a_merge_keeps_what_it_changes_and_counts_what_it_inserts) {
  three_and_two();
  ASSERT_EQ(
      run("MERGE INTO t USING (VALUES (1, 'A'), (4, 'gone'), (9, 'new')) AS s (id, v) ON "
          "t.id = s.id WHEN MATCHED AND s.v = 'gone' THEN DELETE WHEN MATCHED THEN UPDATE SET "
          "* WHEN NOT MATCHED THEN INSERT *"),
      "");
  const std::string all = tracked();
  EXPECT_THAT(all, HasSubstr("1:0@3 2:1@1 3:2@1 5:4@2 9:"));
  EXPECT_THAT(all, testing::EndsWith("@3 "));
  EXPECT_EQ(
      rows(fmt::format("SELECT {} > 4 FROM gold.t AS t WHERE id = 9", engine::row_id_of("t"))),
      "true ");
}

TEST_P(RowsTrackedTest, rows_that_are_moved_stay_what_they_are) {
  three_and_two();
  ASSERT_EQ(run("UPDATE t SET v = 'B' WHERE id = 2"), "");
  const std::string before = tracked();
  ASSERT_EQ(run("OPTIMIZE t"), "");
  EXPECT_EQ(tracked(), before);
  EXPECT_EQ(newest()->files().size(), 1u);
  ASSERT_EQ(run("DELETE FROM t WHERE id = 3"), "");
  ASSERT_EQ(run("UPDATE t SET v = 'E' WHERE id = 5"), "");
  EXPECT_EQ(tracked(), "1:0@1 2:1@3 4:3@2 5:4@6 ");
}

TEST_P(RowsTrackedTest, restored_rows_are_those_of_then) {
  three_and_two();
  ASSERT_EQ(run("UPDATE t SET v = 'x'"), "");
  ASSERT_EQ(run("DELETE FROM t WHERE id > 2"), "");
  ASSERT_EQ(run("RESTORE TABLE t TO VERSION AS OF 2"), "");
  EXPECT_EQ(tracked(), "1:0@1 2:1@1 3:2@1 4:3@2 5:4@2 ");
  ASSERT_EQ(run("INSERT INTO t VALUES (6, 'f')"), "");
  EXPECT_EQ(rows(fmt::format("SELECT count(DISTINCT {}) FROM gold.t AS t", engine::row_id_of("t"))),
            "6 ");
}

TEST_P(RowsTrackedTest, replaced_rows_are_new_ones) {
  three_and_two();
  ASSERT_EQ(run("INSERT OVERWRITE t SELECT * FROM t WHERE id < 3"), "");
  EXPECT_EQ(tracked(), "1:5@3 2:6@3 ");
}

TEST_P(RowsTrackedTest, an_older_version_tells_what_it_told) {
  three_and_two();
  ASSERT_EQ(run("UPDATE t SET v = 'x'"), "");
  EXPECT_EQ(tracked(" AT (VERSION => 2)"), "1:0@1 2:1@1 3:2@1 4:3@2 5:4@2 ");
}

TEST_P(RowsTrackedTest, what_rows_keep_has_no_statistics_and_is_no_column) {
  three_and_two();
  ASSERT_EQ(run("UPDATE t SET v = 'x' WHERE id = 1"), "");
  for (const delta::AddFile& file : newest()->files()) {
    EXPECT_EQ(file.stats_json.find("_row"), std::string::npos) << file.stats_json;
  }
  EXPECT_EQ(rows("SELECT count(*) FROM (DESCRIBE gold.t)"), "2 ");
}

INSTANTIATE_TEST_SUITE_P(
    All, RowsTrackedTest,
    testing::Values(Kind{"vectors", ""},
                    Kind{"copies", ", 'delta.enableDeletionVectors' = 'false'"},
                    Kind{"mapped", ", 'delta.columnMapping.mode' = 'name'"},
                    Kind{"mapped_by_id", ", 'delta.columnMapping.mode' = 'id'"},
                    Kind{"told", ", 'delta.enableChangeDataFeed' = 'true'"}),
    [](const auto& test) { return test.param.name; });

class RowTrackingTest : public StatementTest {};

TEST_F(RowTrackingTest, a_table_that_is_there_gets_ids_for_its_rows) {
  ASSERT_EQ(run("CREATE TABLE t AS SELECT i AS id FROM range(3) r(i)"), "");
  ASSERT_EQ(run("INSERT INTO t VALUES (3)"), "");
  ASSERT_EQ(run("DELETE FROM t WHERE id = 1"), "");
  ASSERT_EQ(run("ALTER TABLE t ADD CONSTRAINT small CHECK (id < 100)"), "");
  ASSERT_EQ(run("ALTER TABLE t SET TBLPROPERTIES ('delta.enableRowTracking' = 'true')"), "");

  EXPECT_THAT(newest()->protocol().writer_features,
              testing::IsSupersetOf({"rowTracking", "domainMetadata"}));
  EXPECT_EQ(rows(fmt::format("SELECT count(DISTINCT {}), min({}), max({}) FROM gold.t AS t",
                             engine::row_id_of("t"), engine::row_version_of("t"),
                             engine::row_version_of("t"))),
            "3 4 4 ");
  const std::string ids =
      fmt::format("SELECT id, {} FROM gold.t AS t ORDER BY id", engine::row_id_of("t"));
  const std::string before = rows(ids);
  ASSERT_EQ(run("UPDATE t SET id = id"), "");
  EXPECT_EQ(rows(ids), before);
}

TEST_F(RowTrackingTest, rows_that_come_back_from_before_have_the_ids_they_got_since) {
  ASSERT_EQ(run("CREATE TABLE t AS SELECT i AS id FROM range(3) r(i)"), "");
  ASSERT_EQ(run("DELETE FROM t WHERE id = 1"), "");
  ASSERT_EQ(run("ALTER TABLE t SET TBLPROPERTIES ('delta.enableRowTracking' = 'true')"), "");
  ASSERT_EQ(run("RESTORE TABLE t TO VERSION AS OF 0"), "");
  ASSERT_EQ(newest()->files().size(), 1u);
  EXPECT_EQ(newest()->files()[0].base_row_id, 0);
  EXPECT_EQ(newest()->files()[0].default_row_commit_version, 2);
}

TEST_F(RowTrackingTest, goes_with_the_ids_of_the_files_when_its_feature_is_dropped) {
  ASSERT_EQ(run("CREATE TABLE t (id BIGINT) TBLPROPERTIES ('delta.enableRowTracking' = 'true', "
                "'delta.enableDeletionVectors' = 'false')"),
            "");
  ASSERT_EQ(run("INSERT INTO t SELECT range FROM range(3)"), "");
  ASSERT_EQ(run("UPDATE t SET id = 10 WHERE id = 1"), "");

  ASSERT_EQ(run("ALTER TABLE t DROP FEATURE rowTracking"), "");

  EXPECT_THAT(newest()->protocol().writer_features, testing::Not(testing::Contains("rowTracking")));
  EXPECT_EQ(newest()->domain(delta::kRowTrackingDomain), nullptr);
  for (const auto& [name, value] : newest()->metadata().configuration) {
    EXPECT_EQ(name.find("owTracking"), std::string::npos) << name;
  }
  for (const delta::AddFile& file : newest()->files()) {
    EXPECT_FALSE(file.base_row_id || file.default_row_commit_version) << file.path;
  }
  EXPECT_EQ(rows("SELECT id FROM gold.t ORDER BY id"), "0 2 10 ");
  ASSERT_EQ(run("INSERT INTO t VALUES (4)"), "");
  EXPECT_EQ(rows("SELECT count(*) FROM gold.t"), "4 ");
}

TEST_F(RowTrackingTest, the_names_of_its_columns_are_its_own) {
  ASSERT_EQ(run("CREATE TABLE t (id BIGINT) TBLPROPERTIES ('delta.enableRowTracking' = 'true')"),
            "");
  const auto& kept = newest()->metadata().configuration;
  EXPECT_THAT(kept.at(delta::kRowIdColumnName), HasSubstr("_row-id-col-"));
  EXPECT_THAT(
      run(fmt::format("ALTER TABLE t SET TBLPROPERTIES ('{}' = 'id')", delta::kRowIdColumnName)),
      HasSubstr("is set by the table itself"));
  EXPECT_THAT(run("ALTER TABLE t SET TBLPROPERTIES ('delta.rowTrackingSuspended' = 'true')"),
              HasSubstr("cannot both be true"));
  ASSERT_EQ(run("CREATE TABLE s LIKE t"), "");
  EXPECT_NE(newest("s")->metadata().configuration.at(delta::kRowIdColumnName),
            kept.at(delta::kRowIdColumnName));
}

}  // namespace
}  // namespace claimlake::lake
