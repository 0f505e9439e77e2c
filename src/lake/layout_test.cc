// How rows are laid out in files: ZORDER BY.
#include <gmock/gmock.h>

#include <cmath>

#include "delta/json_writer.h"
#include "lake/maintain.h"
#include "lake/statement_for_test.h"

namespace claimlake::lake {
namespace {

using testing::Each;
using testing::HasSubstr;

class LayoutTest : public StatementTest {
 protected:
  // How many files a query with this condition opens.
  double opened(const std::string& condition) {
    (void)rows("SELECT count(payload) FROM gold.t WHERE " + condition);
    const auto reports = session_->scan_reports();
    EXPECT_EQ(reports.size(), 1u);
    return reports.empty() ? 0 : static_cast<double>(reports[0].files_read);
  }
  // The same on average over values from the whole range of a column.
  double opened_for(const std::string& column) {
    double sum = 0;
    int count = 0;
    for (int value = 3; value < 256; value += 11, ++count) {
      sum += opened(column + " = " + std::to_string(value));
    }
    return sum / count;
  }
  double files() { return static_cast<double>(newest()->files().size()); }
  // The rows in an order that does not depend on their files.
  std::string all_rows() { return rows("SELECT count(*), bit_xor(hash(t)) FROM gold.t AS t"); }
};

// A single row is read with the row group that it is in.
TEST_F(LayoutTest, a_table_says_how_many_rows_are_in_a_row_group) {
  const auto largest_group = [this] {
    return rows("SELECT max(row_group_num_rows) FROM parquet_metadata('lake://gold/t/" +
                std::string(newest()->files().begin()->path) + "')");
  };
  ASSERT_EQ(run("CREATE TABLE t TBLPROPERTIES ('claimlake.rowGroupRows' = '4096') AS SELECT "
                "i AS a FROM range(20000) r(i)"),
            "");
  EXPECT_EQ(largest_group(), "4096 ");

  ASSERT_EQ(run("ALTER TABLE t SET TBLPROPERTIES ('claimlake.rowGroupRows' = '8192')"), "");
  ASSERT_EQ(run("UPDATE t SET a = a + 1"), "");
  ASSERT_EQ(files(), 1);
  EXPECT_EQ(largest_group(), "8192 ");

  EXPECT_THAT(run("ALTER TABLE t SET TBLPROPERTIES ('claimlake.rowGroupRows' = '1')"),
              HasSubstr("2048"));
}

// A grid of 256 times 256 places, each of the rows in any of them. Along a Z curve N files are N
// squares or so, and a line through the grid meets sqrt(N) of them. Sorted by the first column, the
// second one has all its values in every file.
TEST_F(LayoutTest, a_point_in_each_of_two_columns_opens_about_the_square_root_of_the_files) {
  ASSERT_EQ(run("CREATE TABLE t TBLPROPERTIES ('delta.targetFileSize' = '40kb') AS SELECT "
                "CAST(hash(i) % 256 AS INTEGER) AS a, CAST(hash(-i) % 256 AS INTEGER) AS b, "
                "CAST(hash(3 * i + 1) >> 1 AS BIGINT) AS payload FROM range(262144) r(i)"),
            "");
  const std::string before = all_rows();

  ASSERT_EQ(run("OPTIMIZE t ZORDER BY (a, b)"), "");
  ASSERT_GE(files(), 30);
  const double root = std::sqrt(files());
  EXPECT_GE(opened_for("a"), 0.8 * root);
  EXPECT_LE(opened_for("a"), 2 * root);
  EXPECT_GE(opened_for("b"), 0.8 * root);
  EXPECT_LE(opened_for("b"), 2 * root);
  EXPECT_EQ(all_rows(), before);

  ASSERT_EQ(run("OPTIMIZE t ZORDER BY (a)"), "");
  ASSERT_GE(files(), 30);
  EXPECT_LE(opened_for("a"), 3);
  EXPECT_EQ(opened_for("b"), files());
  EXPECT_EQ(all_rows(), before);
}

TEST_F(LayoutTest, every_type_with_an_order_can_be_ordered_by) {
  ASSERT_EQ(run("CREATE TABLE t (y TINYINT, h SMALLINT, i INT, l BIGINT, f FLOAT, d DOUBLE, "
                "n DECIMAL(38,10), s STRING, day DATE, at TIMESTAMP, ntz TIMESTAMP_NTZ, "
                "st STRUCT<x: INT, deep: STRUCT<`a.b`: STRING>>) "
                "TBLPROPERTIES ('delta.columnMapping.mode' = 'name')"),
            "");
  for (int file = 0; file < 3; ++file) {
    ASSERT_EQ(
        run("INSERT INTO t SELECT i, i, i, i, i / 3, -i, i * 1e20, repeat(chr(0), i % 3) || "
            "'ä' || i || repeat('x', 100), DATE '2026-01-01' - i::INT, TIMESTAMPTZ '1969-12-31' + "
            "to_minutes(i), TIMESTAMP '2026-01-31' + to_days(i::INT), {x: i, deep: {'a.b': i}} "
            "FROM range(40) r(i) UNION ALL SELECT NULL, NULL, NULL, NULL, 'nan', 'inf', NULL, "
            "NULL, NULL, NULL, NULL, NULL"),
        "");
  }
  const std::string before = all_rows();

  for (const char* order : {"y, h", "i, l", "f, d", "n, s", "day, at, ntz", "st.x, st.deep.`a.b`",
                            "s", "y, h, i, l, f, d, n, s, day, at, ntz, st.x, st.deep.`a.b`"}) {
    EXPECT_EQ(run(std::string("OPTIMIZE t ZORDER BY (") + order + ")"), "") << order;
    EXPECT_EQ(files(), 1) << order;
    EXPECT_EQ(all_rows(), before) << order;
  }
}

TEST_F(LayoutTest, each_partition_is_ordered_by_itself_and_deleted_rows_are_gone) {
  ASSERT_EQ(run("CREATE TABLE t PARTITIONED BY (kind) AS SELECT i AS id, i % 7 AS payload, "
                "CASE i % 3 WHEN 0 THEN 'a/b=ä' WHEN 1 THEN 'b' END AS kind FROM range(90) r(i)"),
            "");
  ASSERT_EQ(run("INSERT INTO t SELECT i, i % 7, 'b' FROM range(90, 100) r(i)"), "");
  ASSERT_EQ(run("DELETE FROM t WHERE id < 4"), "");
  const std::string before = all_rows();

  ASSERT_EQ(run("OPTIMIZE t WHERE kind = 'b' ZORDER BY id, payload"), "");
  EXPECT_EQ(files(), 3);
  int vectors = 0;
  for (const delta::AddFile& file : newest()->files()) vectors += file.deletion_vector ? 1 : 0;
  EXPECT_EQ(vectors, 2) << "files of other partitions are left alone";
  ASSERT_EQ(run("OPTIMIZE t ZORDER BY (ID, payload)"), "");
  for (const delta::AddFile& file : newest()->files()) {
    EXPECT_FALSE(file.deletion_vector);
    EXPECT_EQ(file.partition_values.size(), 1u);
  }
  EXPECT_EQ(all_rows(), before);
  EXPECT_EQ(rows("SELECT count(*) FROM gold.t WHERE kind = 'a/b=ä'"), "28 ");
}

TEST_F(LayoutTest, the_history_tells_the_order_and_what_it_cost_as_spark_does) {
  run("CREATE TABLE t AS SELECT i AS id, {x: i} AS s FROM range(4) r(i)");
  run("INSERT INTO t SELECT i, {x: i} FROM range(4, 8) r(i)");
  run("DELETE FROM t WHERE id = 1");

  ASSERT_EQ(run("OPTIMIZE t ZORDER BY (id, s.x)"), "");

  const auto info = (*lake_->history({"gold", "t"}, 1))[0].info;
  EXPECT_EQ(info.operation, "OPTIMIZE");
  EXPECT_EQ(info.parameters.at("zOrderBy"), delta::json_string(R"(["id","s.x"])"));
  EXPECT_EQ(info.parameters.at("predicate"), R"("[]")");
  EXPECT_EQ(info.metrics.at("numRemovedFiles"), "2");
  EXPECT_EQ(info.metrics.at("numAddedFiles"), "1");
  EXPECT_EQ(info.metrics.at("numDeletionVectorsRemoved"), "1");
  const std::string size = std::to_string(newest()->files()[0].size);
  for (const char* metric : {"minFileSize", "p25FileSize", "p50FileSize", "p75FileSize",
                             "maxFileSize", "numAddedBytes"}) {
    EXPECT_EQ(info.metrics.at(metric), size) << metric;
  }
  EXPECT_EQ(store_.read("gold/t/_delta_log/00000000000000000003.json")->find("\"dataChange\":true"),
            std::string::npos);
}

TEST_F(LayoutTest, what_no_file_could_be_left_out_for_is_refused) {
  run("CREATE TABLE t (id BIGINT, done BOOLEAN, raw BINARY, list ARRAY<INT>, s STRUCT<x: INT>, "
      "day DATE, last INT) PARTITIONED BY (day) TBLPROPERTIES "
      "('delta.dataSkippingNumIndexedCols' = '5')");
  const auto refusal = [&](const std::string& columns) {
    return run("OPTIMIZE t ZORDER BY (" + columns + ")");
  };

  EXPECT_THAT(refusal("ids"), HasSubstr("did you mean id?"));
  EXPECT_THAT(refusal("day"), HasSubstr("ZORDER BY: column day partitions the table"));
  EXPECT_THAT(refusal("done"), HasSubstr("column done of type boolean has no order"));
  EXPECT_THAT(refusal("raw"), HasSubstr("has no order"));
  EXPECT_THAT(refusal("list"), HasSubstr("has no order"));
  EXPECT_THAT(refusal("s"), HasSubstr("has no order"));
  EXPECT_THAT(refusal("id, s.x, ID"), HasSubstr("is named twice"));
  EXPECT_THAT(refusal("last"), HasSubstr("column last has no statistics"));
  EXPECT_EQ(refusal("id, s.x"), "") << "there is nothing to do";
  EXPECT_THAT(refusal(""), HasSubstr("a name"));
  EXPECT_EQ(newest()->version(), 0);
}

// The other statement commits while this one writes.
TEST_F(LayoutTest, a_row_that_another_one_deletes_meanwhile_is_a_conflict_that_names_its_file) {
  run("CREATE TABLE t AS SELECT i AS id, i % 10 AS payload FROM range(100) r(i)");
  const std::string path = newest()->files()[0].path;
  const auto base = newest();
  auto late = maintenance_request(*lake_, base, "OPTIMIZE", "run-2");
  delta::RemoveFile remove{path, 1, false, true};
  remove.size = base->files()[0].size;
  late.actions.emplace_back(remove);
  ASSERT_EQ(run("DELETE FROM t WHERE id = 7"), "");

  const auto committed = lake_->commit_actions({"gold", "t"}, std::move(late));

  ASSERT_FALSE(committed);
  EXPECT_EQ(committed.error().fault, Fault::kConflict);
  EXPECT_THAT(committed.error().text(), HasSubstr(path));
  EXPECT_EQ(rows("SELECT count(*) FROM gold.t"), "99 ");
}

}  // namespace
}  // namespace claimlake::lake
