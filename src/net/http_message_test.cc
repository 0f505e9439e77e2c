#include "net/http_message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace claimlake::net {
namespace {

using testing::ElementsAre;
using testing::Pair;

TEST(ParseTarget, decodes_segments_and_query_each_for_itself) {
  Request request;

  ASSERT_TRUE(parse_target("/api/a%2Fb%20c+d?x=1+2&y=%C3%A9%26&flag&x=3", request));

  EXPECT_EQ(request.path, "/api/a%2Fb%20c+d");
  EXPECT_THAT(request.segments, ElementsAre("api", "a/b c+d"));
  EXPECT_THAT(request.query,
              ElementsAre(Pair("x", "1 2"), Pair("y", "é&"), Pair("flag", ""), Pair("x", "3")));
}

TEST(ParseTarget, refuses_bad_escapes_and_bad_text) {
  for (const char* target :
       {"/%", "/%2", "/%zz", "/%ff", "/a?b=%", "/a%00", "http://x/", "*", ""}) {
    Request request;
    EXPECT_FALSE(parse_target(target, request)) << target;
  }
}

TEST(ParseTarget, takes_the_root) {
  Request request;

  ASSERT_TRUE(parse_target("/", request));

  EXPECT_THAT(request.segments, ElementsAre(""));
}

TEST(PercentEncode, survives_the_way_back) {
  const std::string text = "a b/ü?&=%+~";
  Request request;

  ASSERT_TRUE(parse_target("/" + percent_encode(text) + "?q=" + percent_encode(text), request));

  EXPECT_EQ(request.segments[0], text);
  EXPECT_EQ(request.query[0].second, text);
}

TEST(Headers, are_found_whatever_their_case) {
  Headers headers;
  headers.add("Content-Type", "a");
  headers.add("content-type", "b");

  EXPECT_EQ(headers.get("CONTENT-TYPE"), "a");
  EXPECT_TRUE(headers.has("content-Type"));
  EXPECT_FALSE(headers.has("content"));
}

TEST(MatchesEtag, follows_rfc_9110) {
  EXPECT_TRUE(matches_etag("\"a\"", "\"a\""));
  EXPECT_TRUE(matches_etag("\"x\", W/\"a\"", "\"a\""));
  EXPECT_TRUE(matches_etag("*", "\"a\""));
  EXPECT_FALSE(matches_etag("\"b\"", "\"a\""));
  EXPECT_FALSE(matches_etag("a", "\"a\""));
  EXPECT_FALSE(matches_etag("", "\"a\""));
}

TEST(AcceptsGzip, follows_the_weights) {
  EXPECT_TRUE(accepts_gzip("gzip, deflate, br"));
  EXPECT_TRUE(accepts_gzip("br;q=1.0, GZIP;q=0.8"));
  EXPECT_TRUE(accepts_gzip("*"));
  EXPECT_FALSE(accepts_gzip("gzip;q=0"));
  EXPECT_FALSE(accepts_gzip("gzip; q=0.000"));
  EXPECT_FALSE(accepts_gzip("br"));
  EXPECT_FALSE(accepts_gzip(""));
}

}  // namespace
}  // namespace claimlake::net
