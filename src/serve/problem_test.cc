#include "serve/problem.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace claimlake::serve {
namespace {

TEST(Problem, is_written_as_rfc_9457_says) {
  const auto response = to_response(
      invalid_parameter("limit", "limit is \"x\"\n", "Write it in digits."), "/api/insights/kpis");

  const auto json = nlohmann::json::parse(response.body);
  EXPECT_EQ(response.status, 422);
  EXPECT_EQ(response.headers.get("Content-Type"), "application/problem+json");
  EXPECT_EQ(json["type"], "about:blank");
  EXPECT_EQ(json["title"], "Invalid parameter");
  EXPECT_EQ(json["status"], 422);
  EXPECT_EQ(json["code"], "invalid_parameter");
  EXPECT_EQ(json["detail"], "limit is \"x\"\n");
  EXPECT_EQ(json["field"], "limit");
  EXPECT_EQ(json["instance"], "/api/insights/kpis");
}

TEST(Problem, of_an_inner_error_keeps_its_detail_from_clients) {
  const Problem problem = to_problem(Error{Fault::kCorrupt, "secret detail"});

  EXPECT_EQ(problem.status, 500);
  EXPECT_EQ(problem.detail.find("secret"), std::string::npos);
}

TEST(Problem, of_a_timeout_and_of_an_unavailable_lake_says_that_a_retry_may_help) {
  EXPECT_EQ(to_problem(Error{Fault::kTimeout, ""}).status, 504);
  EXPECT_EQ(to_response(to_problem(Error{Fault::kUnavailable, ""})).headers.get("Retry-After"),
            "1");
}

TEST(JsonString, escapes_what_json_asks_for) {
  EXPECT_EQ(json_string("a\"b\\c\x01ü"), "\"a\\\"b\\\\c\\u0001ü\"");
  EXPECT_EQ(json_string("\xff"), "\"\xef\xbf\xbd\"");
}

}  // namespace
}  // namespace claimlake::serve
