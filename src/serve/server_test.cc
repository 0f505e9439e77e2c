#include "serve/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>

#include "govern/govern_for_test.h"
#include "net/gzip.h"
#include "serve/contract_for_test.h"

namespace claimlake::serve {
namespace {

using Json = nlohmann::json;
using testing::HasSubstr;
using testing::IsEmpty;

class ServerTest : public ContractTest {
 protected:
  static Json get_json(std::string_view target, int status = 200) {
    const net::Response response = lake_->get(target);
    EXPECT_EQ(response.status, status) << target << ": " << response.body;
    return Json::parse(response.body, nullptr, false);
  }
  // Sends the request and checks the answer against the contract's schema for its status.
  static Json check(const std::string& path, const std::string& target, int status = 200) {
    const Json body = get_json(target, status);
    const Json& answers = document_["paths"][path]["get"]["responses"];
    const std::string key = std::to_string(status);
    const Json schema = status < 400 || status == 503
                            ? answers.at(key)["content"]["application/json"]["schema"]
                            : Json{{"$ref", "#/components/schemas/Problem"}};
    expect_schema(schema, body, target);
    return body;
  }
};

// Values to try for a parameter: those that fit and those that do not.
struct Tries {
  std::vector<std::string> good;
  std::vector<std::string> bad;
};

Tries tries_of(const Json& document, const Json& parameter) {
  Json schema = parameter["schema"];
  if (schema.contains("$ref")) {
    schema = document.at(Json::json_pointer(schema["$ref"].get<std::string>().substr(1)));
  }
  Tries tries;
  if (schema["type"] == "integer") {
    for (const char* limit : {"minimum", "maximum"}) {
      if (schema.contains(limit)) tries.good.push_back(schema[limit].dump());
    }
    if (schema.contains("minimum")) {
      tries.bad.push_back(std::to_string(schema["minimum"].get<std::int64_t>() - 1));
    }
    if (schema.contains("maximum")) {
      tries.bad.push_back(std::to_string(schema["maximum"].get<std::int64_t>() + 1));
    }
    tries.bad.insert(tries.bad.end(), {"", "x", "1.5", "1e3"});
  } else if (schema["type"] == "boolean") {
    tries = {{"true", "false"}, {"", "1", "yes"}};
  } else if (schema.contains("enum")) {
    for (const Json& value : schema["enum"]) {
      tries.good.push_back(net::percent_encode(value.get<std::string>()));
    }
    tries.bad = {"", "nothing%20of%20the%20kind"};
  } else if (parameter["name"] == "cursor") {
    tries.bad = {"nonsense", ""};
  } else {
    tries.good = {"a", "%25", "O'Brien%22--", "%E6%97%A5%E6%9C%AC"};
    if (schema.contains("maxLength")) {
      tries.bad.push_back(std::string(schema["maxLength"].get<std::size_t>() + 1, 'x'));
    }
  }
  return tries;
}

// Whether it can be asked for as it is, and answers JSON.
bool asks_for_json(const std::string& path, const Json& item) {
  if (path.find('{') != std::string::npos || !item.contains("get")) return false;
  for (const Json& parameter : item["get"].value("parameters", Json::array())) {
    if (parameter.value("required", false)) return false;
  }
  return item["get"]["responses"]["200"]["content"].contains("application/json");
}

TEST_F(ServerTest, every_call_answers_within_its_schema_for_every_parameter) {
  for (const auto& [path, item] : document_["paths"].items()) {
    if (!asks_for_json(path, item)) continue;
    const Json& get = item["get"];
    check(path, path);
    check(path, path + "?no_such_parameter=1", 422);
    for (Json parameter : get.value("parameters", Json::array())) {
      if (parameter.contains("$ref")) {
        parameter =
            document_.at(Json::json_pointer(parameter["$ref"].get<std::string>().substr(1)));
      }
      if (parameter["in"] != "query") continue;
      const std::string name = parameter["name"];
      const Tries tries = tries_of(document_, parameter);
      for (const std::string& value : tries.good) check(path, path + "?" + name + "=" + value);
      for (const std::string& value : tries.bad) {
        EXPECT_EQ(check(path, path + "?" + name + "=" + value, 422)["field"], name);
      }
    }
  }
}

TEST_F(ServerTest, customers_and_tables_answer_their_details) {
  const Json list = check("/api/insights/customers", "/api/insights/customers?limit=20");
  ASSERT_EQ(list["customers"].size(), 20u);
  for (const Json& customer : list["customers"]) {
    const std::string id = customer["customer_id"];
    const Json detail =
        check("/api/insights/customers/{customer_id}", "/api/insights/customers/" + id);
    EXPECT_EQ(detail["customer"]["customer_id"], id);
    EXPECT_EQ(detail["pets"].size(), customer["total_pets"]);
    EXPECT_EQ(detail["policies"].size(), customer["total_policies"]);
    EXPECT_EQ(detail["claims"].size(), std::min(20, customer["total_claims"].get<int>()));
    EXPECT_FALSE(detail["risk"].is_null());
    EXPECT_FALSE(detail["cross_sell"].is_null());
  }
  const Json tables = check("/api/lake/tables", "/api/lake/tables");
  EXPECT_EQ(tables["tables"].size(), 24u);
  for (const Json& table : tables["tables"]) {
    const std::string name = table["table"];
    const Json detail =
        check("/api/lake/tables/{table}", "/api/lake/tables/" + name + "?history=5");
    EXPECT_EQ(detail["table"], table);
    EXPECT_FALSE(detail["columns"].empty()) << name;
    EXPECT_EQ(detail["history"][0]["version"], table["version"]);
  }
  check("/api/insights/customers/{customer_id}", "/api/insights/customers/nobody", 404);
  EXPECT_EQ(check("/api/lake/tables/{table}", "/api/lake/tables/gold.nothing", 404)["code"],
            "table_not_found");
  check("/api/lake/tables/{table}", "/api/lake/tables/..%2Fgold", 422);
}

TEST_F(ServerTest, figures_are_those_of_the_tables) {
  const Json summary = get_json("/api/insights/summary");

  const auto claims = lake_->sql(
      "SELECT count(*), sum(paid_amount), count(*) FILTER (status IN ('Submitted', 'Under "
      "Review')) "
      "FROM gold.claims_analytics");
  EXPECT_EQ(std::to_string(summary["total_claims"].get<int>()), claims.rows[0][0]);
  EXPECT_THAT(lake_->get("/api/insights/summary").body,
              HasSubstr("\"total_paid_amount\":" + *claims.rows[0][1] + ","));
  EXPECT_EQ(std::to_string(summary["pending_claims"].get<int>()), claims.rows[0][2]);
  EXPECT_EQ(summary["as_of_date"], "2026-01-09");
  EXPECT_NEAR(summary["approval_rate"].get<double>() + summary["denial_rate"].get<double>(), 100,
              0.02);
  std::int64_t in_tiers = 0;
  const Json segments = get_json("/api/insights/segments");
  for (const Json& tier : segments["segments"]) {
    in_tiers += tier["count"].get<int>();
  }
  EXPECT_EQ(in_tiers, summary["total_customers"]);
  std::int64_t in_categories = 0;
  const Json categories = get_json("/api/insights/categories");
  for (const Json& category : categories["categories"]) {
    in_categories += category["claim_count"].get<int>();
  }
  EXPECT_EQ(in_categories, summary["total_claims"]);
}

TEST_F(ServerTest, cursors_walk_each_order_once_from_end_to_end) {
  struct Walk {
    std::string address, rows, key;
  };
  const Walk walks[] = {
      {"/api/insights/customers?sort=customer_since&tier=Gold", "customers", "customer_id"},
      {"/api/insights/customers?sort=-loss_ratio&churn=High", "customers", "customer_id"},
      {"/api/insights/customers?sort=full_name&search=a", "customers", "customer_id"},
      {"/api/insights/claims?sort=-processing_days&category=Dental", "claims", "claim_id"},
      {"/api/insights/claims?sort=claim_amount&status=Denied", "claims", "claim_id"},
      {"/api/insights/providers?sort=-average_rating", "providers", "provider_id"},
      {"/api/insights/risks?category=High", "risk_scores", "customer_id"},
      {"/api/insights/cross-sell?tier=Platinum", "recommendations", "customer_id"}};
  for (const Walk& walk : walks) {
    const Json whole = get_json(walk.address + "&total=true&limit=200");
    std::vector<std::string> by_cursor;
    std::string cursor;
    do {
      const Json page = get_json(walk.address + "&limit=97" + cursor);
      EXPECT_EQ(page["pagination"]["offset"], by_cursor.size());
      for (const Json& row : page[walk.rows]) by_cursor.push_back(row[walk.key]);
      const Json next = page["pagination"]["next_cursor"];
      cursor = next.is_null() ? "" : "&cursor=" + next.get<std::string>();
    } while (!cursor.empty());

    EXPECT_EQ(by_cursor.size(), whole["pagination"]["total"]) << walk.address;
    EXPECT_EQ(std::set<std::string>(by_cursor.begin(), by_cursor.end()).size(), by_cursor.size());
    for (std::size_t i = 0; i < whole[walk.rows].size(); ++i) {
      EXPECT_EQ(whole[walk.rows][i][walk.key], by_cursor[i]) << walk.address;
    }
  }
}

TEST_F(ServerTest, refuses_a_cursor_of_other_filters_or_with_an_offset) {
  const Json page = get_json("/api/insights/customers?tier=Gold&limit=2");
  const std::string cursor = page["pagination"]["next_cursor"];

  EXPECT_EQ(get_json("/api/insights/customers?tier=Silver&cursor=" + cursor, 422)["code"],
            "invalid_cursor");
  EXPECT_EQ(get_json("/api/insights/claims?cursor=" + cursor, 422)["code"], "invalid_cursor");
  EXPECT_EQ(get_json("/api/insights/customers?tier=Gold&offset=1&cursor=" + cursor, 422)["field"],
            "offset");
  EXPECT_EQ(get_json("/api/insights/customers?tier=Gold&limit=9&cursor=" + cursor)["count"], 9);
}

TEST_F(ServerTest, search_finds_by_the_start_of_any_name_email_or_id) {
  const Json someone = get_json("/api/insights/customers?limit=1")["customers"][0];
  const std::string id = someone["customer_id"];
  for (const char* field : {"first_name", "last_name", "email", "customer_id", "full_name"}) {
    std::string text = someone[field];
    text = "%20" + net::percent_encode(text.substr(0, text.size() - 1)) + "%20";
    bool found = false;
    const Json list = get_json("/api/insights/customers?limit=1000&search=" + text);
    for (const Json& each : list["customers"]) {
      found = found || each["customer_id"] == id;
    }
    EXPECT_TRUE(found) << field;
  }
  EXPECT_EQ(get_json("/api/insights/customers?search=%25")["count"], 0);
}

TEST_F(ServerTest, an_unchanged_answer_is_a_304_and_its_tag_is_of_its_query) {
  for (const char* target : {"/api/insights/summary", "/api/lake/tables", "/openapi.json", "/",
                             "/api/insights/customers?limit=5"}) {
    const net::Response first = lake_->get(target);
    net::Headers headers;
    headers.add("If-None-Match", std::string(first.headers.get("ETag")));
    const net::Response second = lake_->get(target, headers);
    EXPECT_EQ(second.status, 304) << target;
    EXPECT_EQ(second.body, "");
  }
  EXPECT_NE(lake_->get("/api/insights/customers?limit=5").headers.get("ETag"),
            lake_->get("/api/insights/customers?limit=6").headers.get("ETag"));
}

TEST_F(ServerTest, compressed_answers_hold_the_same_bytes) {
  net::Headers headers;
  headers.add("Accept-Encoding", "gzip");
  const net::Response packed = lake_->get("/api/insights/claims", headers);

  EXPECT_EQ(packed.headers.get("Content-Encoding"), "gzip");
  EXPECT_EQ(*net::gunzip(packed.body, 10'000'000), lake_->get("/api/insights/claims").body);
}

TEST_F(ServerTest, every_answer_carries_the_security_headers) {
  for (const char* target : {"/", "/docs", "/api/insights/summary", "/api/nothing", "/metrics",
                             "/api/insights/kpis?limit=x"}) {
    const net::Response response = lake_->get(target);
    EXPECT_THAT(std::string(response.headers.get("Content-Security-Policy")),
                HasSubstr("default-src 'none'"))
        << target;
    EXPECT_EQ(response.headers.get("X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(response.headers.get("Referrer-Policy"), "no-referrer");
  }
}

TEST_F(ServerTest, answers_only_to_its_own_name_and_to_get) {
  net::Headers headers;
  headers.add("Host", "evil.example");
  EXPECT_EQ(lake_->get("/api/insights/summary", headers).status, 421);
  const auto posted = lake_->client().send("POST", "/api/insights/summary", {}, "x");
  ASSERT_TRUE(posted);
  EXPECT_EQ(posted->status, 405);
  EXPECT_EQ(posted->headers.get("Allow"), "GET, HEAD");
  EXPECT_EQ(lake_->client().send("HEAD", "/api/insights/summary")->status, 200);
}

TEST_F(ServerTest, metrics_count_by_route_and_tell_the_tables) {
  get_json("/api/insights/customers/nobody", 404);

  const std::string text = lake_->get("/metrics").body;

  EXPECT_THAT(text, HasSubstr("route=\"/api/insights/customers/{customer_id}\",method=\"GET\","
                              "status=\"404\"}"));
  EXPECT_THAT(text, HasSubstr("claimlake_table_version{table=\"gold.customer_360_view\"} "));
  EXPECT_THAT(text, HasSubstr("claimlake_answer_cache_hits_total "));
}

TEST_F(ServerTest, is_ready_and_healthy) {
  EXPECT_EQ(check("/readyz", "/readyz")["status"], "ready");
  EXPECT_EQ(check("/healthz", "/healthz")["version"], "0.1.0");
}

TEST_F(ServerTest, with_sign_in_on_answers_those_who_are_signed_in_and_else_what_is_public) {
  govern::Desk desk({.staff_needs_second_factor = false});
  desk.make("ada@example.com", govern::Role::kAnalyst);
  const std::string session = desk.must_sign_in("ada@example.com").session_id;
  ServeContext context = lake_->context();
  context.sign_in = &desk.sign_in;
  const auto server = Server::start({.address = "127.0.0.1", .port = 0}, context);
  ASSERT_TRUE(server) << server.error().text();
  const auto status = [&](std::string_view target, const std::string& cookie) {
    auto client = net::HttpClient::connect((*server)->port(), std::chrono::seconds(60));
    net::Headers headers;
    if (!cookie.empty()) headers.add("Cookie", "claimlake_session=" + cookie);
    const auto response = client->send("GET", target, headers);
    return response ? response->status : 0;
  };

  EXPECT_EQ(status("/healthz", ""), 200);
  EXPECT_EQ(status("/openapi.json", ""), 200);
  EXPECT_EQ(status("/api/insights/summary", ""), 401);
  EXPECT_EQ(status("/metrics", ""), 401);
  EXPECT_EQ(status("/api/insights/summary", "made-up"), 401);
  EXPECT_EQ(status("/api/insights/summary", session), 200);
  EXPECT_EQ(status("/metrics", session), 403) << "no permission of an analyst";
}

TEST(ServerOverEmptyLake, answers_within_the_schemas_and_is_not_ready) {
  LakeForTest lake;
  const Json document = Json::parse(std::ifstream(CLAIMLAKE_SOURCE_FOLDER "/api/openapi.json"));

  for (const auto& [path, item] : document["paths"].items()) {
    if (!asks_for_json(path, item) || path == "/openapi.json") continue;
    const Json& answers = item["get"]["responses"];
    const net::Response response = lake.get(path);
    EXPECT_EQ(response.status, path == "/readyz" ? 503 : 200) << path << ": " << response.body;
    const Json& schema = answers[std::to_string(response.status)]["content"]["application/json"];
    EXPECT_THAT(JsonSchema(document).errors(schema["schema"], Json::parse(response.body)),
                IsEmpty())
        << path;
  }
}

TEST(ServerOverChangingLake, new_versions_change_the_tag_and_cursors_keep_theirs) {
  LakeForTest lake;
  lake.fill();
  const std::string target = "/api/insights/customers?limit=10";
  const net::Response first_answer = lake.get(target);
  ASSERT_EQ(first_answer.status, 200) << first_answer.body;
  const Json first = Json::parse(first_answer.body);
  const Json second = Json::parse(lake.get(target + "&offset=10").body);

  lake.run(std::chrono::year(2026) / 2 / 9, true);
  const SystemClock clock;
  const auto start = clock.steady_now();
  while (clock.steady_now() - start <= Pinner::kMaxAge) {
    // The server may answer from the versions that it has just looked up for so long.
    lake.get("/healthz");
  }

  const net::Response again = lake.get(target);
  ASSERT_EQ(again.status, 200) << again.body;
  EXPECT_NE(again.headers.get("ETag"), first_answer.headers.get("ETag"));
  EXPECT_EQ(Json::parse(again.body)["meta"]["tables"][0]["version"],
            first["meta"]["tables"][0]["version"].get<int>() + 1);
  const net::Response next =
      lake.get(target + "&cursor=" + first["pagination"]["next_cursor"].get<std::string>());
  ASSERT_EQ(next.status, 200) << next.body;
  EXPECT_EQ(Json::parse(next.body)["meta"], first["meta"]);
  EXPECT_EQ(Json::parse(next.body)["customers"], second["customers"]);
}

TEST(ServerOverChangingLake, a_table_that_is_kept_back_is_stale_on_every_answer_from_it) {
  LakeForTest lake;
  lake.fill();
  const Json document = Json::parse(lake.get("/openapi.json").body);
  const char* path = "/api/insights/customers";
  const net::Response fresh = lake.get(path);
  EXPECT_EQ(Json::parse(fresh.body)["meta"]["stale"], Json::array());

  lake.keep_back("silver.fact_claims");
  const SystemClock clock;
  const auto start = clock.steady_now();
  while (clock.steady_now() - start <= Pinner::kMaxAge) lake.get("/healthz");

  net::Headers known;
  known.add("If-None-Match", std::string(fresh.headers.get("ETag")));
  const net::Response stale = lake.get(path, known);
  ASSERT_EQ(stale.status, 200) << "what is known of the same versions is another thing now";
  const Json told = Json::parse(stale.body)["meta"]["stale"];
  ASSERT_EQ(told.size(), 1u) << told;
  EXPECT_EQ(told[0]["table"], "gold.customer_360_view");
  EXPECT_EQ(told[0]["because_of"], "silver.fact_claims");
  EXPECT_EQ(told[0]["rules"], Json::array({"whole"}));
  EXPECT_EQ(told[0]["run_id"], "r1");
  for (const char* each : {"/api/insights/customers", "/api/lake/tables"}) {
    const Json& schema =
        document["paths"][each]["get"]["responses"]["200"]["content"]["application/json"]["schema"];
    EXPECT_THAT(JsonSchema(document).errors(schema, Json::parse(lake.get(each).body)), IsEmpty())
        << each;
  }
  const Json answer = Json::parse(lake.get("/api/lake/tables").body);
  for (const Json& table : answer["tables"]) {
    const bool reads_claims = table["table"] == "silver.fact_claims" || table["layer"] == "gold";
    if (!reads_claims) {
      EXPECT_TRUE(table["stale"].is_null()) << table;
    }
    if (table["table"] == "silver.fact_claims") {
      EXPECT_EQ(table["stale"]["outcome"], "refused");
    }
  }
}

TEST(Server, refuses_an_address_that_others_can_reach_and_says_what_to_do) {
  LakeForTest lake;

  for (const char* address : {"0.0.0.0", "192.168.1.1", "::", "example.com"}) {
    const auto server = lake.serve_at(address);
    ASSERT_FALSE(server) << address;
    EXPECT_EQ(server.error().fault, Fault::kInvalidInput);
    EXPECT_THAT(server.error().message, HasSubstr("no sign-in yet"));
    EXPECT_THAT(server.error().next, HasSubstr("127.0.0.1"));
  }
}

}  // namespace
}  // namespace claimlake::serve
