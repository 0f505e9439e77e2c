#include "delta/partition_path.h"

#include <gmock/gmock.h>

namespace claimlake::delta {
namespace {

TEST(PartitionPath, pitfall_4_each_layer_escapes_once) {
  const std::string folder = partition_folder({"p"}, {{"p", "a:b"}});

  EXPECT_EQ(folder, "p=a%3Ab");
  EXPECT_EQ(encode_path(folder + "/f.parquet"), "p=a%253Ab/f.parquet");
  EXPECT_EQ(decode_path("p=a%253Ab/f.parquet"), "p=a%3Ab/f.parquet");
}

TEST(PartitionPath, pitfall_3_null_and_empty_have_the_default_folder) {
  EXPECT_EQ(partition_folder({"a", "b"}, {{"a", std::nullopt}, {"b", ""}}),
            "a=__HIVE_DEFAULT_PARTITION__/b=__HIVE_DEFAULT_PARTITION__");
}

// The names of folders that Spark made for these values (golden table
// data-reader-escaped-chars and the list of ExternalCatalogUtils).
TEST(PartitionPath, escapes_as_hive_does) {
  EXPECT_EQ(partition_folder({"ts"}, {{"ts", "2013-07-05 17:01:00.123456"}}),
            "ts=2013-07-05 17%3A01%3A00.123456");
  EXPECT_EQ(partition_folder({"p"}, {{"p", "a/b%c=d"}}), "p=a%2Fb%25c%3Dd");
  EXPECT_EQ(partition_folder({"p"}, {{"p", "\xC3\xA9 +"}}), "p=\xC3\xA9 +");
}

TEST(PartitionPath, decoding_undoes_encoding) {
  std::string all;
  for (int c = 1; c < 256; ++c) all += static_cast<char>(c);

  EXPECT_EQ(decode_path(encode_path(all)), all);
  EXPECT_EQ(decode_path("50%/%zz/%4"), "50%/%zz/%4");
}

}  // namespace
}  // namespace claimlake::delta
