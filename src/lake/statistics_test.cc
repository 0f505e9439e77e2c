// Which columns have statistics, and that personal data has none.
#include <gmock/gmock.h>

#include "delta/schema_change.h"
#include "delta/stats_columns.h"
#include "lake/statement_for_test.h"

namespace claimlake::lake {
namespace {

using testing::HasSubstr;
using testing::Not;

class StatisticsTest : public StatementTest {
 protected:
  // Of the newest file.
  std::string statistics() {
    const auto table = newest();
    return table->files()[table->files().size() - 1].stats_json;
  }
  std::string property(const std::string& key) {
    const auto& all = newest()->metadata().configuration;
    const auto found = all.find(key);
    return found == all.end() ? "" : found->second;
  }
  // All that the log says, from a version on.
  std::string log_from(int version) {
    std::string out;
    for (; version <= newest()->version(); ++version) {
      out +=
          *store_.read("gold/t/_delta_log/0000000000000000000" + std::to_string(version) + ".json");
    }
    return out;
  }
};

TEST_F(StatisticsTest, the_first_columns_have_them_or_those_that_are_named) {
  run("CREATE TABLE t (a INT, s STRUCT<x: INT, y: INT>, c INT)");
  const auto bounds = [&] {
    run("INSERT INTO t VALUES (1, {x: 2, y: 3}, 4)");
    const std::string text = statistics();
    const auto start = text.find("\"minValues\":");
    return text.substr(start, text.find(",\"maxValues\"") - start);
  };
  EXPECT_EQ(bounds(), R"("minValues":{"a":1,"s":{"x":2,"y":3},"c":4})");
  run("ALTER TABLE t SET TBLPROPERTIES ('delta.dataSkippingNumIndexedCols' = '2')");
  EXPECT_EQ(bounds(), R"("minValues":{"a":1,"s":{"x":2}})");
  run("ALTER TABLE t SET TBLPROPERTIES ('delta.dataSkippingNumIndexedCols' = '0')");
  EXPECT_EQ(bounds(), R"("minValues":{"s":{}})");
  EXPECT_THAT(statistics(), HasSubstr(R"("numRecords":1)"));
  run("ALTER TABLE t SET TBLPROPERTIES ('delta.dataSkippingNumIndexedCols' = '-1')");
  EXPECT_EQ(bounds(), R"("minValues":{"a":1,"s":{"x":2,"y":3},"c":4})");
  run("ALTER TABLE t SET TBLPROPERTIES ('delta.dataSkippingStatsColumns' = 's.y, c')");
  EXPECT_EQ(bounds(), R"("minValues":{"s":{"y":3},"c":4})");
  EXPECT_EQ(rows("SELECT count(*) FROM gold.t WHERE a = 1 AND s.y = 3 AND c = 4"), "5 ");
}

TEST_F(StatisticsTest, what_is_asked_for_is_checked_when_it_is_set) {
  run("CREATE TABLE t (a INT, list ARRAY<INT>, day DATE) PARTITIONED BY (day)");
  const auto refusal = [&](const std::string& key, const std::string& value) {
    return run("ALTER TABLE t SET TBLPROPERTIES ('" + key + "' = '" + value + "')");
  };
  const std::string names = "delta.dataSkippingStatsColumns";
  EXPECT_THAT(refusal("delta.dataSkippingNumIndexedCols", "-2"), HasSubstr("at least -1"));
  EXPECT_THAT(refusal("delta.dataSkippingNumIndexedCols", "few"), HasSubstr("whole number"));
  EXPECT_THAT(refusal(names, "b"), HasSubstr("no column b"));
  EXPECT_THAT(refusal(names, "a,,"), HasSubstr("no list of columns"));
  EXPECT_THAT(refusal(names, "list"), HasSubstr("no bounds are kept"));
  EXPECT_THAT(refusal(names, "day"), HasSubstr("partitions the table"));
  EXPECT_THAT(refusal(names, ""), HasSubstr("names no column"));
  EXPECT_THAT(run("CREATE TABLE u (a INT) TBLPROPERTIES ('" + names + "' = 'b')"),
              HasSubstr("no column b"));
  EXPECT_THAT(run("CREATE TABLE u TBLPROPERTIES ('" + names + "' = 'b') AS SELECT 1 AS a"),
              HasSubstr("no column b"));
  EXPECT_THAT(refusal("delta.targetFileSize", "big"), HasSubstr("number of bytes"));
  EXPECT_EQ(newest()->version(), 0);
}

TEST_F(StatisticsTest, the_names_follow_their_columns) {
  run("CREATE TABLE t TBLPROPERTIES ('delta.columnMapping.mode' = 'name', "
      "'delta.dataSkippingStatsColumns' = 'a,s.`b c`') AS SELECT 1 AS a, {'b c': 2, d: 3} AS s, 4 "
      "AS e");
  const std::string names = "delta.dataSkippingStatsColumns";
  const auto said = [&] {
    delta::StatsColumns stats = delta::stats_columns(delta::stored_columns(*newest()));
    std::string out;
    for (const delta::FieldPath& path :
         std::vector<delta::FieldPath>{{"a"}, {"z"}, {"s", "b c"}, {"s", "f"}, {"s", "d"}, {"e"}}) {
      const auto in_files = delta::physical_path(delta::stored_columns(*newest()), path);
      if (in_files && stats.take(*in_files) == delta::StatsKept::kAll) {
        out += delta::text_of(path) + " ";
      }
    }
    return out;
  };
  EXPECT_EQ(said(), "a s.b c ");
  run("ALTER TABLE t RENAME COLUMN a TO z");
  run("ALTER TABLE t RENAME COLUMN s.`b c` TO f");
  EXPECT_EQ(property(names), "z,s.f");
  EXPECT_EQ(said(), "z s.f ");
  run("ALTER TABLE t DROP COLUMN z");
  EXPECT_EQ(property(names), "s.f");
  run("ALTER TABLE t DROP COLUMN s");
  EXPECT_EQ(property(names), "");
  EXPECT_EQ(said(), "");
}

TEST_F(StatisticsTest, personal_data_is_in_no_statistics_that_are_written) {
  ASSERT_EQ(run("CREATE TABLE t (id BIGINT, name STRING NOT NULL COMMENT 'who' TAGS ('pii', "
                "'name'), s STRUCT<code: STRING, more: INT>)"),
            "");
  ASSERT_EQ(run("ALTER TABLE t ALTER COLUMN s.code SET TAGS ('phi')"), "");
  ASSERT_EQ(run("INSERT INTO t VALUES (1, 'Marta Example', {code: 'E11.9', more: 5})"), "");
  EXPECT_EQ(statistics(),
            R"({"numRecords":1,"minValues":{"id":1,"s":{"more":5}},"maxValues":{"id":1,"s":)"
            R"({"more":5}},"nullCount":{"id":0,"name":0,"s":{"code":0,"more":0}}})");

  run("UPDATE t SET id = 2");
  run("INSERT INTO t VALUES (3, 'Marta Example', NULL)");
  run("OPTIMIZE t");
  EXPECT_THAT(log_from(0), Not(HasSubstr("Marta")));
  EXPECT_THAT(log_from(0), Not(HasSubstr("E11.9")));
  EXPECT_EQ(rows("SELECT count(*) FROM gold.t WHERE name = 'Marta Example'"), "2 ");
  EXPECT_THAT(run("OPTIMIZE t ZORDER BY (name)"), HasSubstr("column name has no statistics"));
  EXPECT_THAT(run("ALTER TABLE t CLUSTER BY (name)"), HasSubstr("column name has no statistics"));
  EXPECT_THAT(newest()->metadata().schema_json, HasSubstr("claimlake.tags"));

  ASSERT_EQ(run("ALTER TABLE t ALTER COLUMN name UNSET TAGS ('pii')"), "");
  EXPECT_THAT(delta::tags_of(newest()->schema().fields[1]), testing::ElementsAre("name"));
  run("INSERT INTO t VALUES (4, 'x', NULL)");
  EXPECT_THAT(statistics(), HasSubstr(R"("minValues":{"id":4,"name":"x")"));
}

TEST_F(StatisticsTest, a_column_that_is_tagged_later_loses_its_bounds_with_the_next_version) {
  run("CREATE TABLE t AS SELECT i AS id, 'Marta ' || i AS name FROM range(10) r(i)");
  run("INSERT INTO t VALUES (77, 'Nobody')");
  run("DELETE FROM t WHERE id = 3");
  ASSERT_THAT(log_from(0), HasSubstr("Marta"));

  ASSERT_EQ(run("ALTER TABLE t ALTER COLUMN name SET TAGS ('pii')"), "");

  EXPECT_THAT(log_from(3), Not(HasSubstr("Marta")));
  EXPECT_THAT(log_from(3), Not(HasSubstr("dataChange\":true")));
  for (const delta::AddFile& file : newest()->files()) {
    EXPECT_THAT(file.stats_json, Not(HasSubstr(R"("name":")")));
    EXPECT_THAT(file.stats_json, HasSubstr(R"("nullCount":{"id":0,"name":0})"));
  }
  EXPECT_EQ(rows("SELECT count(*), min(name), max(name) FROM gold.t"), "10 Marta 0 Nobody ");
  EXPECT_EQ(rows("SELECT count(*) FROM gold.t WHERE name = 'Nobody'"), "1 ");
}

TEST_F(StatisticsTest, values_that_stand_in_the_log_anyway_cannot_be_tagged) {
  run("CREATE TABLE t (id BIGINT, name STRING) PARTITIONED BY (name)");
  EXPECT_THAT(run("ALTER TABLE t ALTER COLUMN name SET TAGS ('pii')"),
              HasSubstr("partitions the table"));
  EXPECT_EQ(run("ALTER TABLE t ALTER COLUMN name SET TAGS ('other')"), "");
  EXPECT_THAT(run("ALTER TABLE t ALTER COLUMN nam SET TAGS ('pii')"), HasSubstr("mean name?"));
  EXPECT_THAT(run("ALTER TABLE t ALTER COLUMN name SET TAGS (pii)"), HasSubstr("text"));
  run("CREATE TABLE c (id BIGINT, s STRUCT<x: STRING>) CLUSTER BY (s.x)");
  EXPECT_THAT(run("ALTER TABLE c ALTER COLUMN s SET TAGS ('pii')"),
              HasSubstr("is clustered by column s"));
  EXPECT_THAT(run("ALTER TABLE c ALTER COLUMN s.x SET TAGS ('pii')"),
              HasSubstr("is clustered by column s.x"));
}

// Each bound as the protocol has it: texts cut to 32 units, times floored to milliseconds, decimals
// with all their digits.
TEST_F(StatisticsTest, nested_values_decimals_and_times_have_bounds) {
  run("CREATE TABLE t (d DECIMAL(38,18), s STRUCT<text: STRING, deep: STRUCT<zoned: TIMESTAMP, "
      "ntz: "
      "TIMESTAMP_NTZ, d: DECIMAL(9,2)>>)");
  ASSERT_EQ(run("INSERT INTO t SELECT CAST('12345678901234567890.123456789012345678' AS "
                "DECIMAL(38,18)), {text: repeat('x', 40), deep: {zoned: TIMESTAMPTZ '2026-01-31 "
                "10:00:00.123999+00', ntz: TIMESTAMP '1969-12-31 23:59:59.9999', d: -1.5}}"),
            "");
  const std::string deep =
      R"("deep":{"zoned":"2026-01-31T10:00:00.123Z","ntz":"1969-12-31T23:59:59.999","d":-1.50}}})";
  EXPECT_THAT(
      statistics(),
      HasSubstr(R"("minValues":{"d":12345678901234567890.123456789012345678,"s":{"text":")" +
                std::string(32, 'x') + "\"," + deep));
  EXPECT_THAT(
      statistics(),
      HasSubstr(R"("maxValues":{"d":12345678901234567890.123456789012345678,"s":{"text":")" +
                std::string(32, 'x') + "\x7f\"," + deep));
}

}  // namespace
}  // namespace claimlake::lake
