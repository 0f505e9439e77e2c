// What people say of refused rows, by API: answers held against the contract.
#include "serve/quarantine_calls.h"

#include <set>

#include "serve/contract_for_test.h"

namespace claimlake::serve {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kFacts = "silver.fact_claims";

class QuarantineCallsTest : public ContractTest {
 protected:
  using Json = nlohmann::json;

  // A claim of a customer who is known, but of an amount that amount_positive refuses, and with a
  // status that only status_known minds if `status` says so.
  static void arrive(const std::string& claim, const std::string& status = "Submitted") {
    const auto row = lake_
                         ->sql(
                             "SELECT policy_id, pet_id, customer_id, provider_id FROM "
                             "silver.fact_claims WHERE claim_amount > 0 ORDER BY claim_id LIMIT 1")
                         .rows[0];
    const Json record = {
        {"claim_id", claim},      {"policy_id", *row[0]},           {"pet_id", *row[1]},
        {"customer_id", *row[2]}, {"provider_id", *row[3]},         {"service_date", "2025-06-01"},
        {"status", status},       {"submitted_date", "2025-06-02"}, {"claim_amount", -5}};
    lake_->arrive("claims/" + claim + ".jsonl", record.dump() + "\n");
    lake_->run(std::chrono::year(2026) / 1 / 9);
    ASSERT_EQ(state(claim), "open");
  }
  static std::string state(const std::string& key) {
    const auto found = lake_->sql("SELECT state FROM ops.quarantine WHERE key = '" + key + "'");
    return found.rows.size() == 1 ? *found.rows[0][0] : "";
  }
  static std::size_t claims(const std::string& key) {
    return lake_->sql("SELECT 1 FROM silver.fact_claims WHERE claim_id = '" + key + "'")
        .rows.size();
  }
  static Json post(const std::string& call, const Json& body, int status = 200) {
    return ask("POST", "/api/quality/quarantine/" + call, body.dump(), status);
  }
  static std::string field(const std::string& call, const Json& body, int status) {
    return post(call, body, status).value("field", "");
  }
};

TEST_F(QuarantineCallsTest, a_waived_row_goes_in_when_it_is_replayed_and_out_when_it_is_withdrawn) {
  arrive("Q1");

  const Json waived = post(
      "waive",
      {{"table", "Silver.Fact_Claims"}, {"key", "Q1"}, {"why", "A correction"}, {"by", "Ann"}});
  ASSERT_EQ(waived["changes"].size(), 1u);
  const Json& change = waived["changes"][0];
  EXPECT_EQ(change["table"], kFacts);
  EXPECT_EQ(change["key"], "Q1");
  EXPECT_EQ(change["rules"], Json::array({"amount_positive"}));
  EXPECT_EQ(change["by"], "Ann");
  EXPECT_THAT(change["still_refused_by"], IsEmpty());
  EXPECT_EQ(claims("Q1"), 0u) << "a table changes by a run only";

  const Json replayed = post("replay", {{"table", kFacts}, {"key", "Q1"}});
  EXPECT_EQ(replayed["counts"]["waived"], 1);
  EXPECT_EQ(replayed["rows"][0]["outcome"], "waived");
  EXPECT_EQ(replayed["run"]["ok"], true);
  std::set<std::string> built;
  for (const Json& table : replayed["run"]["tables"]) {
    if (table["outcome"] == "built") built.insert(table["table"]);
  }
  EXPECT_THAT(built, testing::IsSupersetOf({kFacts, "gold.monthly_kpis"})) << "what reads it, too";
  EXPECT_EQ(claims("Q1"), 1u);
  EXPECT_EQ(state("Q1"), "waived");

  const Json back = post("withdraw", {{"table", kFacts}, {"key", "Q1"}, {"why", "It was none"}});
  EXPECT_EQ(back["changes"][0]["rules"], Json::array({"amount_positive"}));
  EXPECT_EQ(back["changes"][0]["by"], "test") << "nobody is named: the user of the process";
  lake_->run(std::chrono::year(2026) / 1 / 9);
  EXPECT_EQ(claims("Q1"), 0u);
  EXPECT_EQ(state("Q1"), "open");
}

TEST_F(QuarantineCallsTest, one_of_two_rules_is_waived_and_the_other_is_told) {
  arrive("Q2", "Nobody knows");

  const Json waived = post(
      "waive",
      {{"table", kFacts}, {"key", "Q2"}, {"rule", "amount_positive"}, {"why", "A correction"}});

  EXPECT_EQ(waived["changes"][0]["rules"], Json::array({"amount_positive"}));
  EXPECT_EQ(waived["changes"][0]["still_refused_by"], Json::array({"status_known"}));
  EXPECT_TRUE(post("replay", {{"table", kFacts}, {"key", "Q2"}})["run"].is_null());
}

TEST_F(QuarantineCallsTest, what_is_waived_already_or_not_waived_is_said) {
  arrive("Q3");
  const Json said = {{"table", kFacts}, {"key", "Q3"}, {"why", "A correction"}};

  EXPECT_EQ(field("withdraw", said, 404), "key");
  post("waive", said);
  const Json again = post("waive", said, 409);
  EXPECT_EQ(again["code"], "conflict");
  EXPECT_THAT(again["detail"].get<std::string>(), HasSubstr("waived already, by test"));
  EXPECT_THAT(again["next_step"].get<std::string>(), HasSubstr("/quarantine/replay"));
  post("withdraw", said);
  EXPECT_EQ(field("withdraw", said, 404), "key");
}

TEST_F(QuarantineCallsTest, what_cannot_be_said_is_refused_with_its_field_and_changes_nothing) {
  arrive("Q4");
  const auto with = [](const char* name, const Json& value) {
    Json body = {{"table", kFacts}, {"key", "Q4"}, {"why", "A correction"}};
    body[name] = value;
    return body;
  };

  for (const char* call : {"waive", "withdraw"}) {
    EXPECT_EQ(field(call, with("table", "silver.fact_claim"), 404), "table");
    EXPECT_EQ(field(call, with("table", "gold.monthly_kpis"), 422), "table");
    EXPECT_EQ(field(call, with("table", ""), 422), "table");
    EXPECT_EQ(field(call, with("key", "Q99"), 404), "key");
    EXPECT_EQ(field(call, with("key", ""), 422), "key");
    EXPECT_EQ(field(call, with("key", std::string(1'001, 'k')), 422), "key");
    EXPECT_EQ(field(call, with("key", std::string(1, '\0')), 422), "key");
    EXPECT_EQ(field(call, with("why", ""), 422), "why");
    EXPECT_EQ(field(call, with("why", " \n"), 422), "why");
    EXPECT_EQ(field(call, with("why", 5), 422), "why");
    EXPECT_EQ(field(call, {{"table", kFacts}, {"key", "Q4"}}, 422), "why");
    EXPECT_EQ(field(call, with("by", " "), 422), "by");
    EXPECT_EQ(field(call, with("rule", "amount_positiv"), 404), "rule");
    EXPECT_EQ(field(call, with("rule", "one_row_per_claim"), 422), "rule") << "fails the table";
    EXPECT_EQ(field(call, with("rule", "amount_plausible"), 422), "rule") << "only flags";
    EXPECT_EQ(field(call, with("rul", "amount_positive"), 422), "rul");
    EXPECT_EQ(post(call, Json::array(), 422)["code"], "invalid_body");
  }
  const Json unbroken = post("waive", with("rule", "status_known"), 422);
  EXPECT_EQ(unbroken["field"], "rule");
  EXPECT_THAT(unbroken["next_step"].get<std::string>(), HasSubstr("leave `rule` out"));

  EXPECT_THAT(post("recheck", {{"table", kFacts}, {"key", "Q4"}})["rows"][0]["outcome"], "refused");
}

TEST_F(QuarantineCallsTest, a_row_that_a_run_took_in_before_the_replay_is_said) {
  arrive("Q6");
  post("waive", {{"table", kFacts}, {"key", "Q6"}, {"why", "A correction"}});
  lake_->run(std::chrono::year(2026) / 1 / 9);

  for (const char* call : {"recheck", "replay"}) {
    const Json said = post(call, {{"table", kFacts}, {"key", "Q6"}}, 409);
    EXPECT_THAT(said["detail"].get<std::string>(), HasSubstr("is not refused"));
    EXPECT_THAT(said["next_step"].get<std::string>(), HasSubstr("POST /api/lake/why"));
  }
}

TEST_F(QuarantineCallsTest, the_length_of_a_reason_is_counted_in_characters) {
  arrive("Q7");
  std::string why;
  for (int i = 0; i < 1'000; ++i) why += "\u00e4";
  const auto body = [](const std::string& reason) {
    return Json({{"table", kFacts}, {"key", "Q7"}, {"why", reason}});
  };

  EXPECT_EQ(field("waive", body(why + "!"), 422), "why");
  post("waive", body(why));
}

TEST_F(QuarantineCallsTest, a_key_is_taken_from_no_address_and_no_page_of_another_site) {
  const std::string said = R"({"table":"silver.fact_claims","key":"Q1","why":"A correction"})";
  EXPECT_EQ(ask("POST", "/api/quality/quarantine/waive?key=Q1", said, 422)["code"],
            "unknown_parameter");
  for (const char* call : {"waive", "withdraw", "recheck", "replay"}) {
    net::Headers elsewhere;
    elsewhere.add("Origin", "http://evil.example");
    ask("POST", std::string("/api/quality/quarantine/") + call, said, 403, elsewhere);
  }
}

TEST_F(QuarantineCallsTest, all_rows_are_counted_and_the_first_are_told) {
  arrive("Q8");
  arrive("Q9");
  const auto two = lake_->control().recheck({.table = kFacts, .keys = {"Q9", "Q8"}, .rows_max = 1});

  ASSERT_TRUE(two) << two.error().text();
  ASSERT_EQ(two->rows.size(), 1u);
  EXPECT_EQ(two->rows[0].key, "Q8");
  EXPECT_EQ(two->counts.at(refresh::Recheck::kRefused), 2);
  EXPECT_FALSE(two->any_changes());
}

TEST_F(QuarantineCallsTest, nobody_looks_at_rows_when_the_server_has_stopped) {
  const ServeContext context = lake_->context();
  schedule::Control control({context.lake, context.engine, context.pack, context.clock,
                             context.lake.store(), "/nowhere/pipeline.lock"});
  control.stop();

  const auto found = control.recheck({.table = kFacts});

  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().fault, Fault::kCancelled);
}

TEST_F(QuarantineCallsTest, rows_are_looked_at_again_without_a_change) {
  arrive("Q5");

  const Json one = post("recheck", {{"table", kFacts}, {"key", "Q5"}});
  ASSERT_EQ(one["rows"].size(), 1u);
  EXPECT_EQ(one["rows"][0]["outcome"], "refused");
  EXPECT_EQ(one["rows"][0]["rules"], "amount_positive");
  EXPECT_EQ(one["counts"]["refused"], 1);
  const Json by_id = post("recheck", {{"table", kFacts}, {"key", one["rows"][0]["id"]}});
  EXPECT_EQ(by_id["rows"], one["rows"]);
  const Json all = post("recheck", {{"table", kFacts}, {"rule", "amount_positive"}});
  EXPECT_GE(all["counts"]["refused"].get<int>(), 1);
  EXPECT_TRUE(post("replay", {{"table", kFacts}, {"key", "Q5"}})["run"].is_null());

  for (const char* call : {"recheck", "replay"}) {
    EXPECT_EQ(field(call, Json::object({{"table", "silver.nothing"}}), 404), "table");
    EXPECT_EQ(field(call, Json::object({{"table", "gold.monthly_kpis"}}), 422), "table");
    EXPECT_EQ(field(call, Json::object({{"key", "Q5"}}), 422), "table");
    EXPECT_EQ(field(call, {{"table", kFacts}, {"key", "Q99"}}, 404), "key");
    EXPECT_EQ(field(call, {{"table", kFacts}, {"rule", "amount_positiv"}}, 404), "rule");
    EXPECT_EQ(field(call, {{"table", kFacts}, {"why", "so"}}, 422), "why");
  }
}

}  // namespace
}  // namespace claimlake::serve
