#include "app/shell.h"

#include <gtest/gtest.h>

#include "app/rows_output.h"

namespace claimlake::app {
namespace {

TEST(Shell, waits_for_the_semicolon_that_ends_the_statement) {
  EXPECT_TRUE(is_complete_statement("select 1;"));
  EXPECT_TRUE(is_complete_statement("select ';' -- ;\n;  \n"));
  EXPECT_TRUE(is_complete_statement("select 1; -- done"));
  EXPECT_FALSE(is_complete_statement("select 1"));
  EXPECT_FALSE(is_complete_statement("select ';'"));
  EXPECT_FALSE(is_complete_statement("select \";\""));
  EXPECT_FALSE(is_complete_statement("select 1 -- ;"));
  EXPECT_FALSE(is_complete_statement("select 1 /* ; */"));
  EXPECT_FALSE(is_complete_statement("select 'it''s;'"));
}

TEST(Shell, marks_the_place_of_an_error_under_the_statement) {
  const auto where = [](const char* place, const std::string& sql) {
    return point_into(Error{Fault::kInvalidInput, "bad", place}, sql).where;
  };

  EXPECT_EQ(where("1:8", "select x"), "1:8\n         select x\n                ^");
  EXPECT_EQ(where("2:3", "select 1\n  frm t"), "2:3\n           frm t\n           ^");
  EXPECT_EQ(where("1:3", "ä x"), "1:3\n         ä x\n           ^");
  EXPECT_EQ(where("1:9", "select x"), "1:9\n         select x\n                 ^");
  // Not a place in the statement.
  EXPECT_EQ(where("7:1", "select x"), "7:1");
  EXPECT_EQ(where("silver/t", "select x"), "silver/t");
  EXPECT_EQ(where("", "select x"), "");
}

TEST(Shell, shows_a_long_line_around_the_place) {
  const std::string sql = "select " + std::string(500, 'a') + " frm " + std::string(500, 'b');

  const std::string where = point_into(Error{Fault::kInvalidInput, "bad", "1:509"}, sql).where;

  EXPECT_LT(where.size(), 300U);
  const auto mark = where.find('^') - where.rfind('\n');
  EXPECT_EQ(where.substr(where.find('\n') + mark, 3), "frm");
}

TEST(Csv, quotes_what_would_break_the_line) {
  EXPECT_EQ(csv_field("plain"), "plain");
  EXPECT_EQ(csv_field("a,b"), "\"a,b\"");
  EXPECT_EQ(csv_field("say \"hi\""), "\"say \"\"hi\"\"\"");
  EXPECT_EQ(csv_field("two\nlines"), "\"two\nlines\"");
}

}  // namespace
}  // namespace claimlake::app
