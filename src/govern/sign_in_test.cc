#include "govern/sign_in.h"

#include <gmock/gmock.h>

#include "govern/govern_for_test.h"
#include "govern/secret.h"
#include "govern/totp.h"

namespace claimlake::govern {
namespace {

using namespace std::chrono_literals;
using Why = Refusal::Why;

TEST(SignIn, lets_a_new_customer_in_at_once) {
  Desk desk;

  const auto outcome =
      desk.sign_in.register_customer(" Ada@Example.com", Desk::kPassword, "Ada", desk.client);

  ASSERT_TRUE(outcome) << outcome.error().text();
  const auto& made = std::get<SignedIn>(*outcome);
  const Caller caller = desk.by_session(made.session_id);
  EXPECT_EQ(caller.by, Caller::By::kSession);
  EXPECT_EQ(caller.email, "ada@example.com");
  EXPECT_EQ(caller.role, Role::kCustomer);
  EXPECT_EQ(caller.permissions, permissions_of(Role::kCustomer));
  EXPECT_EQ(caller.csrf_token, csrf_token_of(made.session_id));
  desk.must_sign_in("ADA@example.com");
}

TEST(SignIn, an_address_is_registered_once) {
  Desk desk;
  desk.make("ada@example.com", Role::kCustomer);

  const auto again =
      desk.sign_in.register_customer("Ada@example.com", Desk::kPassword, "Eve", desk.client);

  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().fault, Fault::kConflict);
}

TEST(SignIn, tells_an_unknown_address_as_little_as_a_wrong_password) {
  Desk desk;
  desk.make("ada@example.com", Role::kCustomer);
  User disabled = desk.make("off@example.com", Role::kCustomer);
  disabled.disabled = true;
  ASSERT_TRUE(desk.store.write([&](IdentityRows& rows) { return rows.change(disabled); }));

  for (const char* email :
       {"nobody@example.com", "ada@example.com", "off@example.com", "no address"}) {
    const int before = desk.hasher.verifies_count;
    const auto events_before = desk.events().size();
    const bool right = std::string(email) == "off@example.com";
    EXPECT_EQ(desk.why_not(email, right ? Desk::kPassword : "wrong"), Why::kWrong) << email;
    EXPECT_EQ(desk.hasher.verifies_count - before, 1) << email << ": the same work";
    EXPECT_EQ(desk.events().size() - events_before, 1U) << email << ": one transaction";
  }
}

TEST(SignIn, a_dummy_takes_the_place_of_a_password_that_was_never_set) {
  Desk desk;
  User user = desk.make("ada@example.com", Role::kCustomer);
  user.password_hash.clear();
  ASSERT_TRUE(desk.store.write([&](IdentityRows& rows) { return rows.change(user); }));
  EXPECT_EQ(desk.why_not("ada@example.com", ""), Why::kWrong);
}

TEST(SignIn, gives_a_new_session_each_time_and_ends_the_one_that_was_there) {
  Desk desk;
  desk.make("ada@example.com", Role::kCustomer);
  const std::string planted = desk.must_sign_in("ada@example.com").session_id;

  const auto outcome = desk.sign_in.sign_in(
      {"ada@example.com", Desk::kPassword, "", digest_of(planted)}, desk.client);

  ASSERT_TRUE(outcome);
  const std::string fresh = std::get<SignedIn>(*outcome).session_id;
  EXPECT_NE(fresh, planted);
  EXPECT_FALSE(desk.is_in(planted));
  EXPECT_TRUE(desk.is_in(fresh));
}

TEST(SignIn, an_id_that_somebody_made_up_is_nobody_and_never_becomes_a_session) {
  Desk desk;
  desk.make("ada@example.com", Role::kCustomer);
  const std::string made_up(43, 'x');
  EXPECT_FALSE(desk.is_in(made_up));

  const auto outcome = desk.sign_in.sign_in(
      {"ada@example.com", Desk::kPassword, "", digest_of(made_up)}, desk.client);

  ASSERT_TRUE(outcome);
  EXPECT_FALSE(desk.is_in(made_up));
  EXPECT_FALSE(desk.is_in(""));
  EXPECT_FALSE(desk.is_in(digest_of(std::get<SignedIn>(*outcome).session_id)))
      << "what the store has opens nothing";
}

TEST(SignIn, a_session_ends_when_it_was_idle_too_long) {
  Desk desk;
  desk.make("ada@example.com", Role::kCustomer);
  const std::string id = desk.must_sign_in("ada@example.com").session_id;

  desk.clock.advance(2h - 1s);
  EXPECT_TRUE(desk.is_in(id));
  desk.clock.advance(2h - 1s);
  EXPECT_TRUE(desk.is_in(id)) << "it was used meanwhile";
  desk.clock.advance(2h);
  EXPECT_FALSE(desk.is_in(id));
}

TEST(SignIn, a_session_ends_whatever_happens_after_its_time) {
  Desk desk;
  desk.make("ada@example.com", Role::kCustomer);
  const std::string id = desk.must_sign_in("ada@example.com").session_id;

  for (int hours = 1; hours < 24; ++hours) {
    desk.clock.advance(1h);
    ASSERT_TRUE(desk.is_in(id)) << hours;
  }
  desk.clock.advance(1h);
  EXPECT_FALSE(desk.is_in(id));
}

TEST(SignIn, sessions_of_staff_are_shorter) {
  Desk desk;
  desk.make("eve@example.com", Role::kEngineer);
  const std::string id = desk.must_sign_in("eve@example.com").session_id;

  desk.clock.advance(30min - 1s);
  EXPECT_TRUE(desk.is_in(id));
  desk.clock.advance(30min);
  EXPECT_FALSE(desk.is_in(id));
}

TEST(SignIn, signing_out_ends_this_session_and_no_other) {
  Desk desk;
  desk.make("ada@example.com", Role::kCustomer);
  const std::string here = desk.must_sign_in("ada@example.com").session_id;
  const std::string there = desk.must_sign_in("ada@example.com").session_id;

  ASSERT_TRUE(desk.sign_in.sign_out(desk.by_session(here)));

  EXPECT_FALSE(desk.is_in(here));
  EXPECT_TRUE(desk.is_in(there));
}

TEST(SignIn, users_end_their_own_sessions_and_nobody_elses) {
  Desk desk;
  desk.make("ada@example.com", Role::kCustomer);
  desk.make("bob@example.com", Role::kCustomer);
  const std::string here = desk.must_sign_in("ada@example.com").session_id;
  const std::string there = desk.must_sign_in("ada@example.com").session_id;
  const std::string of_bob = desk.must_sign_in("bob@example.com").session_id;
  const Caller ada = desk.by_session(here);
  ASSERT_EQ(desk.sign_in.sessions(ada)->size(), 2U);

  const Done foreign = desk.sign_in.end_session(ada, session_id_of(digest_of(of_bob)));
  ASSERT_FALSE(foreign);
  EXPECT_EQ(foreign.error().fault, Fault::kNotFound);
  ASSERT_TRUE(desk.sign_in.end_session(ada, session_id_of(digest_of(there))));

  EXPECT_TRUE(desk.is_in(here));
  EXPECT_FALSE(desk.is_in(there));
  EXPECT_TRUE(desk.is_in(of_bob));
}

TEST(SignIn, holds_back_who_tries_one_account_too_often) {
  Desk desk;
  desk.make("ada@example.com", Role::kCustomer);
  for (int i = 0; i < 10; ++i) ASSERT_EQ(desk.why_not("ada@example.com", "wrong"), Why::kWrong);
  const int before = desk.hasher.verifies_count;

  const auto held = desk.try_sign_in("ada@example.com");

  EXPECT_EQ(std::get<Refusal>(held).why, Why::kThrottled) << "also with the right password";
  EXPECT_EQ(std::get<Refusal>(held).wait, 60s);
  EXPECT_EQ(desk.hasher.verifies_count, before) << "nothing is worked on";
  desk.clock.advance(60s);
  desk.must_sign_in("ada@example.com");
}

TEST(SignIn, holds_back_an_unknown_account_just_so) {
  Desk desk;
  for (int i = 0; i < 10; ++i) ASSERT_EQ(desk.why_not("nobody@example.com", "wrong"), Why::kWrong);
  EXPECT_EQ(desk.why_not("nobody@example.com", "wrong"), Why::kThrottled);
}

TEST(SignIn, holds_back_a_network_that_tries_many_accounts) {
  Desk desk;
  for (int i = 0; i < 30; ++i) {
    ASSERT_EQ(desk.why_not("user" + std::to_string(i) + "@example.com", "wrong"), Why::kWrong);
  }
  EXPECT_EQ(desk.why_not("another@example.com", "wrong"), Why::kThrottled);
}

TEST(SignIn, right_passwords_are_never_too_many) {
  Desk desk;
  desk.make("ada@example.com", Role::kCustomer);
  for (int i = 0; i < 100; ++i) desk.must_sign_in("ada@example.com");
}

TEST(SignIn, a_hundred_wrong_passwords_in_a_row_close_the_account) {
  Desk desk;
  const User ada = desk.make("ada@example.com", Role::kCustomer);
  for (int i = 0; i < 100; ++i) {
    desk.clock.advance(1min);
    ASSERT_EQ(desk.why_not("ada@example.com", "wrong"), Why::kWrong) << i;
  }
  desk.clock.advance(24h);
  EXPECT_EQ(desk.why_not("ada@example.com"), Why::kWrong);

  ASSERT_TRUE(desk.accounts.ask_for_reset("ada@example.com", desk.client));
  ASSERT_TRUE(desk.accounts.reset_password(desk.mailed_code(), Desk::kPassword, desk.client));
  desk.clock.advance(1min);
  desk.must_sign_in("ada@example.com");
  EXPECT_EQ(desk.user(ada.id).failures_count, 0);
}

TEST(SignIn, is_refused_for_a_moment_where_too_many_come_at_once) {
  Desk desk;
  desk.make("ada@example.com", Role::kCustomer);
  desk.hasher.busy = true;
  for (int i = 0; i < 50; ++i) {
    const auto outcome = desk.sign_in.sign_in({"ada@example.com", Desk::kPassword}, desk.client);
    ASSERT_FALSE(outcome);
    ASSERT_EQ(outcome.error().fault, Fault::kUnavailable);
  }
  desk.hasher.busy = false;
  desk.must_sign_in("ada@example.com");
}

TEST(SignIn, makes_a_dated_hash_anew) {
  Desk desk;
  User ada = desk.make("ada@example.com", Role::kCustomer);
  ada.password_hash = *Argon2Hasher({16 * 1024, 1, 1, 1}, desk.random).hash(Desk::kPassword);
  ASSERT_TRUE(desk.store.write([&](IdentityRows& rows) { return rows.change(ada); }));

  desk.must_sign_in("ada@example.com");

  EXPECT_FALSE(desk.hasher.is_dated(desk.user(ada.id).password_hash));
  desk.must_sign_in("ada@example.com");
}

TEST(SignIn, demo_users_are_nobody_outside_the_demo) {
  Desk demo({.is_demo = true});
  ASSERT_TRUE(demo.accounts.make_demo_users(Desk::kPassword));
  demo.must_sign_in("adjuster@demo.example");

  Desk real;
  real.make("adjuster@demo.example", Role::kAdjuster);
  EXPECT_EQ(real.why_not("adjuster@demo.example"), Why::kWrong);
  EXPECT_FALSE(
      real.sign_in.register_customer("me@demo.example", Desk::kPassword, "Me", real.client));
}

TEST(SignIn, every_coming_and_going_is_an_event_without_the_address_that_was_typed) {
  Desk desk;
  ASSERT_TRUE(
      desk.sign_in.register_customer("ada@example.com", Desk::kPassword, "Ada", desk.client));
  EXPECT_EQ(desk.why_not("ada@example.com", "wrong"), Why::kWrong);
  EXPECT_EQ(desk.why_not("nobody@example.com", "wrong"), Why::kWrong);
  const std::string id = desk.must_sign_in("ada@example.com").session_id;
  ASSERT_TRUE(desk.sign_in.sign_out(desk.by_session(id)));

  EXPECT_THAT(desk.events(), testing::ElementsAre("registered", "sign_in_failed", "sign_in_failed",
                                                  "signed_in", "signed_out"));
  const auto events = desk.accounts.events(100);
  for (const Event& event : *events) {
    for (const std::string& text : {event.by, event.about, event.address, event.detail}) {
      EXPECT_EQ(text.find('@'), std::string::npos) << text;
    }
  }
}

}  // namespace
}  // namespace claimlake::govern
