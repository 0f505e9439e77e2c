#include "delta/clustering.h"

#include <gmock/gmock.h>

namespace claimlake::delta {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// The first text is what Spark 4.0 wrote for CLUSTER BY (id, s.`a.b`, d), the second the example of
// the protocol.
TEST(Clustering, is_read_as_spark_writes_it_and_as_the_protocol_shows_it) {
  EXPECT_THAT(
      *parse_clustering(
          R"({"clusteringColumns":[["id"],["s","a.b"],["d"]],"domainName":"delta.clustering"})"),
      ElementsAre(FieldPath{"id"}, FieldPath{"s", "a.b"}, FieldPath{"d"}));
  EXPECT_THAT(*parse_clustering(R"({"clusteringColumns":["col-daadafd7-7c20", "col-5abe0e80"]})"),
              ElementsAre(FieldPath{"col-daadafd7-7c20"}, FieldPath{"col-5abe0e80"}));
  EXPECT_THAT(*parse_clustering(R"({"clusteringColumns":[],"domainName":"delta.clustering"})"),
              IsEmpty());
}

TEST(Clustering, is_written_as_spark_does) {
  const DomainMetadata domain = clustering_domain({{"id"}, {"s", "a.b"}, {"d"}});
  EXPECT_EQ(domain.domain, "delta.clustering");
  EXPECT_EQ(domain.configuration,
            R"({"clusteringColumns":[["id"],["s","a.b"],["d"]],"domainName":"delta.clustering"})");
  EXPECT_FALSE(domain.removed);
}

TEST(Clustering, what_names_no_columns_is_damaged) {
  for (const char* text :
       {"", "{", "[]", "{}", R"({"clusteringColumns":1})", R"({"clusteringColumns":[1]})",
        R"({"clusteringColumns":[[]]})", R"({"clusteringColumns":[["a",1]]})",
        R"({"clusteringColumns":[null]})"}) {
    const auto read = parse_clustering(text);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().fault, Fault::kCorrupt);
    EXPECT_THAT(read.error().text(), HasSubstr("delta.clustering"));
  }
}

}  // namespace
}  // namespace claimlake::delta
