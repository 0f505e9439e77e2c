#pragma once

#include <gmock/gmock.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "serve/json_schema_for_test.h"
#include "serve/lake_for_test.h"

namespace claimlake::serve {

// A server over one lake for all tests of a suite (filling it takes seconds), and the contract that
// its answers are held against.
class ContractTest : public testing::Test {
 protected:
  using Json = nlohmann::json;

  static void SetUpTestSuite() {
    lake_ = std::make_unique<LakeForTest>();
    lake_->fill();
    document_ = Json::parse(std::ifstream(CLAIMLAKE_SOURCE_FOLDER "/api/openapi.json"));
  }
  static void TearDownTestSuite() { lake_.reset(); }

  static void expect_schema(const Json& schema, const Json& value, const std::string& of) {
    EXPECT_THAT(JsonSchema(document_).errors(schema, value), testing::IsEmpty()) << of;
  }
  // Sends a request and checks the answer against the contract.
  static Json ask(const std::string& method, const std::string& target, const std::string& body,
                  int status = 200, net::Headers headers = {}) {
    if (method != "GET" && !headers.has("Content-Type")) {
      headers.add("Content-Type", "application/json");
    }
    const auto response = lake_->client().send(method, target, headers, body);
    EXPECT_TRUE(response) << target;
    if (!response) return {};
    EXPECT_EQ(response->status, status) << target << ": " << response->body;
    const Json answer = Json::parse(response->body, nullptr, false);
    const std::string path = target.substr(0, target.find('?'));
    const std::string key = to_lower(method);
    expect_schema(status == 200 ? document_["paths"][path][key]["responses"]["200"]["content"]
                                           ["application/json"]["schema"]
                                : Json{{"$ref", "#/components/schemas/Problem"}},
                  answer, method + " " + target);
    return answer;
  }

  static inline std::unique_ptr<LakeForTest> lake_;
  static inline Json document_;
};

}  // namespace claimlake::serve
