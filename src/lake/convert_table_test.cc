#include "lake/convert_table.h"

#include <gmock/gmock.h>

#include "lake/statement_for_test.h"

namespace claimlake::lake {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

class ConvertTest : public StatementTest {
 protected:
  void write(const std::string& select, const std::string& path) {
    const auto written =
        session_->execute("COPY (" + select + ") TO 'lake://gold/t/" + path + "' (FORMAT parquet)");
    ASSERT_TRUE(written) << written.error().text();
  }
  std::string stats_of(const std::string& path) {
    const auto table = newest();
    for (const delta::AddFile& file : table->files()) {
      if (file.path == path) return file.stats_json;
    }
    return "there is no file " + path;
  }
};

TEST_F(ConvertTest, a_folder_of_parquet_files_becomes_a_table) {
  write("SELECT 1 AS id, DATE '2026-01-31' AS day, 'a' AS name", "one.parquet");
  write("SELECT 2 AS id, NULL::DATE AS day, 'b' AS name, 2.5::DECIMAL(9,2) AS amount",
        "sub/two.parquet");
  ASSERT_TRUE(store_.put("gold/t/_SUCCESS", ""));
  ASSERT_TRUE(store_.put("gold/t/.one.parquet.crc", "x"));

  ASSERT_EQ(run("CONVERT TO DELTA parquet.`gold/t`"), "");

  EXPECT_EQ(delta::DataType(newest()->schema()).text(),
            "struct<id: integer, day: date, name: string, amount: decimal(9,2)>");
  EXPECT_EQ(rows("SELECT id, day, name, amount FROM gold.t ORDER BY id"),
            "1 2026-01-31 a - 2 - b 2.50 ");
  EXPECT_EQ(newest()->row_count(), 2);
  EXPECT_EQ(stats_of("one.parquet"),
            R"({"numRecords":1,"minValues":{"id":1,"day":"2026-01-31","name":"a"},)"
            R"("maxValues":{"id":1,"day":"2026-01-31","name":"a"},)"
            R"("nullCount":{"id":0,"day":0,"name":0}})");
  const auto info = (*lake_->history({"gold", "t"}, 1))[0].info;
  EXPECT_EQ(info.operation, "CONVERT");
  EXPECT_EQ(info.parameters.at("numFiles"), "2");
  EXPECT_EQ(run("DELETE FROM t WHERE id = 1"), "");
  EXPECT_EQ(rows("SELECT id FROM gold.t"), "2 ");
}

TEST_F(ConvertTest, values_of_partitions_come_from_folders) {
  write("SELECT 1 AS id", "day=2026-01-31/kind=x%20y%2Fz/a.parquet");
  write("SELECT 2 AS id", "day=__HIVE_DEFAULT_PARTITION__/kind=b/a.parquet");

  ASSERT_EQ(run("CONVERT TO DELTA parquet.'memory:/gold/t' NO STATISTICS PARTITIONED BY (day DATE, "
                "kind STRING)"),
            "");

  EXPECT_THAT(newest()->metadata().partition_columns, ElementsAre("day", "kind"));
  EXPECT_EQ(rows("SELECT id, day, kind FROM gold.t ORDER BY id"), "1 2026-01-31 x y/z 2 - b ");
  EXPECT_EQ(stats_of("day=2026-01-31/kind=x%2520y%252Fz/a.parquet"), "");
  EXPECT_EQ(run("INSERT INTO t VALUES (3, DATE '2026-02-01', 'c')"), "");
  EXPECT_EQ(rows("SELECT id FROM gold.t WHERE kind = 'c'"), "3 ");
}

TEST_F(ConvertTest, what_does_not_fit_is_told_and_nothing_is_made) {
  write("SELECT 1 AS id", "day=2026-01-31/a.parquet");
  const std::string convert = "CONVERT TO DELTA parquet.`gold/t` ";

  EXPECT_THAT(run(convert), AllOf(HasSubstr("day=2026-01-31"), HasSubstr("PARTITIONED BY (day")));
  EXPECT_THAT(run(convert + "PARTITIONED BY (day INT)"), HasSubstr("'2026-01-31' is no INT"));
  EXPECT_THAT(run(convert + "PARTITIONED BY (day DATE, kind STRING)"), HasSubstr("no folder"));
  write("SELECT 'text' AS id", "day=2026-02-01/b.parquet");
  EXPECT_THAT(run(convert + "PARTITIONED BY (day DATE)"),
              AllOf(HasSubstr("do not fit together"), HasSubstr("b.parquet")));
  ASSERT_TRUE(store_.put("gold/t/day=2026-02-01/b.parquet", "id\n1\n"));
  EXPECT_THAT(run(convert + "PARTITIONED BY (day DATE)"),
              AllOf(HasSubstr("no Parquet file"), HasSubstr("b.parquet")));
  ASSERT_TRUE(store_.remove("gold/t/day=2026-02-01/b.parquet"));
  EXPECT_TRUE(store_.list_all("gold/t/_delta_log")->empty());

  ASSERT_EQ(run(convert + "PARTITIONED BY (day DATE)"), "");
  EXPECT_THAT(run(convert + "PARTITIONED BY (day DATE)"), HasSubstr("a Delta table already"));
  EXPECT_EQ(newest()->version(), 0);
  EXPECT_THAT(run("CONVERT TO DELTA parquet.`gold/none`"), HasSubstr("no files to convert"));
  EXPECT_THAT(run("CONVERT TO DELTA parquet.`file:/elsewhere`"), HasSubstr("outside this lake"));
  EXPECT_THAT(run("CONVERT TO DELTA gold.t"), HasSubstr("Expected PARQUET"));
}

}  // namespace
}  // namespace claimlake::lake
