#include "engine/table_expression.h"

#include <gmock/gmock.h>

namespace claimlake::engine {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string sql(std::string_view text) {
  const auto expression = table_expression(text, {"at"});
  return expression ? expression->sql : expression.error().text();
}

TEST(TableExpression, quotes_mean_what_they_mean_in_spark) {
  EXPECT_EQ(sql("`a b` = \"it's\""), "((\"a b\" = 'it''s'))");
  EXPECT_THAT(table_expression("`a b` > 1 AND C < 2", {"at"})->columns, ElementsAre("a b", "c"));
  EXPECT_EQ(stored_expression("\"a b\" = 'x\"y'"), "`a b` = 'x\"y'");
}

TEST(TableExpression, a_timestamp_has_a_zone) {
  EXPECT_THAT(sql("CAST(a AS TIMESTAMP)"), HasSubstr("TIMESTAMP WITH TIME ZONE"));
}

TEST(TableExpression, one_null_makes_a_joined_text_null) {
  EXPECT_EQ(sql("concat(a, b, c)"), "(((a || b) || c))");
}

TEST(TableExpression, what_may_mean_something_else_here_is_refused) {
  EXPECT_THAT(sql("date_format(a, 'yyyy')"), HasSubstr("The function date_format is not known"));
  EXPECT_THAT(sql("substring(a, -2)"), HasSubstr("SUBSTRING"));
  EXPECT_THAT(sql("a LIKE 'x\\_%'"), HasSubstr("backslash"));
  EXPECT_THAT(sql("(SELECT 1) = a"), HasSubstr("is nothing that an expression"));
  EXPECT_THAT(sql("a <=> b"), HasSubstr("<=>"));
  EXPECT_THAT(sql("random() > 0"), HasSubstr("random"));
  EXPECT_THAT(sql("count(*) OVER () > 0"), HasSubstr("is nothing that an expression"));
  EXPECT_THAT(sql("a >"), HasSubstr("The expression a > cannot be used"));
  EXPECT_THAT(sql("1, 2"), HasSubstr("one expression"));
}

TEST(TableExpression, a_column_may_have_a_name_that_is_a_word_of_ours) {
  EXPECT_EQ(sql("CAST(at AS DATE) > DATE '2020-01-01'"),
            "((CAST(\"at\" AS \"DATE\") > CAST('2020-01-01' AS \"DATE\")))");
}

TEST(TableExpression, the_time_of_the_statement_is_no_column) {
  EXPECT_THAT(table_expression("current_timestamp()", {"at"})->columns, IsEmpty());
  EXPECT_THAT(table_expression("current_date", {"at"})->columns, IsEmpty());
}

}  // namespace
}  // namespace claimlake::engine
