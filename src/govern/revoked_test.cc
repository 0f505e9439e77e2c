#include <gtest/gtest.h>

#include <map>
#include <set>

#include "govern/govern_for_test.h"
#include "govern/secret.h"

namespace claimlake::govern {
namespace {

using namespace std::chrono_literals;

// Random days of a few users: what was ended once, in any way, never lets anybody in again.
class RevokedTest : public testing::Test {
 protected:
  struct Proof {
    std::string text;
    bool is_token;
    int user;
  };

  RevokedTest() {
    admin_ = desk_.make("root@example.com", Role::kAdmin);
    for (int i = 0; i < 3; ++i) {
      users_.push_back(desk_.make("user" + std::to_string(i) + "@example.com", Role::kEngineer));
    }
  }
  Caller admin() {
    Caller caller;
    caller.by = Caller::By::kSession;
    caller.user_id = admin_.id;
    caller.role = Role::kAdmin;
    return caller;
  }
  bool holds(const Proof& proof) {
    return proof.is_token ? desk_.by_token(proof.text).by == Caller::By::kToken
                          : desk_.is_in(proof.text);
  }
  void end(const std::string& text) {
    live_.erase(text);
    ended_.insert(text);
  }
  void end_all_of(int user, bool tokens, const std::string& but = "") {
    for (const auto& [text, proof] : std::map(live_)) {
      if (proof.user == user && (tokens || !proof.is_token) && text != but) end(text);
    }
  }
  void add(const Proof& proof) {
    all_.push_back(proof);
    live_.emplace(proof.text, proof);
  }
  // One that is live, or null.
  const Proof* any_live(Random& random, bool is_token) {
    std::vector<const Proof*> fit;
    for (const auto& [text, proof] : live_) {
      if (proof.is_token == is_token) fit.push_back(&proof);
    }
    return fit.empty() ? nullptr : fit[random.below(fit.size())];
  }

  void act(Random& random) {
    const int user = static_cast<int>(random.below(users_.size()));
    const User& of = users_[static_cast<std::size_t>(user)];
    switch (random.below(9)) {
      case 0: {
        auto outcome = desk_.try_sign_in(of.email, passwords_[user]);
        if (auto* made = std::get_if<SignedIn>(&outcome)) add({made->session_id, false, user});
        break;
      }
      case 1: {
        const Proof* by = any_live(random, false);
        if (by == nullptr) break;
        auto made = desk_.tokens.make(desk_.by_session(by->text), "x", {"lake.read"}, 0);
        if (made) add({made->token, true, by->user});
        break;
      }
      case 2: {
        const Proof* one = any_live(random, false);
        if (one == nullptr) break;
        ASSERT_TRUE(desk_.sign_in.sign_out(desk_.by_session(one->text)));
        end(std::string(one->text));
        break;
      }
      case 3: {
        const Proof* token = any_live(random, true);
        if (token == nullptr) break;
        Caller caller;
        caller.user_id = users_[static_cast<std::size_t>(token->user)].id;
        ASSERT_TRUE(desk_.tokens.revoke(caller, token_id_of(digest_of(token->text))));
        end(std::string(token->text));
        break;
      }
      case 4:
        ASSERT_TRUE(desk_.accounts.edit(admin(), of.id, {.disabled = true}));
        end_all_of(user, true);
        break;
      case 5:
        ASSERT_TRUE(desk_.accounts.edit(admin(), of.id, {.disabled = false}));
        break;
      case 6: {
        const Role role =
            desk_.user(of.id).role == Role::kAnalyst ? Role::kEngineer : Role::kAnalyst;
        ASSERT_TRUE(desk_.accounts.edit(admin(), of.id, {.role = role}));
        end_all_of(user, false);
        break;
      }
      case 7: {
        if (desk_.user(of.id).disabled) break;
        desk_.clock.advance(20min);  // for the throttle; sessions in use stay
        for (const auto& [text, proof] : std::map(live_)) ASSERT_TRUE(holds(proof));
        auto asked = desk_.accounts.ask_for_reset(of.email, desk_.client);
        if (!asked || std::holds_alternative<Refusal>(*asked)) break;
        passwords_[user] = "window lantern " + std::to_string(++passwords_count_);
        ASSERT_TRUE(
            desk_.accounts.reset_password(desk_.mailed_code(), passwords_[user], desk_.client));
        end_all_of(user, true);
        break;
      }
      case 8: {
        const Proof* one = any_live(random, false);
        if (one == nullptr) break;
        ASSERT_TRUE(desk_.sign_in.end_other_sessions(desk_.by_session(one->text)));
        end_all_of(one->user, false, std::string(one->text));
        break;
      }
    }
  }

  Desk desk_{{.customer = {1'000h, 10'000h},
              .staff = {1'000h, 10'000h},
              .staff_needs_second_factor = false}};
  User admin_;
  std::vector<User> users_;
  std::map<int, std::string> passwords_{
      {0, Desk::kPassword}, {1, Desk::kPassword}, {2, Desk::kPassword}};
  int passwords_count_ = 0;
  std::vector<Proof> all_;
  std::map<std::string, Proof> live_;
  std::set<std::string> ended_;
};

TEST_F(RevokedTest, what_was_ended_never_lets_anybody_in_and_what_was_not_does) {
  SeededRandom random(20260109);
  for (int step = 0; step < 600; ++step) {
    SCOPED_TRACE(step);
    act(random);
    if (HasFatalFailure()) return;
    desk_.clock.advance(1s);
    for (const Proof& proof : all_) {
      ASSERT_EQ(holds(proof), live_.contains(proof.text)) << (proof.is_token ? "token" : "session");
      ASSERT_NE(live_.contains(proof.text), ended_.contains(proof.text));
    }
  }
  EXPECT_GT(ended_.size(), 50U) << "much was ended on the way";
}

}  // namespace
}  // namespace claimlake::govern
