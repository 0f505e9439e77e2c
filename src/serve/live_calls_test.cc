// The pipeline by API, and why a row is as it is: answers held against the contract.
#include "serve/live_calls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "serve/contract_for_test.h"

namespace claimlake::serve {
namespace {

using Json = nlohmann::json;
using testing::HasSubstr;
using testing::IsEmpty;

class LiveCallsTest : public ContractTest {
 protected:
  static Json get(const std::string& target, int status = 200) {
    return ask("GET", target, "", status);
  }
  static Json ask_why(const std::string& table, const std::string& key, int status = 200) {
    return ask("POST", "/api/lake/why", Json::object({{"table", table}, {"key", key}}).dump(),
               status);
  }
};

TEST_F(LiveCallsTest, the_mode_can_be_changed_and_says_by_whom) {
  const Json changed = ask("PUT", "/api/pipeline/mode", R"({"mode":"scheduled","every":"5m"})");
  EXPECT_EQ(changed["mode"], "scheduled");
  EXPECT_EQ(changed["every"], "5m");
  EXPECT_EQ(changed["changed_by"], "test");
  EXPECT_EQ(get("/api/pipeline/mode"), changed);
  const Json live = get("/api/pipeline/live");
  EXPECT_EQ(live["pipeline"]["every"], "5m");
  EXPECT_FALSE(live["next_due"].is_null());

  EXPECT_EQ(ask("PUT", "/api/pipeline/mode", R"({"cron":"0 6 * * 1-5"})")["cron"], "0 6 * * 1-5");
  const Json back = ask("PUT", "/api/pipeline/mode", R"({"mode":"continuous"})");
  EXPECT_EQ(back["mode"], "continuous");
  EXPECT_FALSE(back.contains("cron"));
  EXPECT_TRUE(get("/api/pipeline/live")["next_due"].is_null());
}

TEST_F(LiveCallsTest, a_mode_that_cannot_be_is_refused_with_its_field_and_changes_nothing) {
  const Json before = get("/api/pipeline/mode");
  const auto refused = [](const std::string& body, const std::string& field) {
    const Json problem = ask("PUT", "/api/pipeline/mode", body, 422);
    EXPECT_EQ(problem.value("field", ""), field) << body;
  };

  refused(R"({"mode":"sometimes"})", "mode");
  refused(R"({"mode":"scheduled"})", "every");
  refused(R"({"mode":"manual","every":"5m"})", "every");
  refused(R"({"every":"soon"})", "every");
  refused(R"({"mode":"scheduled","every":"5m","cron":"0 6 * * *"})", "cron");
  refused(R"({"cron":"61 6 * * *"})", "cron");
  refused(R"({"mod":"manual"})", "mod");
  refused(R"({"mode":5})", "mode");
  refused("manual", "");
  refused("", "");

  EXPECT_EQ(get("/api/pipeline/mode"), before);
}

TEST_F(LiveCallsTest, a_page_of_another_site_changes_nothing) {
  const auto refused = [](const char* name, const char* value, int status) {
    net::Headers headers;
    headers.add(name, value);
    ask("PUT", "/api/pipeline/mode", R"({"mode":"manual"})", status, headers);
  };

  refused("Origin", "http://evil.example", 403);
  refused("Origin", "null", 403);
  refused("Sec-Fetch-Site", "cross-site", 403);
  refused("Sec-Fetch-Site", "same-site", 403);
  refused("Content-Type", "text/plain", 415);
  refused("Host", "evil.example", 421);

  EXPECT_EQ(get("/api/pipeline/mode")["mode"], "continuous");
  net::Headers own;
  own.add("Host", "localhost:8360");
  own.add("Origin", "http://localhost:8360");
  own.add("Sec-Fetch-Site", "same-origin");
  ask("PUT", "/api/pipeline/mode", R"({"mode":"continuous"})", 200, own);
}

TEST_F(LiveCallsTest, each_call_says_which_methods_it_takes) {
  const auto allowed = [](const char* method, const char* target) {
    const auto response = lake_->client().send(method, target, {}, "{}");
    EXPECT_EQ(response->status, 405) << method << target;
    return std::string(response->headers.get("Allow"));
  };

  EXPECT_EQ(allowed("DELETE", "/api/pipeline/mode"), "GET, HEAD, PUT");
  EXPECT_EQ(allowed("GET", "/api/pipeline/step"), "POST");
  EXPECT_EQ(allowed("OPTIONS", "/api/pipeline/step"), "POST");
  EXPECT_EQ(allowed("POST", "/api/pipeline/waiting"), "GET, HEAD");
}

TEST_F(LiveCallsTest, what_waits_is_listed_row_by_row_and_taken_in_by_steps) {
  EXPECT_THAT(get("/api/pipeline/waiting")["rows"], IsEmpty());
  const auto customer =
      *lake_->sql("SELECT customer_id FROM silver.dim_customers LIMIT 1").rows[0][0];
  const std::string rows = "customer_id,first_name,last_name,email\n" + customer +
                           ",Ada,Changed,ada@example.com\nCUST-NEW1,New,Person,new@example.com\n";
  lake_->arrive("customers/later.csv", rows);

  const Json waiting = get("/api/pipeline/waiting?step=silver");
  ASSERT_EQ(waiting["counts"].size(), 1u);
  EXPECT_EQ(waiting["counts"][0]["from"], "bronze.customers_raw");
  EXPECT_EQ(waiting["counts"][0]["rows"], 2);
  ASSERT_EQ(waiting["rows"].size(), 2u);
  EXPECT_EQ(waiting["rows"][1]["key"], "CUST-NEW1");
  EXPECT_EQ(waiting["rows"][1]["file"], "customers/later.csv");
  EXPECT_THAT(get("/api/pipeline/waiting?step=gold")["rows"], IsEmpty());
  EXPECT_EQ(get("/api/pipeline/waiting?limit=1&offset=1")["rows"],
            Json::array({waiting["rows"][1]}));

  const Json silver = ask("POST", "/api/pipeline/step", R"({"step":"silver"})");
  EXPECT_EQ(silver["ok"], true);
  EXPECT_THAT(get("/api/pipeline/waiting?step=silver")["rows"], IsEmpty());
  const Json for_gold = get("/api/pipeline/waiting?step=gold");
  ASSERT_FALSE(for_gold["counts"].empty());
  const Json gold = ask("POST", "/api/pipeline/step", R"({"step":"gold"})");
  EXPECT_EQ(gold["ok"], true);
  for (const Json& table : gold["tables"]) {
    EXPECT_THAT(table["table"].get<std::string>(), testing::StartsWith("gold."));
  }

  EXPECT_THAT(get("/api/pipeline/waiting")["rows"], IsEmpty());
  const Json live = get("/api/pipeline/live");
  for (const Json& table : live["tables"]) {
    if (table["table"] != "gold.customer_360_view") continue;
    EXPECT_EQ(table["last_run"]["run"], gold["run"]);
    EXPECT_EQ(table["last_run"]["outcome"], "built");
    EXPECT_EQ(table["waiting"], 0);
  }
}

TEST_F(LiveCallsTest, a_step_that_is_none_is_refused) {
  const Json problem = ask("POST", "/api/pipeline/step", R"({"step":"bronze"})", 422);
  EXPECT_EQ(problem["field"], "step");
  EXPECT_THAT(problem["next_step"].get<std::string>(), HasSubstr("silver and gold"));
  EXPECT_EQ(ask("POST", "/api/pipeline/step", "[]", 422)["code"], "invalid_body");
  get("/api/pipeline/waiting?step=bronze", 422);
}

// The events of a stream that has ended: name and data.
std::vector<std::pair<std::string, Json>> events_of(const std::string& text) {
  std::vector<std::pair<std::string, Json>> events;
  for (const std::string& line : split(text, '\n')) {
    if (line.starts_with("event: ")) events.emplace_back(line.substr(7), Json());
    if (line.starts_with("data: ")) events.back().second = Json::parse(line.substr(6));
  }
  return events;
}

TEST_F(LiveCallsTest, the_stream_tells_what_is_and_then_what_happens) {
  auto client = lake_->client();
  ASSERT_TRUE(client.write("GET /api/pipeline/events?limit=3 HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  // The first event comes at once; it is there when the server has begun to listen.
  const Clock& clock = lake_->clock();
  const auto start = clock.steady_now();
  while (!lake_->control().events().has_listeners() &&
         clock.steady_now() - start < std::chrono::seconds(30)) {
    lake_->get("/healthz");
  }
  ASSERT_TRUE(lake_->control().events().has_listeners());

  lake_->control().look();  // what is there already is no event
  lake_->run(std::chrono::year(2026) / 1 / 9, true);
  lake_->control().look();
  lake_->control().look();  // nothing more has happened
  schedule::LiveEvent event;
  event.noticed_at = event.finished_at = lake_->clock().now();
  event.refreshed = refresh::RunReport{.run = "the-run"};
  lake_->control().tell(event);

  const auto text = client.read_to_end();
  ASSERT_TRUE(text);
  EXPECT_THAT(*text, HasSubstr("Content-Type: text/event-stream"));
  const auto events = events_of(*text);
  ASSERT_EQ(events.size(), 3u) << *text;
  EXPECT_EQ(events[0].first, "status");
  expect_schema({{"$ref", "#/components/schemas/LivePipeline"}}, events[0].second, "status");
  EXPECT_EQ(events[1].first, "commits");
  EXPECT_EQ(events[2].first, "refresh");
  EXPECT_EQ(events[2].second["run"]["run"], "the-run");
  for (std::size_t i = 1; i < 3; ++i) {
    expect_schema({{"$ref", "#/components/schemas/LiveEvent"}}, events[i].second, events[i].first);
  }
}

TEST_F(LiveCallsTest, too_many_listeners_are_turned_away_until_one_goes) {
  // The stream of another test may just be ending.
  const auto start = lake_->clock().steady_now();
  while (lake_->control().events().has_listeners() &&
         lake_->clock().steady_now() - start < std::chrono::seconds(30)) {
    lake_->get("/healthz");
  }
  std::vector<std::shared_ptr<const void>> others;
  while (auto listener = lake_->control().events().listen()) others.push_back(std::move(listener));

  get("/api/pipeline/events?limit=1", 429);
  others.pop_back();

  EXPECT_EQ(lake_->get("/api/pipeline/events?limit=1").status, 200);
}

TEST_F(LiveCallsTest, why_answers_for_a_row_its_run_its_files_and_its_rules) {
  const std::string customer =
      *lake_->sql("SELECT customer_id FROM gold.customer_360_view ORDER BY 1 LIMIT 1").rows[0][0];

  const Json why = ask_why("gold.customer_360_view", customer);

  EXPECT_EQ(why["table"], "gold.customer_360_view");
  EXPECT_EQ(why["key"]["customer_id"], customer);
  EXPECT_EQ(why["present"], true);
  EXPECT_EQ(why["written"]["version"], why["version"]);
  EXPECT_FALSE(why["columns"].empty());
  bool reads_customers = false;
  for (const Json& input : why["inputs"]) {
    reads_customers = reads_customers || (input["table"] == "silver.dim_customers" &&
                                          input["rows"][0]["customer_id"] == customer);
  }
  EXPECT_TRUE(reads_customers);
}

TEST_F(LiveCallsTest, why_says_that_there_is_no_such_row_and_refuses_what_is_no_question) {
  EXPECT_EQ(ask_why("gold.customer_360_view", "nobody")["present"], false);
  EXPECT_EQ(ask_why("gold.nothing", "a", 404)["field"], "table");
  EXPECT_EQ(ask_why("gold.customer_360_view", "", 422)["field"], "key");
  EXPECT_EQ(ask_why("gold.customer_360_view", std::string(1'001, 'k'), 422)["field"], "key");
  EXPECT_EQ(ask_why("", "a", 422)["field"], "table");
  EXPECT_EQ(ask_why("bronze.claims_raw", "a", 422)["field"], "key");
  EXPECT_EQ(ask("POST", "/api/lake/why", R"({"table":"gold.customer_360_view"})", 422)["field"],
            "key");
}

TEST_F(LiveCallsTest, why_takes_no_key_from_the_address) {
  EXPECT_EQ(lake_->get("/api/lake/why?table=gold.customer_360_view&key=a").status, 405);
  const auto problem =
      ask("POST", "/api/lake/why?key=a", R"({"table":"gold.customer_360_view","key":"a"})", 422);
  EXPECT_EQ(problem["code"], "unknown_parameter");
}

}  // namespace
}  // namespace claimlake::serve
