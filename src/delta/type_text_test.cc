#include "delta/type_text.h"

#include <gmock/gmock.h>

namespace claimlake::delta {
namespace {

std::string read(std::string_view text) {
  const auto type = parse_type_text(text);
  return type ? type->text() : type.error().message;
}

TEST(TypeText, knows_the_names_of_spark) {
  EXPECT_EQ(read("BIGINT"), "long");
  EXPECT_EQ(read("int"), "integer");
  EXPECT_EQ(read("VARCHAR(20)"), "string");
  EXPECT_EQ(read("TIMESTAMP"), "timestamp");
  EXPECT_EQ(read("timestamp_ntz"), "timestamp_ntz");
  EXPECT_EQ(read("DECIMAL(18, 2)"), "decimal(18,2)");
  EXPECT_EQ(read("numeric"), "decimal(10,0)");
}

TEST(TypeText, reads_nested_types) {
  EXPECT_EQ(read("STRUCT<a: INT, b ARRAY<MAP<STRING, DATE>>, `c d`: BOOLEAN NOT NULL>"),
            "struct<a: integer, b: array<map<string, date>>, c d: boolean>");
}

TEST(TypeText, refuses_what_is_none) {
  for (const char* text : {"", "INTEGERS", "ARRAY", "ARRAY<INT", "MAP<INT>", "STRUCT<>", "INT INT",
                           "DECIMAL(39,2)", "DECIMAL(2,3)", "STRUCT<a INT b INT>"}) {
    EXPECT_EQ(read(text), std::string("this is not a type: ") + text);
  }
}

}  // namespace
}  // namespace claimlake::delta
