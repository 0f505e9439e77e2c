#include "lake/inspect.h"

#include <gmock/gmock.h>

#include "lake/statement_for_test.h"

namespace claimlake::lake {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class InspectTest : public StatementTest {
 protected:
  InspectTest() { clock_.advance(Timestamp{1767954660s} - clock_.now()); }  // 2026-01-09 10:31 UTC

  engine::TextTable run(const std::string& sql) {
    clock_.advance(1s);
    const auto statement = parse_table_statement(sql);
    EXPECT_TRUE(statement) << statement.error().text();
    const auto answer = run_table_statement(*lake_, *session_, **statement, "run-1");
    EXPECT_TRUE(answer) << answer.error().text();
    return *answer;
  }
  // One cell of the first row.
  static std::string cell(const engine::TextTable& table, const std::string& column) {
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      if (table.columns[i].name == column) return table.rows.at(0)[i].value_or("null");
    }
    return "no such column";
  }
};

TEST_F(InspectTest, history_tells_each_version_newest_first) {
  run("CREATE TABLE t (id BIGINT)");
  run("INSERT INTO t VALUES (1), (2)");
  run("DELETE FROM t WHERE id = 1");

  const auto history = run("DESCRIBE HISTORY t");
  ASSERT_EQ(history.rows.size(), 3U);
  EXPECT_EQ(cell(history, "version"), "2");
  EXPECT_EQ(cell(history, "timestamp"), "2026-01-09 10:31:03+00");
  EXPECT_EQ(cell(history, "operation"), "DELETE");
  EXPECT_EQ(cell(history, "operationParameters"), R"x({"predicate":"(id = 1)"})x");
  EXPECT_THAT(cell(history, "operationMetrics"), HasSubstr(R"("numDeletedRows":"1")"));
  EXPECT_EQ(cell(history, "userName"), "tester");
  EXPECT_EQ(run("desc history gold.t limit 1").rows.size(), 1U);
}

TEST_F(InspectTest, detail_tells_what_the_table_is) {
  run("CREATE TABLE t (id BIGINT, day DATE) PARTITIONED BY (day) COMMENT 'mine'");
  run("INSERT INTO t VALUES (1, '2026-01-01'), (2, '2026-01-02')");
  run("DELETE FROM t WHERE id = 2");

  const auto detail = run("DESCRIBE DETAIL t");
  EXPECT_EQ(cell(detail, "format"), "delta");
  EXPECT_EQ(cell(detail, "description"), "mine");
  EXPECT_EQ(cell(detail, "partitionColumns"), R"(["day"])");
  EXPECT_EQ(cell(detail, "numFiles"), "1");
  EXPECT_EQ(cell(detail, "numRecords"), "1");
  EXPECT_EQ(cell(detail, "properties"), R"({"delta.enableDeletionVectors":"true"})");
  EXPECT_EQ(cell(detail, "minReaderVersion"), "3");
  EXPECT_THAT(cell(detail, "tableFeatures"), HasSubstr("deletionVectors"));
  EXPECT_EQ(cell(run("SHOW TBLPROPERTIES t"), "value"), "true");
}

TEST_F(InspectTest, a_table_may_be_named_history) {
  EXPECT_FALSE(*parse_inspection("DESCRIBE history"));
  EXPECT_FALSE(*parse_inspection("DESCRIBE detail;"));
  EXPECT_FALSE(*parse_inspection("DESCRIBE gold.t"));
  EXPECT_FALSE(parse_inspection("DESCRIBE HISTORY t LIMIT x"));
}

}  // namespace
}  // namespace claimlake::lake
