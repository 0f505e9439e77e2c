#include "pack/lint.h"

#include <gtest/gtest.h>

namespace claimlake::pack {
namespace {

std::string lints(std::string_view sql) {
  std::string text;
  const auto tokens = tokenize(sql);
  for (const Lint& lint : lint_sql(*tokens)) {
    text +=
        std::to_string(lint.offset) + " " + lint.what.substr(0, lint.what.find(" is not")) + "; ";
  }
  return text;
}

TEST(Lint, passes_portable_sql) {
  EXPECT_EQ(lints(R"(WITH c (customer_id, n) AS (
      SELECT customer_id, COUNT(*) AS n FROM silver.fact_claims WHERE a IN (1, 2) GROUP BY customer_id)
    SELECT c.customer_id, CAST(n AS VARCHAR(9)) AS n, EXTRACT(DAY FROM a - b) AS days, c.now AS now,
           ROW_NUMBER() OVER (PARTITION BY a ORDER BY b) AS columns,
           REGEXP_EXTRACT(e, '^[a-z]{2,}[.]$', 0) AS e, CAST(a AS DECIMAL(18,2)) AS d
    FROM c LEFT JOIN silver.p USING (id) WHERE NOT EXISTS (SELECT 1 FROM x) AND a <> b
    GROUP BY a HAVING SUM(a) FILTER (WHERE b) > 1)"),
            "");
}

TEST(Lint, refuses_what_one_of_the_engines_does_not_take) {
  EXPECT_EQ(lints("SELECT a::INT"), "8 ::; ");
  EXPECT_EQ(lints("SELECT CAST(a AS VARCHAR)"), "17 CAST to VARCHAR without a length; ");
  EXPECT_EQ(lints("SELECT {{ a }}"), "7 {{; 12 }}; ");
  EXPECT_EQ(lints("SELECT \"a\", `b`"), "7 \"a\"; 12 `b`; ");
  EXPECT_EQ(lints("SELECT 'a\\d', E'x'"), "7 a backslash in a string; 14 E'...; ");
  EXPECT_EQ(lints("SELECT a FROM t QUALIFY b"), "16 QUALIFY; ");
  EXPECT_EQ(lints("SELECT a FROM t ASOF JOIN u"), "16 ASOF; ");
  EXPECT_EQ(lints("SELECT a FROM t SEMI JOIN u"), "16 SEMI; ");
  EXPECT_EQ(lints("SELECT a GROUP BY ALL ORDER BY ALL"), "18 GROUP BY ALL; 31 ORDER BY ALL; ");
  EXPECT_EQ(lints("SELECT * EXCLUDE (a) FROM t"), "9 EXCLUDE; ");
  EXPECT_EQ(lints("SELECT * REPLACE (a AS b)"), "9 * REPLACE; ");
  EXPECT_EQ(lints("SELECT COLUMNS('a')"), "7 COLUMNS; ");
  EXPECT_EQ(lints("WITH a AS (FROM t) FROM a"), "11 FROM without SELECT; ");
  EXPECT_EQ(lints("FROM t"), "0 FROM without SELECT; ");
  EXPECT_EQ(lints("SELECT a ILIKE b, a == b, a // b, a ** b, a ~ b"),
            "9 ILIKE; 20 ==; 28 //; 36 **; 44 ~; ");
  EXPECT_EQ(lints("SELECT a[1], {'a': 1}, x -> y"), "8 [; 13 {; 25 ->; ");
  EXPECT_EQ(lints("SELECT NOW(), CURRENT_TIMESTAMP, RANDOM()"),
            "7 NOW; 14 CURRENT_TIMESTAMP; 33 RANDOM; ");
  EXPECT_EQ(lints("SELECT list_sort(a), date_diff('day', a, b)"),
            "7 LIST_SORT(); 21 DATE_DIFF(); ");
}

TEST(Lint, names_the_place_in_the_file_and_the_portable_form) {
  const auto model =
      parse_model("/* claimlake\nkind: full\ndescription: x\n*/\nSELECT\n  a::INT AS b\nFROM t",
                  "silver.t", "t.sql");
  ASSERT_TRUE(model) << model.error().text();

  const auto errors = lint_model(*model);

  ASSERT_EQ(errors.size(), 1u);
  EXPECT_EQ(errors[0].where, "t.sql:6:4");
  EXPECT_EQ(errors[0].message, ":: is not portable: DuckDB only");
  EXPECT_EQ(errors[0].next, "write CAST(a AS type)");
}

std::string clock(std::string_view sql, bool clock_day) {
  std::string text;
  const auto tokens = tokenize(sql);
  for (const ClockUse& use : clock_uses(*tokens, clock_day)) text += use.word + " ";
  return text;
}

TEST(ClockUses, allow_the_date_only_with_the_clock_and_the_time_never) {
  EXPECT_EQ(clock("SELECT current_date, now(), localtimestamp", false),
            "CURRENT_DATE NOW LOCALTIMESTAMP ");
  EXPECT_EQ(clock("SELECT current_date, today()", true), "TODAY ");
  EXPECT_EQ(clock("SELECT t.now, 1 AS current_date, 'CURRENT_DATE' -- NOW()", false), "");
}

TEST(ChanceUses, are_functions_and_samples_and_no_columns) {
  const auto chance = [](std::string_view sql) {
    std::string text;
    const auto tokens = tokenize(sql);
    for (const ClockUse& use : chance_uses(*tokens)) text += use.word + " ";
    return text;
  };
  EXPECT_EQ(chance("SELECT random(), 1 + gen_random_uuid() FROM t USING SAMPLE 10%"),
            "RANDOM GEN_RANDOM_UUID SAMPLE ");
  EXPECT_EQ(chance("SELECT * FROM t TABLESAMPLE 10 PERCENT"), "TABLESAMPLE ");
  EXPECT_EQ(chance("SELECT uuid, t.random, sample, 'RANDOM()' FROM t -- RANDOM()"), "");
}

}  // namespace
}  // namespace claimlake::pack
