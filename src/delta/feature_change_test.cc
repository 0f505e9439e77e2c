#include "delta/feature_change.h"

#include <gmock/gmock.h>

#include "delta/type_text.h"

namespace claimlake::delta {
namespace {

using testing::HasSubstr;

const Protocol kPlain{1, 2, {}, {}};

TEST(FeatureChangeTest, a_feature_lists_those_that_a_version_stood_for) {
  EXPECT_EQ(
      with_feature(kPlain, "vacuumProtocolCheck"),
      (Protocol{
          3, 7, {"vacuumProtocolCheck"}, {"appendOnly", "invariants", "vacuumProtocolCheck"}}));
  EXPECT_EQ(with_feature(kPlain, "domainMetadata"),
            (Protocol{1, 7, {}, {"appendOnly", "invariants", "domainMetadata"}}));
  EXPECT_EQ(with_feature({2, 5, {}, {}}, "columnMapping"), (Protocol{2, 5, {}, {}}));
}

TEST(FeatureChangeTest, without_its_last_feature_a_protocol_is_an_old_one_again) {
  const Protocol with = with_feature(kPlain, "deletionVectors");
  EXPECT_EQ(without_feature(with, "deletionVectors"), kPlain);
  EXPECT_EQ(without_feature({2, 5, {}, {}}, "columnMapping"), (Protocol{1, 4, {}, {}}));
  EXPECT_EQ(without_feature(with, "invariants"),
            (Protocol{3, 7, {"deletionVectors"}, {"appendOnly", "deletionVectors"}}));
}

TEST(FeatureChangeTest, only_known_features_are_asked_for) {
  EXPECT_EQ(*asked_features({{"delta.feature.deletionVectors", "supported"}, {"a", "b"}}),
            std::vector<std::string>{"deletionVectors"});
  EXPECT_FALSE(asked_features({{"delta.feature.deletionVectorss", "supported"}}));
  EXPECT_FALSE(asked_features({{"delta.feature.icebergCompatV2", "supported"}}));
  EXPECT_THAT(asked_features({{"delta.feature.deletionVectors", "no"}}).error().text(),
              HasSubstr("DROP FEATURE deletionVectors"));
}

TEST(FeatureChangeTest, a_feature_that_is_in_use_stays) {
  const Schema schema = *parse_type_text("STRUCT<t: ARRAY<TIMESTAMP_NTZ>>")->as_struct();
  const Protocol protocol{3,
                          7,
                          {"timestampNtz", "columnMapping"},
                          {"timestampNtz", "columnMapping", "icebergCompatV2", "checkConstraints"}};
  Metadata metadata;
  metadata.configuration = {{"delta.constraints.c", "t IS NOT NULL"}};

  const auto why = [&](std::string_view feature) {
    const auto drop = feature_drop(feature, protocol, metadata, schema);
    return drop ? "" : drop.error().text();
  };
  EXPECT_THAT(why("timestampNtz"), HasSubstr("in its columns"));
  EXPECT_THAT(why("checkConstraints"), HasSubstr("DROP CONSTRAINT"));
  EXPECT_THAT(why("columnMapping"), HasSubstr("'icebergCompatV2' requires it"));
  EXPECT_THAT(why("icebergCompatV2"), HasSubstr("cannot be dropped here"));
  EXPECT_THAT(why("columnMappin"), HasSubstr("did you mean columnMapping?"));
}

}  // namespace
}  // namespace claimlake::delta
