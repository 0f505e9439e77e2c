#include "pack/references.h"

#include <gtest/gtest.h>

namespace claimlake::pack {
namespace {

std::string tables(std::string_view sql) {
  std::string text;
  const auto tokens = tokenize(sql);
  for (const TableReference& reference : table_references(*tokens)) {
    text += reference.name + (reference.alias ? "* " : " ");
  }
  return text;
}

TEST(References, finds_tables_wherever_a_from_clause_may_stand) {
  EXPECT_EQ(tables("SELECT a.b, c.d FROM s.t"), "s.t ");
  EXPECT_EQ(tables("SELECT 1 FROM s.t AS x JOIN s.u y ON x.a = y.b LEFT JOIN s.v USING (a, b)"),
            "s.t* s.u* s.v ");
  EXPECT_EQ(tables("SELECT 1 FROM s.t x, s.u, cte, s.v WHERE a IN (SELECT b, c.d FROM s.w)"),
            "s.t* s.u s.v s.w ");
  EXPECT_EQ(tables("WITH x AS (SELECT 1 FROM s.t) SELECT 1 FROM x UNION ALL SELECT 2 FROM s.u"),
            "s.t s.u ");
  EXPECT_EQ(tables("SELECT 1 FROM ((s.t JOIN s.u ON a.b = c.d)), s.v"), "s.t s.u s.v ");
  EXPECT_EQ(tables("SELECT (SELECT MAX(a) FROM s.t) AS m FROM (SELECT 1 FROM s.u) AS x, s.v"),
            "s.t s.u s.v ");
}

TEST(References, takes_no_column_or_function_for_a_table) {
  EXPECT_EQ(tables("SELECT EXTRACT(DAY FROM a.b), TRIM(BOTH ' ' FROM c.d) FROM s.t"), "s.t ");
  EXPECT_EQ(tables("SELECT a IS DISTINCT FROM b.c, d.e FROM s.t"), "s.t ");
  EXPECT_EQ(tables("SELECT 1 FROM s.f(1), s.t ORDER BY a.b, c.d"), "s.t ");
  EXPECT_EQ(tables("SELECT 1 FROM s.t GROUP BY a.b, c.d HAVING a.b > c.d"), "s.t ");
  EXPECT_EQ(tables("SELECT 'FROM s.x' /* FROM s.y */ FROM s.t -- FROM s.z"), "s.t ");
}

TEST(References, keeps_all_parts_of_a_longer_name) {
  EXPECT_EQ(tables("SELECT 1 FROM lake.gold.t AS x"), "lake.gold.t* ");
}

TEST(References, knows_which_names_no_with_defines) {
  const auto undefined = [](std::string_view sql) {
    std::string text;
    for (const TableReference& name : undefined_names(*tokenize(sql))) text += name.name + " ";
    return text;
  };

  EXPECT_EQ(
      undefined("WITH a AS (SELECT 1 FROM s.t), b (x, y) AS (SELECT 1 FROM a), "
                "c AS MATERIALIZED (SELECT 1 FROM b) SELECT 1 FROM C, B AS a2 JOIN \"a\" ON x"),
      "");
  EXPECT_EQ(undefined("WITH a AS (SELECT 1 FROM clams) SELECT 1 FROM a JOIN s.t JOIN Claims c"),
            "clams claims ");
  EXPECT_EQ(undefined("SELECT EXTRACT(DAY FROM x) FROM f(1), (SELECT 1) AS y"), "");
}

TEST(References, are_lower_case_and_know_where_they_stand) {
  const std::string sql = "SELECT a FROM Silver . \"Dim_Pets\" WHERE b";

  const auto found = table_references(*tokenize(sql));

  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].name, "silver.dim_pets");
  EXPECT_EQ(sql.substr(found[0].begin, found[0].end - found[0].begin), "Silver . \"Dim_Pets\"");
  EXPECT_EQ(replacement(found[0], "(x)"), "(x) AS \"dim_pets\"");
}

}  // namespace
}  // namespace claimlake::pack
