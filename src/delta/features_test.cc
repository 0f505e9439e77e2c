// The gate in front of every table. Oracle: the protocol's list of feature names and versions.
#include "delta/features.h"

#include <gmock/gmock.h>

#include <map>

namespace claimlake::delta {
namespace {

using testing::HasSubstr;

constexpr Use kWrites[] = {Use::kAppend, Use::kChange, Use::kMaintain};

Protocol with(std::string feature) { return {3, 7, {}, {std::move(feature)}}; }

TEST(FeaturesTest, every_feature_of_the_protocol_is_known_with_its_kind) {
  using enum FeatureInfo::Kind;
  // PROTOCOL.md, "Valid Feature Names in Table Features".
  const std::map<std::string, FeatureInfo::Kind> protocol = {{"appendOnly", kWriter},
                                                             {"invariants", kWriter},
                                                             {"checkConstraints", kWriter},
                                                             {"generatedColumns", kWriter},
                                                             {"allowColumnDefaults", kWriter},
                                                             {"changeDataFeed", kWriter},
                                                             {"columnMapping", kReaderWriter},
                                                             {"identityColumns", kWriter},
                                                             {"deletionVectors", kReaderWriter},
                                                             {"rowTracking", kWriter},
                                                             {"timestampNtz", kReaderWriter},
                                                             {"domainMetadata", kWriter},
                                                             {"v2Checkpoint", kReaderWriter},
                                                             {"catalogManaged", kReaderWriter},
                                                             {"icebergCompatV1", kWriter},
                                                             {"icebergCompatV2", kWriter},
                                                             {"clustering", kWriter},
                                                             {"vacuumProtocolCheck", kReaderWriter},
                                                             {"inCommitTimestamp", kWriter}};
  for (const auto& [name, kind] : protocol) {
    const FeatureInfo* feature = find_feature(name);
    ASSERT_NE(feature, nullptr) << name;
    EXPECT_EQ(feature->kind, kind) << name;
  }
}

TEST(FeaturesTest, an_unknown_feature_is_refused_by_name) {
  const auto read = check_readable({3, 7, {"fromTheFuture"}, {"fromTheFuture"}}, {});
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().fault, Fault::kInvalidInput);
  EXPECT_THAT(read.error().message, HasSubstr("fromTheFuture"));
  EXPECT_THAT(read.error().next, HasSubstr("use an engine that supports the feature"));

  EXPECT_TRUE(check_readable(with("fromTheFuture"), {}));  // one of writers does not stop readers
  for (const Use use : kWrites) {
    const auto written = check_writable(with("fromTheFuture"), {}, {}, use);
    ASSERT_FALSE(written);
    EXPECT_THAT(written.error().message, HasSubstr("fromTheFuture"));
  }
}

TEST(FeaturesTest, a_version_that_is_not_known_is_refused) {
  EXPECT_FALSE(check_readable({4, 7, {}, {}}, {}));
  EXPECT_FALSE(check_writable({1, 8, {}, {}}, {}, {}, Use::kAppend));
  EXPECT_TRUE(check_readable({1, 8, {}, {}}, {}));
}

TEST(FeaturesTest, old_versions_imply_features) {
  EXPECT_TRUE(has_feature({1, 2, {}, {}}, "appendOnly"));
  EXPECT_FALSE(has_feature({1, 2, {}, {}}, "checkConstraints"));
  EXPECT_TRUE(has_feature({1, 3, {}, {}}, "checkConstraints"));
  EXPECT_TRUE(has_feature({2, 5, {}, {}}, "columnMapping"));
  EXPECT_FALSE(has_feature({1, 6, {}, {}}, "deletionVectors"));
  EXPECT_FALSE(has_feature({1, 7, {}, {}}, "appendOnly"));  // from here on they are listed
}

TEST(FeaturesTest, rules_of_rows_stop_those_who_do_not_check_the_single_row) {
  const Protocol protocol{1, 3, {}, {}};
  const Metadata constrained{.configuration = {{"delta.constraints.positive", "a > 0"}}};
  for (const Use use : {Use::kInsert, Use::kChange, Use::kMaintain, Use::kDefine}) {
    EXPECT_TRUE(check_writable(protocol, constrained, {}, use));
  }
  EXPECT_TRUE(check_writable(protocol, {}, {}, Use::kAppend));
  const auto written = check_writable(protocol, constrained, {}, Use::kAppend);
  ASSERT_FALSE(written);
  EXPECT_THAT(written.error().message, HasSubstr("delta.constraints.positive"));
  EXPECT_TRUE(check_readable(protocol, constrained));
}

TEST(FeaturesTest, what_uses_a_feature_is_found_inside_arrays_and_maps) {
  const auto schema = parse_schema(
      R"({"type":"struct","fields":[{"name":"m","nullable":true,"metadata":{},"type":{"type":"map",)"
      R"("keyType":"string","valueContainsNull":true,"valueType":{"type":"struct","fields":[)"
      R"({"name":"x","type":"long","nullable":true,)"
      R"("metadata":{"delta.invariants":"{}"}}]}}}]})");
  ASSERT_TRUE(schema) << schema.error().text();

  EXPECT_FALSE(check_writable({1, 2, {}, {}}, {}, *schema, Use::kAppend));
}

TEST(FeaturesTest, a_table_whose_catalog_decides_its_versions_is_not_read_behind_its_back) {
  const auto read = check_readable({3, 7, {"catalogManaged"}, {"catalogManaged"}}, {});
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().message, HasSubstr("catalogManaged"));
}

TEST(FeaturesTest, files_that_are_not_parquet_are_refused_by_their_format) {
  const auto read = check_readable({1, 2, {}, {}}, {.format_provider = "orc"});
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().message, HasSubstr("'orc'"));
}

}  // namespace
}  // namespace claimlake::delta
