#include "lake/define.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>

#include "lake/statement_for_test.h"

namespace claimlake::lake {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;
using testing::UnorderedElementsAre;

class DefineTest : public StatementTest {};

TEST_F(DefineTest, a_table_has_the_columns_that_are_named) {
  ASSERT_EQ(
      run("create table gold.t (id BIGINT NOT NULL COMMENT 'the key', `day` DATE, tags "
          "ARRAY<STRING>) USING DELTA PARTITIONED BY (day) COMMENT 'it''s mine' TBLPROPERTIES "
          "('delta.appendOnly' = 'false', team = 'claims')"),
      "");

  const auto table = newest();
  EXPECT_EQ(delta::DataType(table->schema()).text(),
            "struct<id: long, day: date, tags: array<string>>");
  EXPECT_FALSE(table->schema().fields[0].nullable);
  EXPECT_EQ(table->schema().fields[0].metadata.at("comment"), "\"the key\"");
  EXPECT_THAT(table->metadata().partition_columns, ElementsAre("day"));
  EXPECT_EQ(table->metadata().description, "it's mine");
  EXPECT_THAT(table->metadata().configuration,
              UnorderedElementsAre(Pair("delta.appendOnly", "false"), Pair("team", "claims"),
                                   Pair("delta.enableDeletionVectors", "true")));
  EXPECT_EQ(table->protocol().min_reader_version, 3);
}

TEST_F(DefineTest, checkpoints_have_the_form_that_the_table_asks_for) {
  ASSERT_EQ(run("CREATE TABLE t (id BIGINT, price DECIMAL(12,2), at TIMESTAMP, day DATE) "
                "PARTITIONED BY (day) TBLPROPERTIES ('delta.checkpointPolicy' = 'v2', "
                "'delta.checkpointInterval' = '2', 'delta.checkpoint.writeStatsAsJson' = 'false', "
                "'delta.checkpoint.writeStatsAsStruct' = 'true')"),
            "");
  EXPECT_THAT(newest()->protocol().reader_features, testing::Contains("v2Checkpoint"));
  for (int i = 1; i <= 4; ++i) {
    ASSERT_EQ(run(fmt::format("INSERT INTO t VALUES ({0}, {0}.25, TIMESTAMP '2026-01-0{0} "
                              "10:00:00.5', DATE '2026-01-0{0}')",
                              i)),
              "");
  }

  const auto log = store_.list("gold/t/_delta_log");
  const auto newest_checkpoint =
      std::find_if(log->rbegin(), log->rend(), [](const store::ObjectInfo& object) {
        return object.path.find(".checkpoint.") != std::string::npos;
      });
  ASSERT_NE(newest_checkpoint, log->rend());
  EXPECT_THAT(newest_checkpoint->path,
              testing::MatchesRegex(".*/0*4\\.checkpoint\\.[0-9a-f-]{36}\\.parquet"));
  EXPECT_EQ(
      rows("SELECT \"add\".stats_parsed.maxValues.price, \"add\".partitionValues_parsed.day, "
           "\"add\".stats_parsed.minValues.at = TIMESTAMPTZ '2026-01-03 10:00:00.5+00' FROM "
           "read_parquet('lake://" +
           newest_checkpoint->path + "') WHERE \"add\".partitionValues['day'] = '2026-01-03'"),
      "3.25 2026-01-03 true ");
  for (int version = 0; version < 4; ++version) {
    ASSERT_TRUE(store_.remove(fmt::format("gold/t/_delta_log/{:020}.json", version)));
  }
  delta::Log cold({store_, engine_->parquet_io(), clock_, random_}, "gold/t");
  const auto table = cold.snapshot();
  ASSERT_TRUE(table) << table.error().text();
  EXPECT_EQ((*table)->row_count(), 4);
  EXPECT_EQ((*table)->column_stats("at").entries[0].min, "2026-01-01T10:00:00.500Z");
}

TEST_F(DefineTest, a_feature_that_is_asked_for_is_put_to_use) {
  ASSERT_EQ(run("CREATE TABLE t (id BIGINT) TBLPROPERTIES ('delta.feature.v2Checkpoint' = "
                "'supported')"),
            "");
  EXPECT_EQ(newest()->metadata().configuration.at("delta.checkpointPolicy"), "v2");
  ASSERT_EQ(run("CREATE TABLE s (id BIGINT)"), "");
  ASSERT_EQ(run("ALTER TABLE s SET TBLPROPERTIES ('delta.checkpointPolicy' = 'v2')"), "");
  EXPECT_THAT(newest("s")->protocol().writer_features, testing::Contains("v2Checkpoint"));
  EXPECT_THAT(run("ALTER TABLE s SET TBLPROPERTIES ('delta.checkpointPolicy' = 'v3')"),
              HasSubstr("must be classic or v2"));
}

TEST_F(DefineTest, a_column_that_must_not_be_null_is_not) {
  ASSERT_EQ(run("CREATE TABLE t (id BIGINT NOT NULL, note STRING)"), "");

  EXPECT_EQ(run("INSERT INTO t VALUES (1, NULL)"), "");
  EXPECT_THAT(run("INSERT INTO t VALUES (NULL, 'a')"), HasSubstr("Column id must not be null"));
  EXPECT_THAT(run("INSERT INTO t (note) VALUES ('a')"), HasSubstr("Column id must not be null"));
  EXPECT_THAT(run("UPDATE t SET id = NULL"), HasSubstr("Column id must not be null"));
  EXPECT_THAT(
      run("MERGE INTO t USING (SELECT 2 AS id) s ON t.id = s.id WHEN NOT MATCHED THEN INSERT "
          "(note) VALUES ('a')"),
      HasSubstr("Column id must not be null"));
  EXPECT_EQ(rows("SELECT * FROM gold.t"), "1 - ");
}

TEST_F(DefineTest, as_select_fills_the_table) {
  ASSERT_EQ(
      run("CREATE TABLE t PARTITIONED BY (kind) AS SELECT i AS id, i % 2 AS kind FROM range(4) "
          "r(i);"),
      "");

  EXPECT_EQ(rows("SELECT sum(id), count(DISTINCT kind) FROM gold.t"), "6 2 ");
  EXPECT_EQ(newest()->files().size(), 2u);
}

TEST_F(DefineTest, like_takes_columns_and_properties_but_no_rows) {
  ASSERT_EQ(run("CREATE TABLE t TBLPROPERTIES ('team' = 'a') AS SELECT 1 AS id"), "");
  ASSERT_EQ(run("CREATE TABLE u LIKE t"), "");

  EXPECT_EQ(newest("u")->schema(), newest()->schema());
  EXPECT_EQ(newest("u")->metadata().configuration, newest()->metadata().configuration);
  EXPECT_EQ(rows("SELECT count(*) FROM gold.u"), "0 ");
}

TEST_F(DefineTest, a_table_is_made_once) {
  ASSERT_EQ(run("CREATE TABLE t (id BIGINT)"), "");

  EXPECT_THAT(run("CREATE TABLE t (id BIGINT)"), HasSubstr("There is a table gold.t already"));
  EXPECT_EQ(run("CREATE TABLE IF NOT EXISTS t (other STRING)"), "");
  EXPECT_EQ(newest()->version(), 0);
}

// Turning on a feature without an old version number lists those that the old number stood for.
TEST_F(DefineTest, properties_bring_the_features_that_they_need) {
  ASSERT_EQ(
      run("CREATE TABLE t (id BIGINT) TBLPROPERTIES ('delta.enableDeletionVectors' = 'false')"),
      "");
  EXPECT_EQ(newest()->protocol(), (delta::Protocol{1, 2, {}, {}}));

  ASSERT_EQ(run("ALTER TABLE t SET TBLPROPERTIES ('delta.enableDeletionVectors' = 'true')"), "");

  EXPECT_EQ(newest()->protocol(),
            (delta::Protocol{
                3, 7, {"deletionVectors"}, {"appendOnly", "invariants", "deletionVectors"}}));
  ASSERT_EQ(run("ALTER TABLE t UNSET TBLPROPERTIES (delta.enableDeletionVectors)"), "");
  EXPECT_TRUE(newest()->metadata().configuration.empty());
  EXPECT_EQ(newest()->protocol().min_reader_version, 3) << "a protocol never goes down by itself";
  EXPECT_THAT(run("ALTER TABLE t UNSET TBLPROPERTIES (nothing)"),
              HasSubstr("has no property nothing"));
  EXPECT_EQ(run("ALTER TABLE t UNSET TBLPROPERTIES IF EXISTS (nothing)"), "");
  EXPECT_THAT(run("ALTER TABLE t SET TBLPROPERTIES ('delta.appendOnlyy' = 'true')"),
              HasSubstr("did you mean delta.appendOnly?"));
}

TEST_F(DefineTest, added_columns_are_null_in_the_rows_that_are_there) {
  ASSERT_EQ(run("CREATE TABLE t AS SELECT 1 AS id"), "");

  ASSERT_EQ(run("ALTER TABLE t ADD COLUMNS (note STRING COMMENT 'words', amount DECIMAL(18,2))"),
            "");
  ASSERT_EQ(run("UPDATE t SET note = 'a', amount = 2.5"), "");

  EXPECT_EQ(rows("SELECT * FROM gold.t"), "1 a 2.50 ");
  EXPECT_EQ(rows("SELECT * FROM gold.t AT (VERSION => 1)"), "1 - - ");
  EXPECT_THAT(run("ALTER TABLE t ADD COLUMN ID BIGINT"), HasSubstr("has a column id already"));
  EXPECT_THAT(run("ALTER TABLE t ADD COLUMN x BIGINT NOT NULL"), HasSubstr("cannot be NOT NULL"));
}

TEST_F(DefineTest, mistakes_are_told_with_their_place) {
  EXPECT_THAT(run("CREATE TABLE t"),
              HasSubstr("Expected '(' and the columns, LIKE, SHALLOW CLONE, or AS SELECT"));
  EXPECT_THAT(run("CREATE TABLE t (id BIGINTT)"),
              AllOf(HasSubstr("the type of column id"), HasSubstr("1:20")));
  EXPECT_THAT(run("CREATE TABLE t (id BIGINT) nonsense"), HasSubstr("the end of the statement"));
  EXPECT_THAT(run("CREATE TABLE a.b.c (id BIGINT)"), HasSubstr("the name of a table"));
  EXPECT_THAT(run("ALTER TABLE t FOO"), HasSubstr("Expected SET TBLPROPERTIES"));
}

}  // namespace
}  // namespace claimlake::lake
