#include "store/aws_signature.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

// The requests and signatures are the examples of the Amazon S3 API reference, "Signature
// Calculations for the Authorization Header: Transferring Payload in a Single Chunk".

namespace claimlake::store {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

const AwsCredentials kExample = {"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
                                 ""};
const Timestamp kTime{std::chrono::sys_days(std::chrono::year(2013) / 5 / 24)};

AwsRequest example(std::string method, std::string path, std::string query = "",
                   std::string_view body = "") {
  return {
      std::move(method), "examplebucket.s3.amazonaws.com", std::move(path), std::move(query), body,
      "us-east-1"};
}

TEST(AwsSignature, signs_a_get_of_a_range_as_published) {
  net::Headers headers;
  headers.add("Range", "bytes=0-9");

  sign_aws(example("GET", "/test.txt"), kExample, kTime, headers);

  EXPECT_EQ(headers.get("Authorization"),
            "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
            "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,"
            "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
}

TEST(AwsSignature, signs_a_put_with_a_name_that_is_escaped_as_published) {
  net::Headers headers;
  headers.add("Date", "Fri, 24 May 2013 00:00:00 GMT");
  headers.add("x-amz-storage-class", "REDUCED_REDUNDANCY");

  sign_aws(example("PUT", "/test%24file.text", "", "Welcome to Amazon S3."), kExample, kTime,
           headers);

  EXPECT_THAT(std::string(headers.get("Authorization")),
              EndsWith("98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"));
}

TEST(AwsSignature, signs_queries_with_and_without_values_as_published) {
  net::Headers lifecycle;
  net::Headers list;

  sign_aws(example("GET", "/", "lifecycle="), kExample, kTime, lifecycle);
  sign_aws(example("GET", "/", "max-keys=2&prefix=J"), kExample, kTime, list);

  EXPECT_THAT(std::string(lifecycle.get("Authorization")),
              EndsWith("fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"));
  EXPECT_THAT(std::string(list.get("Authorization")),
              EndsWith("34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"));
}

TEST(AwsSignature, signs_the_session_token_and_never_sends_the_secret) {
  AwsCredentials credentials = kExample;
  credentials.session_token = "token";
  net::Headers headers;

  sign_aws(example("GET", "/"), credentials, kTime, headers);

  EXPECT_EQ(headers.get("x-amz-security-token"), "token");
  EXPECT_THAT(std::string(headers.get("Authorization")), HasSubstr(";x-amz-security-token,"));
  for (const auto& [name, value] : headers) {
    EXPECT_EQ(value.find(kExample.secret_access_key), std::string::npos) << name;
  }
}

}  // namespace
}  // namespace claimlake::store
