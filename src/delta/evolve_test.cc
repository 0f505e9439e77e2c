#include "delta/evolve.h"

#include <gmock/gmock.h>

namespace claimlake::delta {
namespace {

using testing::HasSubstr;

const PrimitiveType kLong{"long"};
const PrimitiveType kString{"string"};
const Schema kTable{{{"id", kLong, false}, {"name", kString}}};

TEST(MergeForAppend, rows_that_fit_ask_for_nothing) {
  const auto merged = merge_for_append(kTable, Schema{{{"NAME", kString}, {"id", kLong}}}, false);

  ASSERT_TRUE(merged) << merged.error().text();
  EXPECT_FALSE(*merged);
}

TEST(MergeForAppend, a_new_column_is_added_only_on_purpose) {
  const Schema rows{{{"id", kLong}, {"name", kString}, {"breed", kString, false}}};

  const auto refused = merge_for_append(kTable, rows, false);
  const auto merged = merge_for_append(kTable, rows, true);

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().fault, Fault::kInvalidInput);
  EXPECT_THAT(refused.error().message, HasSubstr("no column breed (string)"));
  ASSERT_TRUE(merged && *merged);
  ASSERT_EQ((*merged)->fields.size(), 3u);
  EXPECT_EQ((*merged)->fields[2].name, "breed");
  EXPECT_TRUE((*merged)->fields[2].nullable);
  EXPECT_FALSE((*merged)->fields[0].nullable);
}

TEST(MergeForAppend, a_slip_of_the_hand_is_noticed) {
  const auto refused = merge_for_append(kTable, Schema{{{"id", kLong}, {"nam", kString}}}, false);

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().next, "did you mean name?");
}

TEST(MergeForAppend, another_type_names_column_and_both_types) {
  const auto refused = merge_for_append(kTable, Schema{{{"id", kString}}}, true);

  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message,
              HasSubstr("column id has the type long in the table and string in the rows"));
}

TEST(MergeForAppend, a_column_that_must_not_be_null_must_be_there) {
  const auto refused = merge_for_append(kTable, Schema{{{"name", kString}}}, true);

  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("column id must not be null"));
}

TEST(MergeForAppend, fields_of_structs_are_added_too) {
  const Schema table{{{"s", ArrayType{StructType{{{"a", kLong}}}}}}};
  const Schema rows{{{"s", ArrayType{StructType{{{"a", kLong}, {"b", kString}}}}}}};

  const auto merged = merge_for_append(table, rows, true);

  ASSERT_TRUE(merged && *merged);
  EXPECT_EQ((*merged)->fields[0].type.text(), "array<struct<a: long, b: string>>");
}

}  // namespace
}  // namespace claimlake::delta
