#include "engine/group_sums.h"

#include <gmock/gmock.h>

namespace claimlake::engine {
namespace {

// "group a, of group, sum b, count, rows, distinct c", or "-".
std::string shape(const std::string& select) {
  const auto sums = group_sums(select);
  if (!sums) return "-";
  std::string out;
  for (const GroupSums::Item& item : sums->items) {
    out += out.empty() ? "" : ", ";
    switch (item.kind) {
      case GroupSums::Kind::kGroup:
        out += "group " + item.column;
        break;
      case GroupSums::Kind::kOfGroup:
        out += "of group";
        break;
      case GroupSums::Kind::kDistinct:
        out += "distinct " + item.column;
        break;
      case GroupSums::Kind::kSum:
        out += item.counts_rows ? "rows" : item.column.empty() ? "count" : "sum " + item.column;
        break;
    }
  }
  return out;
}

TEST(GroupSumsTest, reads_what_each_item_adds_up) {
  EXPECT_EQ(shape("SELECT a, SUBSTR(a || '-', 1, 2) AS b, COUNT(*), COUNT(x), COUNT(DISTINCT y), "
                  "COUNT(CASE WHEN z > 1 THEN 1 END), COALESCE(SUM(m), 0), "
                  "CAST(COALESCE(SUM(s.t.n), 0) AS DECIMAL(18,2)) FROM s.t WHERE z GROUP BY a"),
            "group a, of group, rows, count, distinct y, count, sum m, sum n");
  EXPECT_EQ(shape("SELECT a, SUBSTR(CAST(TRY_CAST(a || '-01' AS DATE) + INTERVAL '1' MONTH AS "
                  "VARCHAR(10)), 1, 7) AS b, COUNT(*) FROM s.t GROUP BY a"),
            "group a, of group, rows");
  EXPECT_THAT(group_sums("SELECT COUNT(x + Y) FROM s.t WHERE z > 1 AND t.w GROUP BY a")->columns,
              testing::ElementsAre("a", "w", "x", "y", "z"));
  EXPECT_THAT(group_sums("SELECT COUNT(x) FROM s.t WHERE Z > 1 AND t.w GROUP BY a")->chosen_by,
              testing::ElementsAre("w", "z"));
  EXPECT_EQ(shape("SELECT T.A AS k, b, COUNT(*) FROM s.t AS t GROUP BY a, B"),
            "group a, group b, rows");
}

TEST(GroupSumsTest, leaves_alone_what_rows_do_not_add_to) {
  for (const char* item :
       {"MAX(x)", "SUM(x)", "AVG(x)", "COUNT(*) * 2", "MAX(a)", "COUNT(a) + 1",
        "COALESCE(SUM(x), 1)", "COALESCE(SUM(x * 2), 0)", "SUM(DISTINCT x)",
        "COALESCE(SUM(DISTINCT x), 0)", "COUNT(*) FILTER (WHERE x > 1)", "COUNT(DISTINCT x + 1)",
        "CAST(COUNT(*) AS INTEGER)", "LIST(x)", "COUNT((SELECT 1))", "ROW_NUMBER() OVER ()"}) {
    EXPECT_EQ(shape(std::string("SELECT a, ") + item + " FROM s.t GROUP BY a"), "-") << item;
  }
}

TEST(GroupSumsTest, leaves_alone_what_is_more_than_one_table_grouped) {
  for (const char* select :
       {"SELECT a, COUNT(*) FROM s.t GROUP BY a HAVING COUNT(*) > 1",
        "SELECT a, COUNT(*) FROM s.t GROUP BY a LIMIT 1", "SELECT COUNT(*) FROM s.t",
        "SELECT DISTINCT a, COUNT(*) FROM s.t GROUP BY a", "SELECT a FROM s.t",
        "SELECT a, COUNT(*) FROM s.t JOIN s.u ON s.t.i = s.u.i GROUP BY a",
        "SELECT a, COUNT(*) FROM (SELECT * FROM s.t) AS t GROUP BY a",
        "SELECT a, COUNT(*) FROM s.t AS t(b, a) GROUP BY a",
        "SELECT a, COUNT(*) FROM s.t GROUP BY ROLLUP (a)",
        "SELECT a + 1, COUNT(*) FROM s.t GROUP BY a + 1",
        "SELECT a, COUNT(*) FROM s.t WHERE x IN (SELECT x FROM s.u) GROUP BY a",
        "WITH c AS (SELECT 1) SELECT a, COUNT(*) FROM s.t GROUP BY a",
        "SELECT a, COUNT(*) FROM s.t GROUP BY a UNION ALL SELECT 1, 2", "SELEC"}) {
    EXPECT_EQ(shape(select), "-") << select;
  }
}

}  // namespace
}  // namespace claimlake::engine
