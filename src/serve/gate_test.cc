#include "serve/gate.h"

#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

#include "govern/govern_for_test.h"

namespace claimlake::serve {
namespace {

using govern::Caller;
using govern::Desk;
using govern::Role;

std::string contract_text() {
  std::ostringstream text;
  text << std::ifstream(CLAIMLAKE_SOURCE_FOLDER "/api/openapi.json").rdbuf();
  return text.str();
}

class GateTest : public testing::Test {
 protected:
  std::string session_of(Role role) {
    const std::string email = std::string(name_of(role)) + "@example.com";
    desk_.make(email, role);
    return desk_.must_sign_in(email).session_id;
  }
  net::Request request(const Operation& operation, const std::string& session = "") {
    net::Request made;
    made.method = operation.method;
    made.path = operation.path;
    made.peer = "192.0.2.7";
    made.headers.add("Host", "127.0.0.1:8360");
    made.headers.add("Content-Type", "application/json");
    if (session.empty()) return made;
    made.headers.add("Cookie", "claimlake_session=" + session);
    made.headers.add("X-CSRF-Token", desk_.by_session(session).csrf_token);
    return made;
  }
  int status(const net::Request& request, const Operation& operation) {
    const auto admitted = gate_.admit(request, operation);
    const auto* refused = std::get_if<net::Response>(&admitted);
    return refused == nullptr ? 200 : refused->status;
  }
  const Operation& call(const std::string& id) {
    for (const Operation& each : contract_.operations()) {
      if (each.id == id) return each;
    }
    ADD_FAILURE() << id;
    return contract_.operations().front();
  }

  Desk desk_{{.staff_needs_second_factor = false}};
  const Contract contract_ = *Contract::read(contract_text());
  const Gate gate_{&desk_.sign_in, false};
};

TEST_F(GateTest, every_call_of_the_contract_says_for_whom_it_is) {
  for (const Operation& operation : contract_.operations()) {
    EXPECT_TRUE(govern::route_rule(operation.permission)) << operation.id;
  }
}

TEST_F(GateTest, every_call_with_every_role_is_allowed_as_its_permission_says_and_else_refused) {
  const std::set<std::string> open = {"getHealth", "getReadiness", "getOpenApi", "getDocs",
                                      "listPlans"};
  for (const Role role : govern::all_roles()) {
    const std::string session = session_of(role);
    for (const Operation& operation : contract_.operations()) {
      const auto permission = govern::permission_of(operation.permission);
      const bool may =
          permission ? permissions_of(role).has(*permission) : open.contains(operation.id);
      EXPECT_EQ(status(request(operation, session), operation), may ? 200 : 403)
          << name_of(role) << " " << operation.id;
    }
  }
}

TEST_F(GateTest, without_a_session_only_what_is_public_answers) {
  for (const Operation& operation : contract_.operations()) {
    const int wanted = operation.permission == "public" ? 200 : 401;
    EXPECT_EQ(status(request(operation), operation), wanted) << operation.id;
  }
}

TEST_F(GateTest, a_call_that_says_nothing_is_refused_to_everybody) {
  Operation forgotten = call("getSummary");
  forgotten.permission = "";
  EXPECT_EQ(status(request(forgotten, session_of(Role::kAdmin)), forgotten), 403);
  forgotten.permission = "insights.raed";
  EXPECT_EQ(status(request(forgotten), forgotten), 403);
}

TEST_F(GateTest, with_sign_in_off_whoever_is_here_may_do_all) {
  const Gate open(nullptr, false);
  for (const Operation& operation : contract_.operations()) {
    const auto admitted = open.admit(request(operation), operation);
    ASSERT_TRUE(std::holds_alternative<Caller>(admitted)) << operation.id;
    EXPECT_EQ(std::get<Caller>(admitted).by, Caller::By::kOpenDoor);
  }
}

TEST_F(GateTest, a_change_by_cookie_shows_the_token_of_its_own_session) {
  const Operation& step = call("takeStep");
  const std::string session = session_of(Role::kEngineer);
  const std::string other = session_of(Role::kAdmin);
  net::Request asked = request(step);
  asked.headers.add("Cookie", "claimlake_session=" + session);
  EXPECT_EQ(status(asked, step), 403);
  asked.headers.add("X-CSRF-Token", desk_.by_session(other).csrf_token);
  EXPECT_EQ(status(asked, step), 403);
  EXPECT_EQ(status(request(step, session), step), 200);
}

TEST_F(GateTest, a_change_by_cookie_from_a_page_of_another_site_is_refused) {
  const Operation& step = call("takeStep");
  const std::string session = session_of(Role::kEngineer);
  net::Request asked = request(step, session);
  asked.headers.add("Origin", "https://evil.example");
  EXPECT_EQ(status(asked, step), 403);
  asked = request(step, session);
  asked.headers.add("Sec-Fetch-Site", "cross-site");
  EXPECT_EQ(status(asked, step), 403);
  asked = request(step, session);
  asked.headers.add("Origin", "http://127.0.0.1:8360");
  EXPECT_EQ(status(asked, step), 200);
}

TEST_F(GateTest, a_token_needs_no_csrf_token_and_its_cookie_is_not_looked_at) {
  const Operation& step = call("takeStep");
  const std::string session = session_of(Role::kEngineer);
  const auto made = desk_.tokens.make(desk_.by_session(session), "x", {"pipeline.operate"}, 0);
  net::Request asked = request(step);
  asked.headers.add("Authorization", "Bearer " + made->token);
  EXPECT_EQ(status(asked, step), 200);
  EXPECT_EQ(status(asked, call("getSummary")), 403) << "no scope for that";

  net::Request wrong = request(step, session);
  wrong.headers.add("Authorization", "Bearer clk_" + std::string(43, 'x'));
  EXPECT_EQ(status(wrong, step), 401);
  net::Request basic = request(step, session);
  basic.headers.add("Authorization", "Basic cm9vdDpyb290");
  EXPECT_EQ(status(basic, step), 401);
}

TEST_F(GateTest, two_cookies_of_the_name_are_none) {
  const Operation& summary = call("getSummary");
  const std::string session = session_of(Role::kAnalyst);
  net::Request asked = request(summary);
  asked.headers.add("Cookie", "theme=dark; claimlake_session=" + session + "; a=b");
  EXPECT_EQ(status(asked, summary), 200);
  net::Request two = request(summary);
  two.headers.add("Cookie", "claimlake_session=planted; claimlake_session=" + session);
  EXPECT_EQ(status(two, summary), 401);
}

TEST_F(GateTest, the_cookie_is_for_this_host_and_no_script) {
  EXPECT_EQ(Gate(&desk_.sign_in, true).cookie("abc"),
            "__Host-claimlake=abc; Path=/; HttpOnly; SameSite=Lax; Secure");
  EXPECT_EQ(gate_.cookie("abc"), "claimlake_session=abc; Path=/; HttpOnly; SameSite=Lax");
  EXPECT_EQ(gate_.no_cookie(), "claimlake_session=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0");
}

TEST_F(GateTest, behind_tls_a_cookie_without_the_prefix_is_nothing) {
  const Operation& summary = call("getSummary");
  const std::string session = session_of(Role::kAnalyst);
  const Gate tls(&desk_.sign_in, true);
  EXPECT_TRUE(std::holds_alternative<net::Response>(tls.admit(request(summary, session), summary)));
  net::Request asked = request(summary);
  asked.headers.add("Cookie", "__Host-claimlake=" + session);
  EXPECT_TRUE(std::holds_alternative<Caller>(tls.admit(asked, summary)));
}

}  // namespace
}  // namespace claimlake::serve
