#include "lake/drop_feature.h"

#include <gmock/gmock.h>

#include "lake/statement_for_test.h"

namespace claimlake::lake {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class DropFeatureTest : public StatementTest {
 protected:
  const delta::Protocol plain_{1, 2, {}, {}};
  void later(std::chrono::hours hours) { clock_.advance(hours); }
};

TEST_F(DropFeatureTest, deletion_vectors_go_when_no_version_that_can_be_read_has_them) {
  ASSERT_EQ(run("CREATE TABLE t AS SELECT i AS id FROM range(10) r(i)"), "");
  ASSERT_EQ(run("DELETE FROM t WHERE id < 3"), "");
  later(std::chrono::hours(1));

  EXPECT_THAT(run("ALTER TABLE t DROP FEATURE deletionVectors"),
              AllOf(HasSubstr("the last one is version 2"), HasSubstr("TRUNCATE HISTORY"),
                    HasSubstr("1970-01-02 01:00")));
  EXPECT_FALSE(newest()->files()[0].deletion_vector);
  EXPECT_EQ(rows("SELECT count(*), min(id) FROM gold.t"), "7 3 ");
  later(std::chrono::hours(23));
  EXPECT_THAT(run("ALTER TABLE t DROP FEATURE deletionVectors TRUNCATE HISTORY"),
              HasSubstr("the last one is version 2"));
  EXPECT_EQ(newest()->version(), 2) << "it is said again, not done again";
  later(std::chrono::hours(2));
  ASSERT_EQ(run("ALTER TABLE t DROP FEATURE deletionVectors TRUNCATE HISTORY"), "");

  EXPECT_EQ(newest()->protocol(), plain_);
  EXPECT_EQ(rows("SELECT count(*) FROM gold.t"), "7 ");
  EXPECT_THAT(rows("SELECT count(*) FROM gold.t AT (VERSION => 1)"), HasSubstr("cleaned up"));
  ASSERT_EQ(run("DELETE FROM t WHERE id < 5"), "");
  EXPECT_FALSE(newest()->files()[0].deletion_vector);
}

TEST_F(DropFeatureTest, a_feature_that_was_never_used_goes_at_once) {
  ASSERT_EQ(run("CREATE TABLE t AS SELECT 1 AS id"), "");
  ASSERT_EQ(run("ALTER TABLE t DROP FEATURE deletionVectors"), "");
  EXPECT_EQ(newest()->protocol(), plain_);
}

TEST_F(DropFeatureTest, without_column_mapping_files_have_the_names_of_the_table) {
  ASSERT_EQ(run("CREATE TABLE t (id BIGINT, kind STRING, s STRUCT<a: INT>) PARTITIONED BY (kind) "
                "TBLPROPERTIES ('delta.columnMapping.mode' = 'name', "
                "'delta.dropFeatureTruncateHistory.retentionDuration' = 'interval 0 hours')"),
            "");
  ASSERT_EQ(run("INSERT INTO t VALUES (1, 'x', {'a': 1}), (2, 'y', {'a': 2})"), "");
  ASSERT_EQ(run("ALTER TABLE t RENAME COLUMN s.a TO b"), "");
  EXPECT_THAT(run("ALTER TABLE t DROP FEATURE columnMapping"), HasSubstr("TRUNCATE HISTORY"));
  later(std::chrono::hours(1));
  ASSERT_EQ(run("ALTER TABLE t DROP FEATURE columnMapping TRUNCATE HISTORY"), "");

  const auto table = newest();
  EXPECT_FALSE(table->metadata().configuration.contains("delta.columnMapping.mode"));
  EXPECT_EQ(table->metadata().schema_json.find("columnMapping"), std::string::npos);
  EXPECT_THAT(table->files()[0].stats_json, HasSubstr("\"s\":{\"b\":"));
  EXPECT_TRUE(table->files()[0].partition_values.contains("kind"));
  EXPECT_EQ(rows("SELECT id, kind, s.b FROM gold.t ORDER BY id"), "1 x 1 2 y 2 ");
  EXPECT_EQ(table->protocol(),
            (delta::Protocol{
                3, 7, {"deletionVectors"}, {"appendOnly", "invariants", "deletionVectors"}}));
}

TEST_F(DropFeatureTest, without_type_widening_all_files_have_todays_types) {
  ASSERT_EQ(run("CREATE TABLE t (id INT) TBLPROPERTIES ('delta.enableTypeWidening' = 'true', "
                "'delta.dropFeatureTruncateHistory.retentionDuration' = 'interval 0 hours')"),
            "");
  ASSERT_EQ(run("INSERT INTO t VALUES (1)"), "");
  ASSERT_EQ(run("ALTER TABLE t ALTER COLUMN id TYPE BIGINT"), "");
  const std::string before = newest()->files()[0].path;
  EXPECT_THAT(run("ALTER TABLE t DROP FEATURE typeWidening"), HasSubstr("TRUNCATE HISTORY"));
  later(std::chrono::hours(1));
  ASSERT_EQ(run("ALTER TABLE t DROP FEATURE typeWidening TRUNCATE HISTORY"), "");

  EXPECT_NE(newest()->files()[0].path, before);
  EXPECT_TRUE(newest()->schema().fields[0].metadata.empty());
  EXPECT_EQ(rows("SELECT id FROM gold.t"), "1 ");
}

TEST_F(DropFeatureTest, checkpoints_of_the_v2_form_go_with_its_feature) {
  ASSERT_EQ(run("CREATE TABLE t TBLPROPERTIES ('delta.checkpointPolicy' = 'v2', "
                "'delta.checkpointInterval' = '1', 'delta.enableDeletionVectors' = 'false') AS "
                "SELECT 1 AS id"),
            "");
  ASSERT_EQ(run("INSERT INTO t VALUES (2)"), "");
  later(std::chrono::hours(1));
  EXPECT_THAT(run("ALTER TABLE t DROP FEATURE v2Checkpoint"), HasSubstr("TRUNCATE HISTORY"));
  EXPECT_FALSE(newest()->metadata().configuration.contains("delta.checkpointPolicy"));
  later(std::chrono::hours(25));
  ASSERT_EQ(run("ALTER TABLE t DROP FEATURE v2Checkpoint TRUNCATE HISTORY"), "");

  EXPECT_EQ(newest()->protocol(), plain_);
  const auto log = store_.list("gold/t/_delta_log");
  for (const auto& object : *log) {
    EXPECT_EQ(object.path.find("-"), std::string::npos) << object.path;
  }
  EXPECT_EQ(rows("SELECT count(*) FROM gold.t"), "2 ");
}

TEST_F(DropFeatureTest, features_of_writers_go_at_once) {
  ASSERT_EQ(run("CREATE TABLE t (id BIGINT) TBLPROPERTIES ('delta.enableDeletionVectors' = "
                "'false', 'delta.enableChangeDataFeed' = 'true', 'delta.feature.v2Checkpoint' = "
                "'supported')"),
            "");
  ASSERT_EQ(run("ALTER TABLE t DROP FEATURE changeDataFeed"), "");
  ASSERT_EQ(run("ALTER TABLE t DROP FEATURE v2Checkpoint"), "");
  EXPECT_FALSE(newest()->metadata().configuration.contains("delta.feature.v2Checkpoint"));
  ASSERT_EQ(run("ALTER TABLE t SET TBLPROPERTIES ('delta.feature.domainMetadata' = 'supported')"),
            "");
  EXPECT_THAT(newest()->protocol().writer_features, testing::Contains("domainMetadata"));
  EXPECT_THAT(
      run("ALTER TABLE t SET TBLPROPERTIES ('delta.feature.icebergCompatV2' = 'supported')"),
      HasSubstr("could not be written any more"));
  EXPECT_THAT(run("ALTER TABLE t DROP FEATURE nothing"), HasSubstr("has no feature 'nothing'"));
}

}  // namespace
}  // namespace claimlake::lake
