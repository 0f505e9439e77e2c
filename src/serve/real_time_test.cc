// What clients are told of commits, over the real server and a lake in memory.
#include "serve/real_time.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "serve/contract_for_test.h"

namespace claimlake::serve {
namespace {

using Json = nlohmann::json;

class RealTimeTest : public ContractTest {
 protected:
  // A client of Socket.IO by polling.
  class Client {
   public:
    explicit Client(const std::string& auth = "") {
      const std::string opened = send("GET", "");
      session_ = Json::parse(opened.substr(1))["sid"];
      send("POST", "40" + auth);
    }
    // Waits for the next event of that name whose data hold `text`.
    Json wait_for(const std::string& name, const std::string& text = "") {
      for (;;) {
        while (next_ < packets_.size()) {
          const std::string& packet = packets_[next_++];
          if (!packet.starts_with("42")) continue;
          const Json event = Json::parse(packet.substr(2));
          if (event[0] == name && packet.find(text) != std::string::npos) return event[1];
        }
        const std::string payload = send("GET", "");
        if (payload.empty()) return nullptr;
        if (payload == "2") send("POST", "3");
        packets_ = split(payload, '\x1e');
        next_ = 0;
      }
    }

   private:
    std::string send(const std::string& method, const std::string& body) {
      std::string target = "/socket.io/?EIO=4&transport=polling";
      if (!session_.empty()) target += "&sid=" + session_;
      const auto answer = http_.send(method, target, {}, body);
      EXPECT_TRUE(answer && answer->status == 200);
      return answer ? answer->body : "";
    }
    net::HttpClient http_ = lake_->client();
    std::string session_;
    std::vector<std::string> packets_;
    std::size_t next_ = 0;
  };
  // A claim like one that is in Silver.
  static std::string claim(const std::string& id, const std::string& status,
                           const std::string& updated) {
    const auto like = lake_->sql(
        "SELECT policy_id, pet_id, customer_id, provider_id, claim_type, claim_category, "
        "CAST(service_date AS VARCHAR), CAST(submitted_date AS VARCHAR), claim_amount FROM "
        "silver.fact_claims WHERE claim_id NOT LIKE 'RT%' AND status = 'Submitted' ORDER BY "
        "claim_id LIMIT 1");
    const auto text = [&like](std::size_t column) { return like.rows.at(0)[column].value_or(""); };
    const Json row = {{"claim_id", id},
                      {"claim_number", "CLM-" + id},
                      {"policy_id", text(0)},
                      {"pet_id", text(1)},
                      {"customer_id", text(2)},
                      {"provider_id", text(3)},
                      {"claim_type", text(4)},
                      {"claim_category", text(5)},
                      {"service_date", text(6)},
                      {"submitted_date", text(7)},
                      {"claim_amount", std::stod(text(8))},
                      {"deductible_applied", 0},
                      {"covered_amount", 0},
                      {"paid_amount", 0},
                      {"status", status},
                      {"diagnosis_code", "DX1032"},
                      {"invoice_number", "INV-" + id},
                      {"is_emergency", false},
                      {"is_recurring", false},
                      {"created_at", text(7)},
                      {"updated_at", updated}};
    return row.dump() + "\n";
  }
  static void refresh() { lake_->run(std::chrono::year(2026) / 1 / 9); }
};

TEST_F(RealTimeTest, a_claim_is_told_when_it_is_committed_and_when_its_status_changes) {
  Client client;
  EXPECT_EQ(client.wait_for("connected")["recovered"], false);
  // What was committed while nobody listened is told first: too many rows to name one.
  lake_->run(std::chrono::year(2026) / 1 / 9, true);
  client.wait_for("refresh", "gold.risk_scoring");

  lake_->arrive("claims/rt1.jsonl", claim("RT-1", "Submitted", "2026-01-05T00:00:00Z"));
  const Json bronze = client.wait_for("claim_to_bronze", "RT-1");
  EXPECT_EQ(bronze["claim_id"], "RT-1");
  EXPECT_EQ(bronze["layer"], "bronze");
  refresh();
  const Json silver = client.wait_for("silver_processed");
  EXPECT_EQ(silver["layer"], "silver");
  EXPECT_GE(silver["count"], 1);
  const Json submitted = client.wait_for("claim_submitted");
  EXPECT_EQ(submitted["claim_number"], "CLM-RT-1");
  EXPECT_FALSE(submitted["customer_id"].empty());
  EXPECT_EQ(submitted["status"], "Submitted");
  EXPECT_EQ(client.wait_for("gold_processed")["layer"], "gold");
  std::set<std::string> tables;
  const Json refreshed = client.wait_for("refresh", "gold.customer_360_view");
  for (const Json& table : refreshed["tables"]) tables.insert(table["table"]);
  EXPECT_TRUE(tables.contains("gold.customer_360_view"));

  lake_->arrive("claims/rt2.jsonl", claim("RT-1", "Approved", "2026-01-06T00:00:00Z"));
  refresh();
  const Json update = client.wait_for("claim_status_update", "RT-1");
  EXPECT_EQ(update["claim_id"], "RT-1");
  EXPECT_EQ(update["status"], "Approved");
}

TEST_F(RealTimeTest, a_page_of_another_site_is_kept_out) {
  const auto status = [](const char* name, const char* value) {
    net::Headers headers;
    headers.add(name, value);
    return lake_->get("/socket.io/?EIO=4&transport=polling", headers).status;
  };
  EXPECT_EQ(status("Origin", "https://evil.example"), 403);
  EXPECT_EQ(status("Origin", "null"), 403);
  EXPECT_EQ(status("Sec-Fetch-Site", "cross-site"), 403);
  EXPECT_EQ(status("Host", "evil.example"), 421);
  EXPECT_EQ(status("Sec-Fetch-Site", "same-origin"), 200);
}

TEST_F(RealTimeTest, an_answer_carries_the_headers_of_all_answers) {
  const auto answer = lake_->get("/socket.io/?EIO=4&transport=polling");
  EXPECT_EQ(answer.headers.get("X-Content-Type-Options"), "nosniff");
  EXPECT_FALSE(answer.headers.has("Access-Control-Allow-Origin"));
  EXPECT_EQ(lake_->get("/ws").status, 426);
}

}  // namespace
}  // namespace claimlake::serve
