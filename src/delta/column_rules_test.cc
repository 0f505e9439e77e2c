#include "delta/column_rules.h"

#include <gtest/gtest.h>

namespace claimlake::delta {
namespace {

Field field_with(std::map<std::string, std::string> metadata) {
  return {"c", DataType(PrimitiveType{"long"}), true, std::move(metadata)};
}

TEST(ColumnRules, are_read_as_spark_writes_them) {
  const auto generated = *column_rules(
      field_with({{"delta.generationExpression", R"x("CAST(a AS DATE)")x"}, {"comment", "\"x\""}}));
  EXPECT_EQ(generated.generated, "CAST(a AS DATE)");
  EXPECT_FALSE(generated.identity);

  EXPECT_EQ(column_rules(field_with({{"CURRENT_DEFAULT", "\"'new'\""}}))->default_value, "'new'");

  const auto identity = *column_rules(field_with({{"delta.identity.start", "5"},
                                                  {"delta.identity.step", "-2"},
                                                  {"delta.identity.highWaterMark", "1"},
                                                  {"delta.identity.allowExplicitInsert", "true"}}));
  ASSERT_TRUE(identity.identity);
  EXPECT_EQ(identity.identity->start, 5);
  EXPECT_EQ(identity.identity->step, -2);
  EXPECT_EQ(identity.identity->high_water_mark, 1);
  EXPECT_TRUE(identity.identity->explicit_allowed);
}

TEST(ColumnRules, that_cannot_be_read_are_named) {
  const auto rules = column_rules(field_with({{"delta.identity.start", "\"five\""}}));
  ASSERT_FALSE(rules);
  EXPECT_EQ(rules.error().fault, Fault::kCorrupt);
  EXPECT_NE(rules.error().text().find("delta.identity.start"), std::string::npos);
}

TEST(ColumnRules, an_identity_column_counts_on_from_the_last_number) {
  Identity identity{.start = 10, .step = 3, .high_water_mark = {}, .explicit_allowed = false};
  EXPECT_EQ(*identity.next(), 10);
  identity.high_water_mark = 13;
  EXPECT_EQ(*identity.next(), 16);
  identity.high_water_mark = 14;  // another writer's; 16 is the next of 10, 13, 16
  EXPECT_EQ(*identity.next(), 16);
  identity.high_water_mark = 2;  // before the start
  EXPECT_EQ(*identity.next(), 10);
  identity = {.start = -1, .step = -5, .high_water_mark = -11, .explicit_allowed = false};
  EXPECT_EQ(*identity.next(), -16);
}

TEST(ColumnRules, an_identity_column_that_is_used_up_says_so) {
  const Identity identity{
      .start = 1, .step = 2, .high_water_mark = INT64_MAX, .explicit_allowed = false};
  ASSERT_FALSE(identity.next());
  EXPECT_NE(identity.next().error().text().find("used up"), std::string::npos);
}

TEST(ColumnRules, checks_are_the_constraints_and_the_invariants_of_columns) {
  Schema schema;
  schema.fields = {
      field_with({{"delta.invariants", R"("{\"expression\":{\"expression\":\"c > 3\"}}")"}})};
  const auto checks = *table_checks({{"delta.constraints.small", "c < 10"}, {"team", "x"}}, schema);
  ASSERT_EQ(checks.size(), 2U);
  EXPECT_EQ(checks[0].name, "small");
  EXPECT_EQ(checks[0].expression, "c < 10");
  EXPECT_EQ(checks[1].expression, "c > 3");
}

TEST(ColumnRules, a_condition_within_a_column_stops_writers) {
  Schema schema;
  const Field inner = field_with({{"delta.invariants", "\"{}\""}});
  schema.fields = {{"s", ArrayType{StructType{{inner}}}}};
  const auto checks = table_checks({}, schema);
  ASSERT_FALSE(checks);
  EXPECT_NE(checks.error().text().find("within a column"), std::string::npos);
}

}  // namespace
}  // namespace claimlake::delta
