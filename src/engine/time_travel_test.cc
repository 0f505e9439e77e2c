#include "engine/time_travel.h"

#include <gtest/gtest.h>

namespace claimlake::engine {
namespace {

std::string rewritten(std::string_view sql) { return with_at_clauses(sql).value_or("-"); }

TEST(TimeTravel, a_version_is_asked_for_as_spark_does) {
  EXPECT_EQ(rewritten("SELECT * FROM t VERSION AS OF 3"), "SELECT * FROM t AT (VERSION => 3)");
  EXPECT_EQ(rewritten("select * from t version as of 3 WHERE a"),
            "select * from t AT (VERSION => 3) WHERE a");
  EXPECT_EQ(rewritten("SELECT * FROM t FOR VERSION AS OF 3"), "SELECT * FROM t AT (VERSION => 3)");
}

TEST(TimeTravel, the_alias_comes_first) {
  EXPECT_EQ(rewritten("FROM t VERSION AS OF 3 AS a JOIN t VERSION AS OF 4 b ON a.x = b.x"),
            "FROM t AS a AT (VERSION => 3) JOIN t AS b AT (VERSION => 4) ON a.x = b.x");
}

TEST(TimeTravel, a_time_may_be_a_text_or_an_expression) {
  EXPECT_EQ(rewritten("FROM t TIMESTAMP AS OF '2026-01-31' ORDER BY 1"),
            "FROM t AT (TIMESTAMP => CAST('2026-01-31' AS TIMESTAMP)) ORDER BY 1");
  EXPECT_EQ(rewritten("FROM t FOR TIMESTAMP AS OF TIMESTAMP '2026-01-31' x"),
            "FROM t AS x AT (TIMESTAMP => CAST(TIMESTAMP '2026-01-31' AS TIMESTAMP))");
  EXPECT_EQ(rewritten("FROM t TIMESTAMP AS OF now() LIMIT 1"),
            "FROM t AT (TIMESTAMP => CAST(now() AS TIMESTAMP)) LIMIT 1");
}

TEST(TimeTravel, texts_names_and_comments_are_left_alone) {
  EXPECT_EQ(rewritten("SELECT 'a VERSION AS OF 3' FROM t -- VERSION AS OF 3"), "-");
  EXPECT_EQ(rewritten("SELECT 'it''s VERSION AS OF 3' FROM \"t VERSION AS OF 3\""), "-");
  EXPECT_EQ(rewritten("SELECT 1 VERSION AS OF"), "-");
  EXPECT_EQ(rewritten(""), "-");
}

}  // namespace
}  // namespace claimlake::engine
