#include "store/store_url.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace claimlake::store {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(StoreUrl, knows_its_three_forms) {
  const auto s3 = parse_store_url("s3://my.bucket-1/a/b/");
  ASSERT_TRUE(s3) << s3.error().text();
  EXPECT_EQ(s3->kind, StoreKind::kS3);
  EXPECT_EQ(s3->bucket, "my.bucket-1");
  EXPECT_EQ(s3->prefix, "a/b");
  EXPECT_EQ(s3->text, "s3://my.bucket-1/a/b");

  const auto azure = parse_store_url("az://data");
  ASSERT_TRUE(azure) << azure.error().text();
  EXPECT_EQ(azure->kind, StoreKind::kAzure);
  EXPECT_EQ(azure->bucket, "data");
  EXPECT_EQ(azure->account, "");
  EXPECT_EQ(azure->prefix, "");

  const auto gen2 = parse_store_url("abfss://data@insurer.dfs.core.windows.net/lake");
  ASSERT_TRUE(gen2) << gen2.error().text();
  EXPECT_EQ(gen2->bucket, "data");
  EXPECT_EQ(gen2->account, "insurer");
  EXPECT_EQ(gen2->domain, "core.windows.net");
  EXPECT_EQ(gen2->text, "abfss://data@insurer.dfs.core.windows.net/lake");
}

TEST(StoreUrl, refuses_what_is_none_and_says_the_forms) {
  for (const char* url :
       {"s3://", "s3:///x", "s3://Bucket/x", "s3://ab/x", "gs://bucket/x", "s3://bucket//x",
        "s3://bucket/../x", "s3://bucket:9000/x", "abfss://data/lake", "abfss://data@insurer/lake",
        "abfss://data@insurer.dfs.example.org/lake", "az://data/.tmp"}) {
    const auto parsed = parse_store_url(url);
    ASSERT_FALSE(parsed) << url;
    EXPECT_EQ(parsed.error().fault, Fault::kInvalidInput) << url;
    EXPECT_FALSE(parsed.error().next.empty()) << url;
  }
}

TEST(StoreUrl, refuses_a_secret_without_repeating_it) {
  for (const char* url : {"az://data/lake?sv=2021&sig=hunter2", "s3://key:hunter2@bucket/lake",
                          "s3://bucket/lake#hunter2", "https://user:hunter2@example.org/x"}) {
    const auto parsed = parse_store_url(url);
    ASSERT_FALSE(parsed) << url;
    EXPECT_THAT(parsed.error().text(), Not(HasSubstr("hunter2")));
    EXPECT_THAT(without_secrets(url), Not(HasSubstr("hunter2")));
  }
}

TEST(StoreUrl, tells_an_address_from_a_folder) {
  EXPECT_TRUE(is_store_url("s3://bucket"));
  EXPECT_TRUE(is_store_url("gs://bucket"));
  EXPECT_FALSE(is_store_url("lake"));
  EXPECT_FALSE(is_store_url("/data/s3://x"));
  EXPECT_FALSE(is_store_url("://x"));
}

}  // namespace
}  // namespace claimlake::store
