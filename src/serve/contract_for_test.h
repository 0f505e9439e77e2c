#pragma once

#include <gmock/gmock.h>

#include <fstream>
#include <nlohmann/json.hpp>

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

  static inline std::unique_ptr<LakeForTest> lake_;
  static inline Json document_;
};

}  // namespace claimlake::serve
