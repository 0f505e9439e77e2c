#include "serve/site.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/gzip.h"

namespace claimlake::serve {
namespace {

using testing::HasSubstr;

TEST(Site, has_a_page_the_contract_and_its_documentation_in_every_build) {
  const Site site;

  EXPECT_THAT(site.answer("/", {}).body, HasSubstr("<title>Claimlake"));
  EXPECT_THAT(site.answer("/docs", {}).body, HasSubstr("<html"));
  EXPECT_THAT(site.answer("/openapi.json", {}).body, HasSubstr("\"openapi\""));
  EXPECT_FALSE(site.has("/etc/passwd"));
  EXPECT_FALSE(site.has("/../openapi.json"));
}

TEST(Site, answers_304_to_who_has_it_and_gzip_to_who_takes_it) {
  const Site site;
  net::Request request;
  request.headers.add("Accept-Encoding", "gzip");
  const net::Response first = site.answer("/openapi.json", request);
  EXPECT_EQ(*net::gunzip(first.body, 1'000'000), site.answer("/openapi.json", {}).body);

  request.headers.add("If-None-Match", std::string(first.headers.get("ETag")));

  EXPECT_EQ(site.answer("/openapi.json", request).status, 304);
}

TEST(IsLocalHost, keeps_other_names_out) {
  for (const char* host :
       {"localhost", "localhost:8360", "127.0.0.1:1", "127.1.2.3", "[::1]:8360", "LOCALHOST"}) {
    EXPECT_TRUE(is_local_host(host)) << host;
  }
  for (const char* host : {"", "evil.example", "evil.example:8360", "127.0.0.1.evil.example",
                           "10.0.0.1", "[::2]", "[", "0.0.0.0", "localhost.evil.example"}) {
    EXPECT_FALSE(is_local_host(host)) << host;
  }
}

TEST(IsLoopback, is_true_only_for_addresses_of_this_machine) {
  EXPECT_TRUE(is_loopback("127.0.0.1"));
  EXPECT_TRUE(is_loopback("::1"));
  EXPECT_FALSE(is_loopback("0.0.0.0"));
  EXPECT_FALSE(is_loopback("::"));
  EXPECT_FALSE(is_loopback("192.168.1.1"));
  EXPECT_FALSE(is_loopback("localhost"));
}

}  // namespace
}  // namespace claimlake::serve
