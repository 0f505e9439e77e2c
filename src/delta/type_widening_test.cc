#include "delta/type_widening.h"

#include <gmock/gmock.h>

#include <set>

#include "delta/type_text.h"

namespace claimlake::delta {
namespace {

using testing::HasSubstr;

// PROTOCOL.md, "Type Widening": the supported type changes, written out for a choice of decimals.
TEST(TypeWideningTest, the_protocols_changes_and_no_others_are_allowed) {
  const std::vector<std::string> types = {"TINYINT",        "SMALLINT",       "INT",
                                          "BIGINT",         "FLOAT",          "DOUBLE",
                                          "DATE",           "TIMESTAMP_NTZ",  "TIMESTAMP",
                                          "STRING",         "DECIMAL(10, 0)", "DECIMAL(12, 2)",
                                          "DECIMAL(11, 2)", "DECIMAL(20, 0)", "DECIMAL(22, 2)"};
  const std::set<std::pair<std::string, std::string>> allowed = {
      {"TINYINT", "SMALLINT"},
      {"TINYINT", "INT"},
      {"TINYINT", "BIGINT"},
      {"TINYINT", "DOUBLE"},
      {"TINYINT", "DECIMAL(10, 0)"},
      {"TINYINT", "DECIMAL(12, 2)"},
      {"TINYINT", "DECIMAL(20, 0)"},
      {"TINYINT", "DECIMAL(22, 2)"},
      {"SMALLINT", "INT"},
      {"SMALLINT", "BIGINT"},
      {"SMALLINT", "DOUBLE"},
      {"SMALLINT", "DECIMAL(10, 0)"},
      {"SMALLINT", "DECIMAL(12, 2)"},
      {"SMALLINT", "DECIMAL(20, 0)"},
      {"SMALLINT", "DECIMAL(22, 2)"},
      {"INT", "BIGINT"},
      {"INT", "DOUBLE"},
      {"INT", "DECIMAL(10, 0)"},
      {"INT", "DECIMAL(12, 2)"},
      {"INT", "DECIMAL(20, 0)"},
      {"INT", "DECIMAL(22, 2)"},
      {"BIGINT", "DECIMAL(20, 0)"},
      {"BIGINT", "DECIMAL(22, 2)"},
      {"FLOAT", "DOUBLE"},
      {"DATE", "TIMESTAMP_NTZ"},
      {"DECIMAL(10, 0)", "DECIMAL(12, 2)"},
      {"DECIMAL(10, 0)", "DECIMAL(20, 0)"},
      {"DECIMAL(10, 0)", "DECIMAL(22, 2)"},
      {"DECIMAL(12, 2)", "DECIMAL(22, 2)"},
      {"DECIMAL(11, 2)", "DECIMAL(12, 2)"},
      {"DECIMAL(11, 2)", "DECIMAL(22, 2)"},
      {"DECIMAL(20, 0)", "DECIMAL(22, 2)"}};
  for (const std::string& from : types) {
    for (const std::string& to : types) {
      if (from == to) continue;
      EXPECT_EQ(may_widen(*parse_type_text(from), *parse_type_text(to)),
                allowed.contains({from, to}))
          << from << " to " << to;
    }
  }
}

// The three examples of PROTOCOL.md, "Type Change Metadata", but for the order of the members.
TEST(TypeWideningTest, changes_are_told_in_the_field_that_is_nearest) {
  Field plain{"e", *parse_type_text("SMALLINT")};
  ASSERT_TRUE(widen(plain, *parse_type_text("INT")));
  ASSERT_TRUE(widen(plain, *parse_type_text("BIGINT")));
  EXPECT_EQ(plain.metadata.at("delta.typeChanges"),
            R"([{"toType":"integer","fromType":"short"},{"toType":"long","fromType":"integer"}])");

  Field key{"e", *parse_type_text("MAP<FLOAT, INT>")};
  ASSERT_TRUE(widen(key, *parse_type_text("MAP<DOUBLE, INT>")));
  EXPECT_EQ(key.metadata.at("delta.typeChanges"),
            R"([{"toType":"double","fromType":"float","fieldPath":"key"}])");

  Field deep{"e", *parse_type_text("ARRAY<MAP<STRING, DECIMAL(6, 2)>>")};
  ASSERT_TRUE(widen(deep, *parse_type_text("ARRAY<MAP<STRING, DECIMAL(10, 4)>>")));
  EXPECT_EQ(
      deep.metadata.at("delta.typeChanges"),
      R"_([{"toType":"decimal(10,4)","fromType":"decimal(6,2)","fieldPath":"element.value"}])_");

  Field inner{"s", *parse_type_text("STRUCT<a: INT, b: STRING>")};
  ASSERT_TRUE(widen(inner, *parse_type_text("STRUCT<a: BIGINT, b: STRING>")));
  EXPECT_FALSE(inner.metadata.contains("delta.typeChanges"));
  EXPECT_TRUE(inner.type.as_struct()->fields[0].metadata.contains("delta.typeChanges"));
  EXPECT_TRUE(has_type_changes(Schema{{inner}}));
  EXPECT_FALSE(has_type_changes(without_type_changes(Schema{{inner, deep}})));
}

TEST(TypeWideningTest, what_is_not_allowed_says_what_is) {
  Field field{"price", *parse_type_text("DECIMAL(10, 2)")};
  EXPECT_THAT(widen(field, *parse_type_text("DECIMAL(10, 4)")).error().text(),
              HasSubstr("as many digits before and after the point"));
  EXPECT_THAT(widen(field, *parse_type_text("STRING")).error().text(),
              HasSubstr("price cannot become string: it is decimal(10,2)"));
  EXPECT_TRUE(field.metadata.empty());
}

}  // namespace
}  // namespace claimlake::delta
