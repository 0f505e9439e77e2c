#include "delta/stats_texts.h"

#include <gmock/gmock.h>

namespace claimlake::delta {
namespace {

using testing::ElementsAre;
using testing::Optional;

const DataType kLong = PrimitiveType{"long"};

StructType columns() {
  return {{{"a", PrimitiveType{"decimal(38,10)"}},
           {"s", StructType{{{"b", kLong}, {"c", PrimitiveType{"string"}}}}},
           {"d", ArrayType{kLong}}}};
}

TEST(StatsTexts, each_value_comes_without_loss) {
  StatsTexts texts(columns());

  const auto read =
      texts.read(R"({"numRecords":3,"minValues":{"a":-1234567890123456789012345678.0123456789 ,)"
                 R"("s":{"b":1,"c":"x \"y\" \u00e9"},"unknown":{"deep":[1,{"a":2}]}},)"
                 R"("maxValues":{"s":{"c":null},"a":true},"nullCount":{"d":2,"s":{"b":0}},)"
                 R"("tightBounds":false})");

  ASSERT_TRUE(read);
  EXPECT_EQ(texts.leaves(), 4u);
  EXPECT_EQ(read->records, 3);
  EXPECT_EQ(read->tight_bounds, false);
  EXPECT_THAT(read->min,
              ElementsAre(Optional(std::string("-1234567890123456789012345678.0123456789")),
                          Optional(std::string("1")), Optional(std::string("x \"y\" \xc3\xa9")),
                          std::nullopt));
  EXPECT_THAT(read->max,
              ElementsAre(Optional(std::string("true")), std::nullopt, std::nullopt, std::nullopt));
  EXPECT_THAT(read->null_count, ElementsAre(std::nullopt, 0, std::nullopt, 2));
}

TEST(StatsTexts, what_is_missing_or_of_another_form_is_absent) {
  StatsTexts texts(columns());

  const auto read =
      texts.read(R"({"minValues":[1],"maxValues":{"s":4,"a":{"b":1}},"numRecords":"3"})");

  ASSERT_TRUE(read);
  EXPECT_EQ(read->records, std::nullopt);
  EXPECT_THAT(read->min, testing::Each(std::nullopt));
  EXPECT_THAT(read->max, testing::Each(std::nullopt));
}

TEST(StatsTexts, what_is_no_object_is_refused) {
  StatsTexts texts(columns());
  for (const char* text :
       {"", "[]", "3", "{", "{\"numRecords\":", "{} {}", "{\"a\" 1}", "\xff{}"}) {
    EXPECT_FALSE(texts.read(text)) << text;
  }
  EXPECT_TRUE(texts.read("{}"));
}

}  // namespace
}  // namespace claimlake::delta
