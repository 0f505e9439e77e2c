#include "delta/schema.h"

#include <gmock/gmock.h>

namespace claimlake::delta {
namespace {

using testing::HasSubstr;

// The example of PROTOCOL.md, "Schema Serialization Format", shortened.
constexpr const char* kNested =
    R"~({"type":"struct","fields":[)~"
    R"~({"name":"a","type":"integer","nullable":false,"metadata":{"comment":"this is a comment"}},)~"
    R"~({"name":"b","type":{"type":"struct","fields":[)~"
    R"~({"name":"d","type":"integer","nullable":false,"metadata":{}}]},"nullable":true,"metadata":{}},)~"
    R"~({"name":"c","type":{"type":"array","elementType":"integer","containsNull":false},)~"
    R"~("nullable":true,"metadata":{}},)~"
    R"~({"name":"f","type":{"type":"map","keyType":"string","valueType":"decimal(10,2)",)~"
    R"~("valueContainsNull":true},"nullable":true,"metadata":{}}]})~";

TEST(Schema, of_the_protocol_is_read_and_written_as_it_was) {
  const auto schema = parse_schema(kNested);

  ASSERT_TRUE(schema) << schema.error().text();
  EXPECT_EQ(to_json(*schema), kNested);
  EXPECT_EQ(schema->fields[1].type.text(), "struct<d: integer>");
  EXPECT_EQ(schema->fields[3].type.text(), "map<string, decimal(10,2)>");
  EXPECT_EQ(schema->find("F"), &schema->fields[3]);
  EXPECT_EQ(schema->find("g"), nullptr);
}

TEST(Schema, a_type_that_is_not_known_is_named_with_its_column) {
  const auto schema = parse_schema(
      R"({"type":"struct","fields":[{"name":"s","type":{"type":"struct","fields":[{"name":"g","type":"geometry"}]}}]})");

  ASSERT_FALSE(schema);
  EXPECT_EQ(schema.error().fault, Fault::kInvalidInput);
  EXPECT_THAT(schema.error().message,
              HasSubstr("column s.g has a type that is not known: geometry"));
}

TEST(Schema, damage_is_an_error_and_not_a_guess) {
  for (const char* text : {"{", "[]", R"({"type":"struct"})", R"({"type":"array","fields":[]})",
                           R"({"type":"struct","fields":[{"type":"long"}]})",
                           R"({"type":"struct","fields":[{"name":"a"}]})",
                           R"({"type":"struct","fields":[{"name":"a","type":{"type":"map"}}]})"}) {
    const auto schema = parse_schema(text);
    ASSERT_FALSE(schema) << text;
    EXPECT_EQ(schema.error().fault, Fault::kCorrupt) << text;
  }
  for (const char* type : {"decimal(39,2)", "decimal(4,5)", "decimal(0,0)", "decimal(a,b)"}) {
    EXPECT_FALSE(parse_schema(R"({"type":"struct","fields":[{"name":"a","type":")" +
                              std::string(type) + R"("}]})"))
        << type;
  }
}

TEST(Schema, nesting_without_end_is_refused) {
  std::string text = "\"long\"";
  for (int i = 0; i < 300; ++i) text = R"({"type":"array","elementType":)" + text + "}";

  const auto schema =
      parse_schema(R"({"type":"struct","fields":[{"name":"a","type":)" + text + "}]}");

  ASSERT_FALSE(schema);
  EXPECT_THAT(schema.error().message, HasSubstr("nested too deeply"));
}

}  // namespace
}  // namespace claimlake::delta
