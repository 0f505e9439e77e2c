// Clustered tables: CLUSTER BY, and OPTIMIZE of them.
#include <gmock/gmock.h>

#include <cmath>
#include <set>

#include "delta/clustering.h"
#include "delta/features.h"
#include "delta/json_writer.h"
#include "lake/maintain.h"
#include "lake/statement_for_test.h"

namespace claimlake::lake {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

class ClusterTest : public StatementTest {
 protected:
  std::set<std::string> paths() {
    std::set<std::string> out;
    for (const delta::AddFile& file : newest()->files()) out.insert(file.path);
    return out;
  }
  // Files of the newest version that somebody has clustered.
  std::set<std::string> clustered() {
    std::set<std::string> out;
    for (const delta::AddFile& file : newest()->files()) {
      if (!file.clustering_provider.empty()) out.insert(file.path);
    }
    return out;
  }
  std::string domain() {
    const std::string* text = newest()->domain("delta.clustering");
    return text == nullptr ? "" : *text;
  }
  std::map<std::string, std::string> parameters() {
    return (*lake_->history({"gold", "t"}, 1))[0].info.parameters;
  }
  std::string all_rows() { return rows("SELECT count(*), bit_xor(hash(t)) FROM gold.t AS t"); }
  double opened(const std::string& condition) {
    (void)rows("SELECT count(payload) FROM gold.t WHERE " + condition);
    const auto reports = session_->scan_reports();
    return reports.empty() ? 0 : static_cast<double>(reports[0].files_read);
  }
  // `count` rows in a grid of 256 times 256 places, behind the first `from` of them.
  static std::string grid(int from, int count) {
    return "SELECT CAST(hash(i) % 256 AS INTEGER) AS a, CAST(hash(-i) % 256 AS INTEGER) AS b, "
           "CAST(hash(3 * i + 1) >> 1 AS BIGINT) AS payload FROM range(" +
           std::to_string(from) + ", " + std::to_string(from + count) + ") r(i)";
  }
};

TEST_F(ClusterTest, a_table_says_what_it_is_clustered_by_as_spark_does) {
  ASSERT_EQ(run("CREATE TABLE t (id BIGINT, s STRUCT<x: INT, y: STRING>, d DATE) USING DELTA "
                "CLUSTER BY (ID, s.y, d)"),
            "");

  EXPECT_EQ(domain(),
            R"({"clusteringColumns":[["id"],["s","y"],["d"]],"domainName":"delta.clustering"})");
  EXPECT_EQ(newest()->protocol().min_writer_version, 7);
  EXPECT_TRUE(delta::has_feature(newest()->protocol(), "clustering"));
  EXPECT_TRUE(delta::has_feature(newest()->protocol(), "domainMetadata"));
  EXPECT_EQ(parameters().at("clusterBy"), delta::json_string(R"(["id","s.y","d"])"));
  const auto detail = inspect(*lake_, DescribeDetail{{"gold", "t"}});
  ASSERT_TRUE(detail);
  for (std::size_t i = 0; i < detail->columns.size(); ++i) {
    if (detail->columns[i].name == "clusteringColumns") {
      EXPECT_EQ(detail->rows[0][i], R"(["id","s.y","d"])");
    }
  }

  ASSERT_EQ(run("ALTER TABLE t CLUSTER BY (d)"), "");
  EXPECT_EQ(domain(), R"({"clusteringColumns":[["d"]],"domainName":"delta.clustering"})");
  EXPECT_EQ(parameters().at("oldClusteringColumns"), R"("id,s.y,d")");
  EXPECT_EQ(parameters().at("newClusteringColumns"), R"("d")");
  ASSERT_EQ(run("ALTER TABLE t CLUSTER BY NONE"), "");
  EXPECT_EQ(domain(), R"({"clusteringColumns":[],"domainName":"delta.clustering"})");
}

TEST_F(ClusterTest, optimize_clusters_what_is_new_and_leaves_what_it_has_clustered) {
  ASSERT_EQ(run("CREATE TABLE t (a INT, b INT, payload BIGINT) CLUSTER BY (a, b) TBLPROPERTIES "
                "('delta.targetFileSize' = '50kb')"),
            "");
  for (int i = 0; i < 8; ++i) {
    ASSERT_EQ(run("INSERT INTO t " + grid(i * 4000, 4000)), "");
  }
  EXPECT_THAT(clustered(), IsEmpty());
  const std::string before = all_rows();

  ASSERT_EQ(run("OPTIMIZE t"), "");
  EXPECT_EQ(all_rows(), before);
  EXPECT_EQ(clustered(), paths());
  ASSERT_GE(paths().size(), 3u);
  EXPECT_EQ(parameters().at("clusterBy"), delta::json_string(R"(["a","b"])"));
  EXPECT_EQ(parameters().at("zOrderBy"), R"("[]")");
  std::set<std::string> cubes;
  for (const delta::AddFile& file : newest()->files()) {
    EXPECT_EQ(file.clustering_provider, "liquid");
    EXPECT_EQ(file.tags.at("ZCUBE_ZORDER_BY"), R"(["a","b"])");
    cubes.insert(file.tags.at("ZCUBE_ID"));
  }
  EXPECT_EQ(cubes.size(), 1u);
  const auto version = newest()->version();
  ASSERT_EQ(run("OPTIMIZE t"), "");
  EXPECT_EQ(newest()->version(), version) << "there is nothing left to do";

  std::set<std::string> settled;
  for (const delta::AddFile& file : newest()->files()) {
    if (file.size >= 50 * 1024) settled.insert(file.path);
  }
  ASSERT_GE(settled.size(), 2u);
  ASSERT_EQ(run("INSERT INTO t " + grid(40000, 4000)), "");
  ASSERT_EQ(run("OPTIMIZE t"), "");
  for (const std::string& path : settled) {
    EXPECT_TRUE(paths().contains(path)) << "clustered before, and large enough";
  }
  EXPECT_EQ(clustered(), paths());

  ASSERT_EQ(run("OPTIMIZE t FULL"), "");
  for (const std::string& path : settled) EXPECT_FALSE(paths().contains(path));
  EXPECT_EQ(parameters().at("isFull"), "true");
}

TEST_F(ClusterTest, more_than_a_files_worth_of_rows_is_clustered_when_it_is_written) {
  ASSERT_EQ(run("CREATE TABLE t CLUSTER BY (a, b) TBLPROPERTIES ('delta.targetFileSize' = '40kb', "
                "'delta.columnMapping.mode' = 'name') AS " +
                grid(0, 262144)),
            "");
  const auto files = static_cast<double>(paths().size());
  ASSERT_GE(files, 30);
  EXPECT_EQ(clustered(), paths());
  EXPECT_EQ(all_rows(),
            rows("SELECT count(*), bit_xor(hash(t)) FROM (" + grid(0, 262144) + ") AS t"));
  // Along a curve through a square (see layout_test.cc).
  EXPECT_LE(opened("a = 100") + opened("a = 200"), 5 * std::sqrt(files));
  EXPECT_LE(opened("b = 100") + opened("b = 200"), 5 * std::sqrt(files));

  ASSERT_EQ(run("INSERT INTO t " + grid(300000, 40000)), "");
  EXPECT_EQ(clustered(), paths());
  ASSERT_EQ(run("INSERT INTO t " + grid(400000, 100)), "");
  EXPECT_EQ(paths().size(), clustered().size() + 1);
  EXPECT_EQ(rows("SELECT count(*) FROM gold.t"), "302244 ");
  // Nothing that was staged and written again is left behind.
  EXPECT_EQ(static_cast<std::size_t>(std::ranges::count_if(
                *store_.list_all("gold/t"),
                [](const auto& object) { return object.path.ends_with(".parquet"); })),
            paths().size());
}

TEST_F(ClusterTest, what_a_file_says_of_its_clustering_stays_with_it) {
  ASSERT_EQ(run("CREATE TABLE t CLUSTER BY (a) TBLPROPERTIES ('delta.targetFileSize' = '40kb', "
                "'delta.checkpointInterval' = '4') AS " +
                grid(0, 30000)),
            "");
  ASSERT_EQ(clustered(), paths());
  const std::string tag = newest()->files()[0].tags.at("ZCUBE_ID");

  ASSERT_EQ(run("DELETE FROM t WHERE payload % 100 = 1"), "");
  EXPECT_EQ(clustered(), paths());
  ASSERT_EQ(run("INSERT INTO t VALUES (1, 2, 3)"), "");
  ASSERT_EQ(run("RESTORE t TO VERSION AS OF 0"), "");
  ASSERT_EQ(run("RESTORE t TO VERSION AS OF 1"), "");
  ASSERT_TRUE(store_.head("gold/t/_delta_log/00000000000000000004.checkpoint.parquet"));
  for (int version = 0; version < 4; ++version) {
    ASSERT_TRUE(
        store_.remove("gold/t/_delta_log/0000000000000000000" + std::to_string(version) + ".json"));
  }
  lake_.emplace(LakeContext{store_, clock_, random_, engine_->parquet_io(), "tester"});

  EXPECT_EQ(clustered(), paths());
  for (const delta::AddFile& file : newest()->files()) EXPECT_EQ(file.tags.at("ZCUBE_ID"), tag);
  EXPECT_EQ(domain(), R"({"clusteringColumns":[["a"]],"domainName":"delta.clustering"})");
}

TEST_F(ClusterTest, a_clustering_column_may_be_renamed_and_not_dropped) {
  ASSERT_EQ(run("CREATE TABLE t (id BIGINT, s STRUCT<x: INT, y: INT>, c INT) CLUSTER BY (s.x, c) "
                "TBLPROPERTIES ('delta.columnMapping.mode' = 'name')"),
            "");
  const std::string before = domain();
  EXPECT_THAT(before, HasSubstr("col-")) << "the names are those in files";

  ASSERT_EQ(run("ALTER TABLE t RENAME COLUMN s.x TO z"), "");
  ASSERT_EQ(run("ALTER TABLE t RENAME COLUMN c TO k"), "");
  EXPECT_EQ(domain(), before);
  ASSERT_EQ(run("INSERT INTO t VALUES (1, {z: 2, y: 3}, 4)"), "");
  ASSERT_EQ(run("OPTIMIZE t"), "");
  EXPECT_EQ(parameters().at("clusterBy"), delta::json_string(R"(["s.z","k"])"));

  EXPECT_THAT(run("ALTER TABLE t DROP COLUMN k"), HasSubstr("clustered by column k"));
  EXPECT_THAT(run("ALTER TABLE t DROP COLUMN s.z"), HasSubstr("clustered by column s.z"));
  EXPECT_THAT(run("ALTER TABLE t DROP COLUMN s"), HasSubstr("clustered by column s.z"));
  EXPECT_EQ(run("ALTER TABLE t DROP COLUMN id"), "");
  ASSERT_EQ(run("ALTER TABLE t CLUSTER BY NONE"), "");
  EXPECT_EQ(run("ALTER TABLE t DROP COLUMN k"), "");
}

TEST_F(ClusterTest, what_does_not_go_together_is_refused) {
  run("CREATE TABLE p (id BIGINT, day DATE) PARTITIONED BY (day)");
  run("CREATE TABLE t (id BIGINT, done BOOLEAN) CLUSTER BY (id)");
  run("CREATE TABLE plain (id BIGINT)");

  EXPECT_THAT(run("CREATE TABLE q (id BIGINT, day DATE) PARTITIONED BY (day) CLUSTER BY (id)"),
              HasSubstr("no CLUSTER BY beside PARTITIONED BY"));
  EXPECT_THAT(run("CREATE TABLE q (id BIGINT, day DATE) CLUSTER BY (id) PARTITIONED BY (day)"),
              HasSubstr("no PARTITIONED BY beside CLUSTER BY"));
  EXPECT_THAT(run("ALTER TABLE p CLUSTER BY (id)"), HasSubstr("has partitions"));
  EXPECT_THAT(run("ALTER TABLE t CLUSTER BY (done)"), HasSubstr("has no order"));
  EXPECT_THAT(run("CREATE TABLE q (id BIGINT) CLUSTER BY (ids)"), HasSubstr("did you mean id?"));
  EXPECT_THAT(run("CREATE TABLE q CLUSTER BY (b) AS SELECT 1 AS a"), HasSubstr("no column b"));
  EXPECT_THAT(run("OPTIMIZE t ZORDER BY (id)"), HasSubstr("takes no WHERE and no ZORDER BY"));
  EXPECT_THAT(run("OPTIMIZE t WHERE id = 1"), HasSubstr("takes no WHERE and no ZORDER BY"));
  EXPECT_THAT(run("OPTIMIZE plain FULL"), HasSubstr("for clustered tables"));
}

TEST_F(ClusterTest, a_table_is_clustered_by_columns_of_which_all_files_have_statistics) {
  run("CREATE TABLE t TBLPROPERTIES ('delta.dataSkippingNumIndexedCols' = '1') AS SELECT 1 AS a, 2 "
      "AS b");
  EXPECT_THAT(run("ALTER TABLE t CLUSTER BY (b)"), HasSubstr("column b has no statistics"));

  run("ALTER TABLE t SET TBLPROPERTIES ('delta.dataSkippingStatsColumns' = 'a,b')");
  EXPECT_THAT(run("ALTER TABLE t CLUSTER BY (b)"),
              HasSubstr("1 of 1 files have no statistics of column b"));
  ASSERT_EQ(run("OPTIMIZE t ZORDER BY (b)"), "");
  ASSERT_EQ(run("ALTER TABLE t CLUSTER BY (b)"), "");
  // The protocol asks for statistics of these columns, whatever the properties say.
  run("ALTER TABLE t SET TBLPROPERTIES ('delta.dataSkippingStatsColumns' = 'a')");
  run("INSERT INTO t VALUES (3, NULL)");
  ASSERT_EQ(run("INSERT INTO t VALUES (3, 4)"), "");
  EXPECT_THAT(newest()->files()[2].stats_json, HasSubstr(R"("minValues":{"a":3,"b":4})"));
}

TEST_F(ClusterTest, dropping_the_feature_leaves_a_plain_table) {
  run("CREATE TABLE t CLUSTER BY (a) TBLPROPERTIES ('delta.enableDeletionVectors' = 'false') AS "
      "SELECT 1 AS a");
  ASSERT_EQ(run("ALTER TABLE t DROP FEATURE clustering"), "");

  EXPECT_EQ(domain(), "");
  EXPECT_FALSE(delta::has_feature(newest()->protocol(), "clustering"));
  ASSERT_EQ(run("INSERT INTO t VALUES (2)"), "");
  ASSERT_EQ(run("OPTIMIZE t"), "");
  EXPECT_THAT(clustered(), IsEmpty());
  EXPECT_EQ(rows("SELECT a FROM gold.t ORDER BY a"), "1 2 ");
}

}  // namespace
}  // namespace claimlake::lake
