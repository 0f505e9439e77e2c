// What people enter by API: kept, read back, and refused with what is wrong with each member.
#include "serve/record_calls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <set>

#include "base/text.h"
#include "serve/contract_for_test.h"

namespace claimlake::serve {
namespace {

using Json = nlohmann::json;
using testing::HasSubstr;
using testing::MatchesRegex;

// The lake needs no rows for these.
class RecordCallsTest : public ContractTest {
 protected:
  static void SetUpTestSuite() {
    lake_ = std::make_unique<LakeForTest>();
    document_ = Json::parse(std::ifstream(CLAIMLAKE_SOURCE_FOLDER "/api/openapi.json"));
  }
  static void TearDownTestSuite() { lake_.reset(); }

  struct Answer {
    net::Response response;
    Json body;
  };
  // Sends a request; `path` is that of the contract, against which the answer is checked.
  static Answer send(const std::string& method, const std::string& path, const std::string& target,
                     const std::string& body, int status, net::Headers headers = {}) {
    if (method != "GET") headers.add("Content-Type", "application/json");
    auto response = lake_->client().send(method, target, headers, body);
    EXPECT_TRUE(response) << target;
    if (!response) return {};
    EXPECT_EQ(response->status, status) << method << " " << target << ": " << response->body;
    const Json answer = Json::parse(response->body, nullptr, false);
    if (status == 304) return {*response, {}};
    const Json& answers = document_["paths"][path][to_lower(method)]["responses"];
    const std::string key = std::to_string(response->status);
    expect_schema(answers.contains(key) ? answers[key]["content"]["application/json"]["schema"]
                                        : Json{{"$ref", "#/components/schemas/Problem"}},
                  answer, method + " " + target);
    return {*response, answer};
  }
  static Answer post(const std::string& path, const Json& body, int status = 201,
                     net::Headers headers = {}) {
    return send("POST", path, path, body.dump(), status, std::move(headers));
  }
  static Json get(const std::string& path, const std::string& target, int status = 200) {
    return send("GET", path, target, "", status).body;
  }

  static Json customer() {
    return {{"first_name", "Ada"},       {"last_name", "O'Hara <b>"}, {"email", "Ada@Example.com"},
            {"phone", "(512) 555-0142"}, {"city", "Austin"},          {"state", "tx"},
            {"zip_code", "78701"}};
  }
  static std::string new_customer() {
    return post("/api/customers", customer()).body["customer_id"];
  }
  static Json pet(const std::string& owner) {
    return {{"customer_id", owner}, {"pet_name", "Biscuit"}, {"species", "Dog"},
            {"breed", "Beagle"},    {"gender", "Male"},      {"date_of_birth", "2020-05-01"},
            {"weight_lbs", 22.5}};
  }
  static std::string today() { return to_text(lake_->clock().now()).substr(0, 10); }

  // A customer with a pet and a policy from today on, and the claim that they could make.
  struct Insured {
    std::string customer, pet, policy;
    Json claim() const {
      return {{"customer_id", customer},  {"pet_id", pet},           {"policy_id", policy},
              {"claim_type", "Illness"},  {"service_date", today()}, {"claim_amount", 212.40},
              {"description", "ear pain"}};
    }
  };
  static Insured insured() {
    Insured made{new_customer(), "", ""};
    made.pet = post("/api/pets", pet(made.customer)).body["pet_id"];
    made.policy =
        post("/api/policies",
             {{"customer_id", made.customer}, {"pet_id", made.pet}, {"plan_name", "Standard"}})
            .body["policy_id"];
    return made;
  }
  static net::Headers header(const char* name, const std::string& value) {
    net::Headers headers;
    headers.add(name, value);
    return headers;
  }
  static std::set<std::string> fields_of(const Json& problem) {
    std::set<std::string> fields;
    for (const Json& error : problem.value("errors", Json::array())) fields.insert(error["field"]);
    return fields;
  }
  // That `claim` with `member` set to `value` is refused because of `field`.
  static void refused(const Insured& of, const std::string& member, const Json& value,
                      const std::string& field) {
    SCOPED_TRACE(member + "=" + value.dump());
    Json claim = of.claim();
    claim[member] = value;
    const Json problem = post("/api/claims", claim, 422).body;
    EXPECT_EQ(fields_of(problem), std::set{field}) << problem;
    EXPECT_EQ(problem["field"], field);
  }
};

TEST_F(RecordCallsTest, customer_is_kept_and_read_back_as_entered) {
  const Answer made = send("POST", "/api/customers", "/api/customers/", customer().dump(), 201);
  EXPECT_EQ(made.response.headers.get("ETag"), "\"1\"");
  const std::string id = made.body["customer_id"];
  EXPECT_THAT(id, MatchesRegex("CUST-[0-9A-F]{12}"));
  EXPECT_EQ(made.response.headers.get("Location"), "/api/customers/" + id);

  const Json read = get("/api/customers/{customer_id}", "/api/customers/" + id);

  EXPECT_EQ(read["last_name"], "O'Hara <b>");
  EXPECT_EQ(read["email"], "ada@example.com");
  EXPECT_EQ(read["state"], "TX");
  EXPECT_EQ(read["customer_since"], today());
  EXPECT_EQ(read["marketing_opt_in"], false);
  EXPECT_EQ(read["revision"], 1);
}

TEST_F(RecordCallsTest, each_wrong_member_of_a_customer_is_named_at_once) {
  Json wrong = customer();
  wrong["email"] = "ada@nowhere";
  wrong["phone"] = "123";
  wrong["state"] = "TEXAS";
  wrong["zip_code"] = "123";
  wrong["first_name"] = std::string(51, 'x');
  wrong["date_of_birth"] = "2020-02-30";
  wrong["marketing_opt_in"] = "yes";
  wrong["lastname"] = "x";
  wrong.erase("city");

  const Json problem = post("/api/customers", wrong, 422).body;

  EXPECT_EQ(fields_of(problem),
            (std::set<std::string>{"email", "phone", "state", "zip_code", "first_name",
                                   "date_of_birth", "marketing_opt_in", "lastname", "city"}))
      << problem;
}

TEST_F(RecordCallsTest, names_take_any_letters_up_to_their_limit_and_no_control_characters) {
  Json long_name = customer();
  std::string fifty;
  for (int i = 0; i < 50; ++i) fifty += "\xc3\xa9";
  long_name["first_name"] = fifty;
  EXPECT_EQ(post("/api/customers", long_name).body["first_name"], fifty);
  for (const std::string& bad :
       {std::string("a\0b", 3), std::string("\x1b[1m"), std::string("  ")}) {
    Json wrong = customer();
    wrong["first_name"] = bad;
    EXPECT_EQ(fields_of(post("/api/customers", wrong, 422).body),
              std::set<std::string>{"first_name"});
  }
}

TEST_F(RecordCallsTest, pet_is_of_a_customer_who_is_there) {
  const std::string owner = new_customer();
  const Json kept = post("/api/pets", pet(owner)).body;
  EXPECT_EQ(kept["vaccination_status"], "Up to Date");
  EXPECT_EQ(kept["weight_lbs"], 22.5);

  EXPECT_EQ(fields_of(post("/api/pets", pet("CUST-000000000000"), 422).body),
            std::set<std::string>{"customer_id"});
  const auto refused = [&owner](const char* member, const Json& value) {
    Json wrong = pet(owner);
    wrong[member] = value;
    EXPECT_EQ(fields_of(post("/api/pets", wrong, 422).body), std::set<std::string>{member})
        << value;
  };
  refused("species", "Bird");
  refused("gender", "Unknown");
  refused("weight_lbs", 0);
  refused("weight_lbs", 500);
  refused("weight_lbs", 1.234);
  refused("date_of_birth", "2999-01-01");
  refused("adoption_date", "2019-05-01");
}

TEST_F(RecordCallsTest, policy_costs_what_its_plan_and_add_ons_cost) {
  const std::string owner = new_customer();
  const std::string id = post("/api/pets", pet(owner)).body["pet_id"];

  const Json policy = post("/api/policies", {{"customer_id", owner},
                                             {"pet_id", id},
                                             {"plan_name", "Unlimited"},
                                             {"includes_wellness", true},
                                             {"includes_behavioral", true}})
                          .body;

  EXPECT_EQ(policy["monthly_premium"], 114.99);
  EXPECT_EQ(policy["annual_deductible"], 0);
  EXPECT_EQ(policy["waiting_period_days"], 0);
  EXPECT_EQ(policy["effective_date"], today());
  EXPECT_THAT(std::string(policy["policy_number"]), MatchesRegex("PI-[0-9]{8}-[0-9A-F]{6}"));
  EXPECT_EQ(fields_of(post("/api/policies",
                           {{"customer_id", owner}, {"pet_id", id}, {"plan_name", "Gold"}}, 422)
                          .body),
            std::set<std::string>{"plan_name"});
}

TEST_F(RecordCallsTest, claim_is_kept_with_exact_money_and_a_timeline) {
  const Insured of = insured();
  Json claim = of.claim();
  claim.erase("claim_amount");
  claim["amount"] = "1234.50";

  const Answer made = post("/api/claims", claim);

  EXPECT_THAT(made.response.body, HasSubstr("\"claim_amount\":1234.50,"));
  EXPECT_EQ(made.body["status"], "Submitted");
  EXPECT_EQ(made.body["claim_category"], "Illness");
  EXPECT_THAT(std::string(made.body["claim_number"]), MatchesRegex("CLM-[0-9]{8}-[0-9A-F]{6}"));
  const std::string id = made.body["claim_id"];
  const Json read = get("/api/claims/{claim_id}", "/api/claims/" + id);
  EXPECT_EQ(read["timeline"].size(), 1U);
  EXPECT_EQ(read["timeline"][0]["kind"], "submitted");
  EXPECT_EQ(get("/api/claims/{claim_id}/status", "/api/claims/" + id + "/status")["status"],
            "Submitted");
}

TEST_F(RecordCallsTest, claim_is_refused_by_the_member_that_is_wrong) {
  const Insured of = insured();
  const Insured other = insured();
  const std::string second = post("/api/pets", pet(of.customer)).body["pet_id"];

  refused(of, "claim_amount", 0, "claim_amount");
  refused(of, "claim_amount", -100, "claim_amount");
  refused(of, "claim_amount", 1e12, "claim_amount");
  refused(of, "claim_amount", "1000000.01", "claim_amount");
  refused(of, "claim_amount", "10.005", "claim_amount");
  refused(of, "claim_amount", "a lot", "claim_amount");
  refused(of, "claim_amount", true, "claim_amount");
  refused(of, "claim_type", "Magic", "claim_type");
  refused(of, "claim_category", "Other", "claim_category");
  refused(of, "service_date", "2999-01-01", "service_date");
  refused(of, "service_date", "yesterday", "service_date");
  refused(of, "service_date", "2021-01-01", "service_date");
  refused(of, "customer_id", "nobody", "customer_id");
  refused(of, "customer_id", other.customer, "pet_id");
  refused(of, "pet_id", other.pet, "pet_id");
  refused(of, "pet_id", second, "policy_id");
  refused(of, "policy_id", other.policy, "policy_id");
  refused(of, "policy_id", "POL-000000000000", "policy_id");
  refused(of, "amount", 5, "amount");
  refused(of, "line_items", Json::array(), "line_items");

  EXPECT_EQ(get("/api/claims", "/api/claims?customer_id=" + of.customer)["count"], 0);
}

TEST_F(RecordCallsTest, body_that_is_none_is_refused_and_so_is_a_page_of_another_site) {
  for (const char* body : {"", "[]", "{\"customer_id\":1", R"({"pet_id":"a","pet_id":"b"})"}) {
    EXPECT_EQ(send("POST", "/api/claims", "/api/claims", body, 422).body["code"], "invalid_body");
  }
  post("/api/customers", customer(), 403, header("Origin", "http://evil.example"));
}

TEST_F(RecordCallsTest, same_key_gives_the_first_answer_and_makes_nothing) {
  const Insured of = insured();
  const auto key = header("Idempotency-Key", "5d1c-" + of.policy);

  const Answer first = post("/api/claims", of.claim(), 201, key);
  const Answer again = post("/api/claims", of.claim(), 201, key);
  Json other = of.claim();
  other["claim_amount"] = 5;
  const Json refused = post("/api/claims", other, 409, key).body;

  EXPECT_EQ(again.response.body, first.response.body);
  EXPECT_EQ(again.response.headers.get("Location"), first.response.headers.get("Location"));
  EXPECT_EQ(again.response.headers.get("Idempotency-Replayed"), "true");
  EXPECT_EQ(refused["field"], "Idempotency-Key");
  EXPECT_EQ(get("/api/claims", "/api/claims?customer_id=" + of.customer)["count"], 1);
  post("/api/claims", of.claim(), 422, header("Idempotency-Key", std::string(201, 'x')));
}

TEST_F(RecordCallsTest, what_was_right_when_it_came_first_is_answered_so_on_the_day_after) {
  const Insured of = insured();
  const Json policy = {{"customer_id", of.customer},
                       {"pet_id", of.pet},
                       {"plan_name", "Standard"},
                       {"effective_date", today()}};
  const auto key = header("Idempotency-Key", "day-" + of.policy);
  const Answer first = post("/api/policies", policy, 201, key);
  lake_->clock().advance(std::chrono::hours(48));

  const Answer again = post("/api/policies", policy, 201, key);

  EXPECT_EQ(again.response.body, first.response.body);
  post("/api/policies", policy, 422, header("Idempotency-Key", "other-" + of.policy));
}

TEST_F(RecordCallsTest, customers_are_found_by_email_in_any_case) {
  const std::string id = new_customer();
  const Json found = get("/api/customers", "/api/customers?limit=100&email=ADA@example.COM");
  std::set<std::string> ids;
  for (const Json& one : found["customers"]) ids.insert(one["customer_id"]);
  EXPECT_TRUE(ids.contains(id)) << found.dump();
}

TEST_F(RecordCallsTest, change_is_made_from_the_revision_that_was_read) {
  const std::string id = new_customer();
  const std::string path = "/api/customers/{customer_id}";
  const std::string target = "/api/customers/" + id;
  const auto change = [&](const Json& body, int status, net::Headers headers) {
    return send("PATCH", path, target, body.dump(), status, std::move(headers));
  };

  change({{"city", "Dallas"}}, 428, {});
  change({{"city", "Dallas"}}, 422, header("If-Match", "one"));
  const Answer changed = change({{"city", "Dallas"}}, 200, header("If-Match", "\"1\""));
  EXPECT_EQ(changed.response.headers.get("ETag"), "\"2\"");
  change({{"city", "Houston"}}, 412, header("If-Match", "\"1\""));
  change({{"email", "none"}}, 422, header("If-Match", "\"2\""));

  const Json read = get(path, target);
  EXPECT_EQ(read["city"], "Dallas");
  EXPECT_EQ(read["first_name"], "Ada");
  EXPECT_EQ(read["revision"], 2);
  send("GET", path, target, "", 304, header("If-None-Match", "\"2\""));
}

TEST_F(RecordCallsTest, pages_hold_each_record_once_the_newest_first) {
  const std::string owner = new_customer();
  std::vector<std::string> made;
  for (int i = 0; i < 5; ++i) made.push_back(post("/api/pets", pet(owner)).body["pet_id"]);

  std::vector<std::string> seen;
  std::string cursor;
  for (int page = 0; page < 3; ++page) {
    const Json read =
        get("/api/pets", "/api/pets?limit=2&total=true&customer_id=" + owner + cursor);
    EXPECT_EQ(read["pagination"]["total"], 5);
    for (const Json& one : read["pets"]) seen.push_back(one["pet_id"]);
    const Json next = read["pagination"]["next_cursor"];
    EXPECT_EQ(next.is_null(), page == 2);
    if (!next.is_null()) cursor = "&cursor=" + net::percent_encode(next.get<std::string>());
  }

  std::reverse(made.begin(), made.end());
  EXPECT_EQ(seen, made);
  EXPECT_EQ(get("/api/pets", "/api/pets?cursor=x", 422)["code"], "invalid_cursor");
}

TEST_F(RecordCallsTest, what_is_not_there_is_a_404) {
  for (const char* of : {"customers", "pets", "policies", "claims"}) {
    const std::string entity =
        std::string(of) == "policies" ? "policy" : std::string(of, std::strlen(of) - 1);
    get("/api/" + std::string(of) + "/{" + entity + "_id}", "/api/" + std::string(of) + "/nothing",
        404);
  }
  get("/api/claims/{claim_id}/status", "/api/claims/nothing/status", 404);
}

}  // namespace
}  // namespace claimlake::serve
