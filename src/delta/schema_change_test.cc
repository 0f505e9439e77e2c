#include "delta/schema_change.h"

#include <gmock/gmock.h>

#include "delta/type_text.h"

namespace claimlake::delta {
namespace {

using testing::HasSubstr;

Schema schema() {
  return *parse_type_text(
              "STRUCT<a: INT, s: STRUCT<b: INT, c: STRING>, l: ARRAY<STRUCT<d: INT, e: INT>>, m: "
              "MAP<STRING, STRUCT<f: INT, g: INT>>>")
              ->as_struct();
}
std::string text(const Result<Schema>& result) {
  return result ? DataType(*result).text() : result.error().text();
}

TEST(SchemaChangeTest, a_field_is_found_through_structs_lists_and_maps) {
  EXPECT_EQ(field_at(schema(), {"S", "c"})->type.text(), "string");
  EXPECT_EQ(field_at(schema(), {"l", "element", "e"})->type.text(), "integer");
  EXPECT_EQ(field_at(schema(), {"m", "value", "g"})->name, "g");
  EXPECT_THAT(field_at(schema(), {"a", "x"}).error().text(), HasSubstr("has no fields"));
  EXPECT_THAT(field_at(schema(), {"m", "f"}).error().text(), HasSubstr("m.value.name"));
  EXPECT_FALSE(field_at(schema(), {"l", "element"}));
}

TEST(SchemaChangeTest, a_field_is_added_taken_named_and_moved_where_it_is) {
  const Field field{"x", PrimitiveType{"date"}};
  EXPECT_THAT(text(with_field(schema(), {"s"}, field, {.first = true})),
              HasSubstr("s: struct<x: date, b: integer, c: string>"));
  EXPECT_THAT(text(with_field(schema(), {"l", "element"}, field, {.after = "D"})),
              HasSubstr("l: array<struct<d: integer, x: date, e: integer>>"));
  EXPECT_THAT(text(without_field(schema(), {"m", "value", "f"})), HasSubstr("struct<g: integer>"));
  EXPECT_THAT(text(with_renamed(schema(), {"s", "b"}, "B")), HasSubstr("struct<B: integer"));
  EXPECT_THAT(text(with_renamed(schema(), {"s", "b"}, "C")), HasSubstr("s.c already"));
  EXPECT_THAT(text(with_moved(schema(), {"a"}, {.after = "l"})), HasSubstr(">>, a: integer, m: "));
}

TEST(SchemaChangeTest, what_is_computed_from_a_field_is_known_by_name) {
  Schema table = schema();
  table.fields.push_back(
      {"half", PrimitiveType{"double"}, true, {{"delta.generationExpression", "\"`a` / 2\""}}});
  const std::map<std::string, std::string> configuration = {
      {"delta.constraints.short", "length(S.c) < 9 AND 'l' <> ''"}};

  EXPECT_EQ(used_by({"a"}, table, configuration), "the generated column half");
  EXPECT_EQ(used_by({"s", "c"}, table, configuration), "the constraint short");
  EXPECT_EQ(used_by({"s"}, table, configuration), "the constraint short");
  EXPECT_EQ(used_by({"s", "b"}, table, configuration), std::nullopt);
  EXPECT_EQ(used_by({"l"}, table, configuration), std::nullopt) << "in quotes it is a text";
}

}  // namespace
}  // namespace claimlake::delta
