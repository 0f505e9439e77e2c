#include "lake/self_read.h"

#include <gtest/gtest.h>

namespace claimlake::lake {
namespace {

engine::ChangeStatement insert_from(const std::string& source) {
  engine::ChangeStatement statement;
  statement.table = "t";
  statement.source = source;
  return statement;
}

TEST(SelfRead, is_seen_in_the_statement) {
  EXPECT_TRUE(reads_itself(insert_from("SELECT * FROM gold.T"), {}));
  EXPECT_FALSE(reads_itself(insert_from("SELECT * FROM tt"), {}));
}

TEST(SelfRead, is_seen_through_views_and_functions_of_views) {
  const std::map<TableName, std::string> definitions = {
      {{"gold", "above"}, "SELECT * FROM gold.below WHERE a > 1"},
      {{"gold", "below"}, "SELECT * FROM gold.T"},
      {{"gold", "round"}, "SELECT * FROM gold.round"},
      {{"gold", "other"}, "SELECT * FROM gold.u"}};
  EXPECT_TRUE(reads_itself(insert_from("SELECT * FROM below"), definitions));
  EXPECT_TRUE(reads_itself(insert_from("FROM gold.Above"), definitions));
  EXPECT_FALSE(reads_itself(insert_from("FROM round, other"), definitions));
}

TEST(SelfRead, is_seen_in_a_subquery_of_a_condition) {
  engine::ChangeStatement statement = insert_from("");
  statement.condition = "a IN (SELECT a FROM v)";
  EXPECT_TRUE(reads_itself(statement, {{{"gold", "v"}, "SELECT a FROM t"}}));
  statement.condition = "t.a > 1";
  EXPECT_FALSE(reads_itself(statement, {{{"gold", "v"}, "SELECT a FROM t"}})) << "that is its row";
}

}  // namespace
}  // namespace claimlake::lake
