#include "lake/create_table.h"

#include <gmock/gmock.h>

#include "delta/column_mapping.h"
#include "lake/statement_for_test.h"
#include "store/faulty_store.h"

namespace claimlake::lake {
namespace {

using testing::AnyOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;
using testing::UnorderedElementsAre;

class CreateTableTest : public StatementTest {
 protected:
  delta::CommitInfo last_info() { return (*lake_->history({"gold", "t"}, 1))[0].info; }
};

TEST_F(CreateTableTest, the_history_calls_it_as_spark_does) {
  ASSERT_EQ(run("CREATE TABLE t (id BIGINT, day DATE) PARTITIONED BY (day) COMMENT 'x'"), "");

  EXPECT_EQ(last_info().operation, "CREATE TABLE");
  EXPECT_EQ(last_info().parameters.at("partitionBy"), R"("[\"day\"]")");
  EXPECT_EQ(last_info().parameters.at("description"), R"("x")");
  ASSERT_EQ(run("CREATE TABLE u AS SELECT 1 AS id"), "");
  EXPECT_EQ((*lake_->history({"gold", "u"}, 1))[0].info.operation, "CREATE TABLE AS SELECT");
  ASSERT_EQ(run("CREATE TABLE v LIKE u"), "");
  EXPECT_EQ((*lake_->history({"gold", "v"}, 1))[0].info.operation, "CREATE TABLE");
}

TEST_F(CreateTableTest, a_replaced_table_is_another_one_on_the_same_log) {
  ASSERT_EQ(run("CREATE TABLE t PARTITIONED BY (k) COMMENT 'old' TBLPROPERTIES (team = 'a') AS "
                "SELECT i AS id, i % 2 AS k FROM range(4) r(i)"),
            "");
  const auto before = newest();

  ASSERT_EQ(run("CREATE OR REPLACE TABLE t (name STRING COMMENT 'who', n INT) "
                "TBLPROPERTIES ('delta.enableDeletionVectors' = 'false', colour = 'red')"),
            "");

  const auto after = newest();
  EXPECT_EQ(after->version(), 1);
  EXPECT_NE(after->metadata().id, before->metadata().id) << "as in Spark";
  EXPECT_EQ(delta::DataType(after->schema()).text(), "struct<name: string, n: integer>");
  EXPECT_THAT(after->metadata().partition_columns, ElementsAre());
  EXPECT_THAT(
      after->metadata().configuration,
      UnorderedElementsAre(Pair("delta.enableDeletionVectors", "false"), Pair("colour", "red")));
  EXPECT_EQ(after->metadata().description, "");
  EXPECT_EQ(after->protocol(), before->protocol()) << "features never go";
  EXPECT_TRUE(after->files().empty());
  EXPECT_EQ(last_info().operation, "CREATE OR REPLACE TABLE");
  EXPECT_EQ(rows("SELECT sum(id) FROM gold.t AT (VERSION => 0)"), "6 ");
  EXPECT_EQ(run("INSERT INTO t VALUES ('a', 1)"), "");
  EXPECT_EQ(run("RESTORE t TO VERSION AS OF 0"), "");
  EXPECT_EQ(rows("SELECT sum(id), sum(k) FROM gold.t"), "6 2 ");
}

TEST_F(CreateTableTest, the_select_sees_the_table_that_it_replaces) {
  ASSERT_EQ(run("CREATE TABLE t AS SELECT i AS id FROM range(4) r(i)"), "");
  ASSERT_EQ(run("DELETE FROM t WHERE id = 1"), "");

  ASSERT_EQ(
      run("CREATE OR REPLACE TABLE t PARTITIONED BY (odd) AS SELECT id + 10 AS id, id % 2 = 1 "
          "AS odd FROM t"),
      "");
  EXPECT_EQ(rows("SELECT id, odd FROM gold.t ORDER BY id"), "10 false 12 false 13 true ");
  EXPECT_EQ(last_info().operation, "CREATE OR REPLACE TABLE AS SELECT");
  EXPECT_EQ(last_info().metrics.at("numOutputRows"), "3");

  ASSERT_EQ(run("REPLACE TABLE t AS SELECT max(id) AS top FROM t"), "");
  EXPECT_EQ(rows("SELECT * FROM gold.t"), "13 ");
  EXPECT_EQ(last_info().operation, "REPLACE TABLE AS SELECT");
}

TEST_F(CreateTableTest, what_is_not_there_is_made_or_said) {
  EXPECT_THAT(run("REPLACE TABLE t AS SELECT 1 AS id"), HasSubstr("CREATE OR REPLACE TABLE"));
  EXPECT_EQ(run("CREATE OR REPLACE TABLE t AS SELECT 1 AS id"), "");

  EXPECT_EQ(newest()->version(), 0);
  EXPECT_EQ(rows("SELECT * FROM gold.t"), "1 ");
  EXPECT_THAT(run("CREATE OR REPLACE TABLE IF NOT EXISTS t AS SELECT 1 AS id"),
              HasSubstr("Expected"));
}

TEST_F(CreateTableTest, a_table_that_keeps_its_rows_is_not_replaced) {
  ASSERT_EQ(run("CREATE TABLE t TBLPROPERTIES ('delta.appendOnly' = 'true') AS SELECT 1 AS id"),
            "");

  EXPECT_THAT(run("CREATE OR REPLACE TABLE t AS SELECT 2 AS id"), HasSubstr("append-only"));
  EXPECT_EQ(rows("SELECT * FROM gold.t"), "1 ");
}

TEST_F(CreateTableTest, ids_of_columns_are_not_given_twice) {
  const std::string mapped = "TBLPROPERTIES ('delta.columnMapping.mode' = 'name') ";
  ASSERT_EQ(run("CREATE TABLE t " + mapped + "AS SELECT 1 AS a, 2 AS b"), "");

  ASSERT_EQ(run("CREATE OR REPLACE TABLE t " + mapped + "AS SELECT a + 5 AS a FROM t"), "");

  EXPECT_EQ(rows("SELECT * FROM gold.t"), "6 ");
  EXPECT_EQ(delta::field_id(newest()->schema().fields[0]), 3);
  EXPECT_EQ(newest()->metadata().configuration.at("delta.columnMapping.maxColumnId"), "3");
  ASSERT_EQ(run("CREATE OR REPLACE TABLE t AS SELECT a FROM t"), "");
  EXPECT_EQ(rows("SELECT * FROM gold.t"), "6 ");
  EXPECT_EQ(rows("SELECT * FROM gold.t AT (VERSION => 0)"), "1 2 ");
}

TEST_F(CreateTableTest, a_wrong_replacement_changes_nothing) {
  ASSERT_EQ(run("CREATE TABLE t AS SELECT 1 AS id"), "");
  const auto objects = store_.list_all("")->size();

  EXPECT_THAT(run("CREATE OR REPLACE TABLE t TBLPROPERTIES ('delta.nothing' = '1') AS SELECT 2 AS "
                  "id"),
              HasSubstr("delta.nothing"));
  EXPECT_NE(run("CREATE OR REPLACE TABLE t AS SELECT no FROM t"), "");

  EXPECT_EQ(store_.list_all("")->size(), objects);
  EXPECT_EQ(rows("SELECT * FROM gold.t"), "1 ");
}

// Dies before or after the nth change in the store.
struct Dying final : store::FaultPlan {
  store::Fate next(store::Operation operation, std::string_view) override {
    const bool change = operation >= store::Operation::kPutIfAbsent;
    return change && --left == 0 ? fate : store::Fate::kNormal;
  }
  bool arrives(std::string_view) override { return true; }
  int left = 0;
  store::Fate fate = store::Fate::kNormal;
};

TEST_F(CreateTableTest, a_crash_leaves_the_old_table_or_the_new_one) {
  for (const store::Fate fate : {store::Fate::kDieBefore, store::Fate::kDieAfter}) {
    bool died = true;
    for (int change = 1; died; ++change) {
      SCOPED_TRACE(change);
      ASSERT_EQ(run("CREATE OR REPLACE TABLE t AS SELECT 1 AS id"), "");
      {
        Dying plan;
        plan.left = change;
        plan.fate = fate;
        store::FaultyStore faulty(store_, plan);
        const auto engine = *engine::open_engine(
            {.threads = 1, .spill_folder = "", .random = &random_}, faulty, clock_);
        Lake lake(LakeContext{faulty, clock_, random_, engine->parquet_io(), "tester"});
        engine->attach(lake);
        const auto session = *engine->session({.access = engine::Access::kInternal});
        const auto statement = **parse_table_statement(
            "CREATE OR REPLACE TABLE t PARTITIONED BY (k) AS SELECT id + i AS id, i AS k FROM t, "
            "range(2) r(i)");
        (void)run_table_statement(lake, *session, statement, "run-1");
        died = faulty.dead();
      }
      EXPECT_THAT(rows("SELECT id FROM gold.t ORDER BY id"), AnyOf("1 ", "1 2 "));
    }
  }
}

}  // namespace
}  // namespace claimlake::lake
