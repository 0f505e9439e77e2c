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

TEST(Csv, quotes_what_would_break_the_line) {
  EXPECT_EQ(csv_field("plain"), "plain");
  EXPECT_EQ(csv_field("a,b"), "\"a,b\"");
  EXPECT_EQ(csv_field("say \"hi\""), "\"say \"\"hi\"\"\"");
  EXPECT_EQ(csv_field("two\nlines"), "\"two\nlines\"");
}

}  // namespace
}  // namespace claimlake::app
