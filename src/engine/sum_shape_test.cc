#include "engine/sum_shape.h"

#include <gtest/gtest.h>

#include "engine/fixture_for_test.h"

namespace claimlake::engine {
namespace {

class SumShape : public EngineTest {
 protected:
  // "t+u v" for a sum over t joined with u and another one over v; "no" for what is none.
  std::string of(const std::string& select) {
    const TableColumns columns = {{"_new", {"id", "paid", "parent"}},
                                  {"silver.t", {"id", "paid", "day"}},
                                  {"silver.u", {"id", "day"}}};
    const auto sums = session()->sums_of(select, columns);
    if (!sums) return failure(sums.error());
    if (!*sums) return "no";
    std::string out;
    for (const SumOver& sum : **sums) {
      std::string tables;
      for (const std::string& table : sum.tables) tables += (tables.empty() ? "" : "+") + table;
      out += (out.empty() ? "" : " ") + tables;
    }
    return out;
  }
};

TEST_F(SumShape, a_count_or_a_sum_over_filtered_and_joined_rows_is_one) {
  EXPECT_EQ(of("SELECT COUNT(*) FROM _new WHERE paid < 0 OR id = 3"), "_new");
  EXPECT_EQ(of("SELECT COUNT(n.paid) FROM _new AS n JOIN silver.u AS u ON u.id = n.parent WHERE "
               "u.day > DATE '2026-01-01'"),
            "_new+silver.u");
  EXPECT_EQ(of("SELECT COUNT(*) FROM _new, silver.u WHERE _new.parent = u.id"), "_new+silver.u");
  EXPECT_EQ(
      of("SELECT COALESCE(SUM(paid), 0) - (SELECT COALESCE(SUM(t.paid), 0) FROM silver.t AS t "
         "WHERE t.day IS NOT NULL) FROM _new"),
      "_new silver.t");
}

TEST_F(SumShape, says_by_which_columns_rows_are_joined) {
  const auto of_new = [&](const std::string& select) {
    const TableColumns columns = {{"_new", {"id", "paid", "parent"}},
                                  {"silver.t", {"id", "paid", "day"}},
                                  {"silver.u", {"id", "day"}}};
    const auto sums = session()->sums_of(select, columns);
    std::string out;
    for (const SumOver& sum : **sums) {
      for (const auto& joined : sum.joined) {
        if (joined.other != "_new") continue;
        out += joined.table + "." + joined.column + "=" + joined.other_column + " ";
      }
      out += "; ";
    }
    return out;
  };
  EXPECT_EQ(of_new("SELECT COUNT(*) FROM _new AS n JOIN silver.u AS u ON u.ID = n.parent AND u.day "
                   "> DATE '2026-01-01'"),
            "silver.u.id=parent ; ");
  EXPECT_EQ(of_new("SELECT COUNT(*) FROM _new, silver.u WHERE parent = u.id AND u.day IS NULL"),
            "silver.u.id=parent ; ");
  EXPECT_EQ(of_new("SELECT COUNT(*) FROM _new n JOIN silver.u u ON u.id = n.parent OR u.id = n.id"),
            "; ")
      << "neither holds in all rows";
  EXPECT_EQ(of_new("SELECT COUNT(*) FROM _new n JOIN silver.u u ON u.id + 1 = n.parent"), "; ");
  EXPECT_EQ(of_new("SELECT COUNT(*) FROM _new n JOIN silver.u u ON u.id = n.parent JOIN silver.t t "
                   "ON t.id = u.id"),
            "silver.u.id=parent ; ")
      << "t is joined to u";
  EXPECT_EQ(of_new("SELECT COUNT(*) - (SELECT COUNT(*) FROM _new n JOIN silver.t t ON t.id = n.id) "
                   "+ COUNT(paid) FROM _new"),
            "; silver.t.id=id ; ; ");
}

TEST_F(SumShape, what_rows_do_not_add_up_to_is_none) {
  for (const char* select :
       {"SELECT SUM(paid) FROM _new",  // null over no rows
        "SELECT COUNT(DISTINCT id) FROM _new", "SELECT MAX(paid) FROM _new",
        "SELECT COUNT(*) * 2 FROM _new", "SELECT COUNT(*) + MAX(id) FROM _new",
        "SELECT COUNT(*) FROM _new GROUP BY id", "SELECT COUNT(*) FROM _new HAVING COUNT(*) > 3",
        "SELECT COUNT(*) FROM _new LIMIT 1", "SELECT DISTINCT COUNT(*) FROM _new",
        "SELECT COUNT(*) FROM _new LEFT JOIN silver.u AS u ON u.id = parent",
        "SELECT COUNT(*) FROM _new AS a JOIN _new AS b ON a.id = b.parent",
        "SELECT COUNT(*) FROM (SELECT DISTINCT id FROM _new)",
        "WITH x AS (SELECT DISTINCT id FROM _new) SELECT COUNT(*) FROM x",
        "SELECT COUNT(*) FROM _new WHERE id IN (SELECT id FROM silver.t)",
        "SELECT COUNT(*) FROM _new WHERE paid > (SELECT MAX(paid) FROM silver.t)",
        "SELECT COUNT(*) FILTER (WHERE id > 3) FROM _new",
        "SELECT (SELECT COUNT(*) FROM silver.t) FROM _new WHERE id = 1",
        "SELECT COUNT(*) FROM _new UNION ALL SELECT 0"}) {
    EXPECT_EQ(of(select), "no") << select;
  }
}

TEST_F(SumShape, a_subquery_that_looks_at_the_rows_around_it_is_none) {
  // silver.u has no column paid: it is that of the row around.
  EXPECT_EQ(of("SELECT COUNT(*) - (SELECT COUNT(*) FROM silver.u WHERE paid > 3) FROM _new"), "no");
  EXPECT_EQ(of("SELECT COUNT(*) - (SELECT COUNT(*) FROM silver.u AS u WHERE u.id = n.id) FROM _new "
               "AS n"),
            "no");
}

}  // namespace
}  // namespace claimlake::engine
