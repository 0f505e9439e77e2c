#include "delta/new_table.h"

#include <gmock/gmock.h>

namespace claimlake::delta {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const PrimitiveType kLong{"long"};

Result<std::vector<Action>> make(NewTable table) {
  const SimClock clock;
  SeededRandom random(7);
  return new_table(std::move(table), clock, random);
}

std::string message(NewTable table) {
  const auto made = make(std::move(table));
  return made ? "made" : made.error().message;
}

TEST(NewTable, asks_for_the_oldest_protocol_that_will_do) {
  const auto made = make({.schema = {{{"id", kLong}}}});

  ASSERT_TRUE(made) << made.error().text();
  EXPECT_EQ(std::get<Protocol>((*made)[0]),
            (Protocol{.min_reader_version = 1, .min_writer_version = 2}));
  EXPECT_EQ(
      std::get<Metadata>((*made)[1]).schema_json,
      R"({"type":"struct","fields":[{"name":"id","type":"long","nullable":true,"metadata":{}}]})");
}

TEST(NewTable, names_the_features_that_the_schema_needs) {
  const auto made = make({.schema = {{{"at", PrimitiveType{"timestamp_ntz"}}}}});

  ASSERT_TRUE(made) << made.error().text();
  const auto& protocol = std::get<Protocol>((*made)[0]);
  EXPECT_EQ(protocol.min_reader_version, 3);
  EXPECT_EQ(protocol.min_writer_version, 7);
  EXPECT_THAT(protocol.reader_features, ElementsAre("timestampNtz"));
  EXPECT_THAT(protocol.writer_features, ElementsAre("appendOnly", "invariants", "timestampNtz"));
}

TEST(NewTable, refuses_schemas_that_others_could_not_read) {
  EXPECT_THAT(message({.schema = {}}), HasSubstr("at least one column"));
  EXPECT_THAT(message({.schema = {{{"Id", kLong}, {"id", kLong}}}}), HasSubstr("two columns"));
  EXPECT_THAT(message({.schema = {{{"a b", kLong}}}}), HasSubstr("column 'a b'"));
  EXPECT_THAT(message({.schema = {{{"s", StructType{}}}}}), HasSubstr("struct s."));
}

TEST(NewTable, refuses_partition_columns_that_cannot_be) {
  const Schema schema{{{"id", kLong}, {"tags", ArrayType{kLong}}}};
  EXPECT_THAT(message({.schema = schema, .partition_columns = {"di"}}),
              HasSubstr("partition column di is not a column"));
  EXPECT_THAT(message({.schema = schema, .partition_columns = {"tags"}}),
              HasSubstr("array<long> cannot partition"));
  EXPECT_THAT(message({.schema = {{{"id", kLong}}}, .partition_columns = {"id"}}),
              HasSubstr("all columns partition"));
}

TEST(NewTable, refuses_unknown_and_bad_properties_and_keeps_those_of_users) {
  const Schema schema{{{"id", kLong}}};
  EXPECT_THAT(message({.schema = schema, .properties = {{"delta.checkpointIntervall", "5"}}}),
              HasSubstr("delta.checkpointIntervall is not known"));
  EXPECT_THAT(message({.schema = schema, .properties = {{"delta.checkpointInterval", "0"}}}),
              HasSubstr("at least 1"));
  EXPECT_EQ(message({.schema = schema, .properties = {{"team", "claims"}}}), "made");
}

}  // namespace
}  // namespace claimlake::delta
