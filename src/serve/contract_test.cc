#include "serve/contract.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace claimlake::serve {
namespace {

constexpr const char* kDocument = R"({
  "paths": {
    "/api/things": {"post": {"operationId": "makeThing"}, "get": {"operationId": "listThings", "parameters": [
      {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 10, "default": 5}},
      {"name": "colour", "in": "query", "schema": {"$ref": "#/components/schemas/Colour"}},
      {"name": "total", "in": "query", "schema": {"type": "boolean", "default": false}},
      {"name": "search", "in": "query", "schema": {"type": "string", "minLength": 2, "maxLength": 3}},
      {"$ref": "#/components/parameters/IfNoneMatch"}]}},
    "/api/things/{name}": {"get": {"operationId": "getThing", "parameters": [
      {"name": "name", "in": "path", "schema": {"type": "string", "pattern": "^[a-z]+\\.[a-z]+$"}}]}},
    "/api/why": {"get": {"operationId": "why", "parameters": [
      {"name": "key", "in": "query", "required": true, "schema": {"type": "string"}}]}}},
  "components": {
    "parameters": {"IfNoneMatch": {"name": "If-None-Match", "in": "header", "schema": {"type": "string"}}},
    "schemas": {"Colour": {"type": "string", "enum": ["red", "green"]}}}})";

class ContractTest : public testing::Test {
 protected:
  ContractTest() : contract_(*Contract::read(kDocument)) {}

  std::variant<Parameters, Problem> ask(std::string_view target) {
    net::Request request;
    EXPECT_TRUE(net::parse_target(target, request));
    const Operation* operation = contract_.find(request.segments);
    EXPECT_NE(operation, nullptr) << target;
    return Contract::parameters(*operation, request);
  }
  Parameters good(std::string_view target) { return std::get<Parameters>(ask(target)); }
  Problem bad(std::string_view target) { return std::get<Problem>(ask(target)); }

  Contract contract_;
};

TEST_F(ContractTest, finds_operations_by_their_paths) {
  EXPECT_EQ(contract_.find({"api", "things"})->id, "listThings");
  EXPECT_EQ(contract_.find({"api", "things", "a.b"})->id, "getThing");
  EXPECT_EQ(contract_.find({"api", "things", ""}), nullptr);
  EXPECT_EQ(contract_.find({"api"}), nullptr);
  EXPECT_EQ(contract_.find({"api", "things", "a", "b"}), nullptr);
}

TEST_F(ContractTest, tells_operations_at_one_path_apart_by_their_methods) {
  EXPECT_EQ(contract_.find({"api", "things"}, "POST")->id, "makeThing");
  EXPECT_EQ(contract_.find({"api", "things"}, "PUT"), nullptr);
  EXPECT_EQ(contract_.methods_at({"api", "things"}), "GET, HEAD, POST");
  EXPECT_EQ(contract_.methods_at({"api", "nothing"}), "");
}

TEST_F(ContractTest, asks_for_parameters_that_are_needed) {
  EXPECT_EQ(bad("/api/why").field, "key");
  EXPECT_EQ(good("/api/why?key=a,b").text("key"), "a,b");
}

TEST_F(ContractTest, fills_in_defaults_and_reads_values) {
  EXPECT_EQ(good("/api/things").integer("limit"), 5);
  EXPECT_FALSE(good("/api/things").boolean("total"));
  EXPECT_FALSE(good("/api/things").has("colour"));
  EXPECT_EQ(good("/api/things?limit=007&total=true").integer("limit"), 7);
  EXPECT_TRUE(good("/api/things?total=true").boolean("total"));
  EXPECT_EQ(good("/api/things?search=%C3%BC%C3%BC%C3%BC").text("search"), "üüü");
  EXPECT_EQ(good("/api/things/gold.x").text("name"), "gold.x");
}

TEST_F(ContractTest, refuses_each_value_that_does_not_fit_and_names_the_parameter) {
  for (const char* query : {"limit=0", "limit=11", "limit=x", "limit=", "limit=1.5", "limit=1%20",
                            "limit=99999999999999999999"}) {
    EXPECT_EQ(bad(std::string("/api/things?") + query).field, "limit") << query;
  }
  EXPECT_EQ(bad("/api/things?colour=rad").field, "colour");
  EXPECT_THAT(bad("/api/things?colour=rad").next_step, testing::HasSubstr("'red'"));
  EXPECT_EQ(bad("/api/things?total=1").field, "total");
  EXPECT_EQ(bad("/api/things?search=a").field, "search");
  EXPECT_EQ(bad("/api/things?search=abcd").field, "search");
  EXPECT_EQ(bad("/api/things/Gold").field, "name");
  EXPECT_EQ(bad("/api/things?limit=1&limit=1").code, "invalid_parameter");
}

TEST_F(ContractTest, refuses_unknown_parameters_with_the_nearest_name) {
  const Problem problem = bad("/api/things?color=red");

  EXPECT_EQ(problem.code, "unknown_parameter");
  EXPECT_EQ(problem.field, "color");
  EXPECT_THAT(problem.next_step, testing::HasSubstr("'colour'"));
}

TEST_F(ContractTest, gives_the_same_text_for_the_same_parameters) {
  EXPECT_EQ(good("/api/things?colour=red&limit=5").canonical(),
            good("/api/things?limit=05&colour=red").canonical());
  EXPECT_NE(good("/api/things?limit=5").canonical(), good("/api/things?limit=6").canonical());
  EXPECT_EQ(good("/api/things?limit=5").canonical_list(),
            good("/api/things?limit=6&total=true").canonical_list());
}

TEST(Contract, says_that_a_document_cannot_be_read) {
  EXPECT_FALSE(Contract::read("{}"));
  EXPECT_FALSE(Contract::read("x"));
}

}  // namespace
}  // namespace claimlake::serve
