#include "govern/accounts.h"

#include <gmock/gmock.h>

#include <thread>

#include "base/text.h"
#include "govern/govern_for_test.h"
#include "govern/secret.h"
#include "govern/totp.h"

namespace claimlake::govern {
namespace {

using namespace std::chrono_literals;
using Why = Refusal::Why;
constexpr const char* kNew = "copper window lantern";

// The code of an app of a phone that was given `secret`, now.
std::string app_code(const Desk& desk, const std::string& secret) {
  return totp_code(*from_base32(secret), totp_step(desk.clock.now()));
}

struct Enrolled {
  std::string secret;
  SignedIn confirmed;
};

Enrolled enrol(Desk& desk, const std::string& email) {
  const Caller caller = desk.by_session(desk.must_sign_in(email).session_id);
  Enrolled enrolled;
  enrolled.secret = desk.accounts.enrol(caller)->secret;
  auto outcome = desk.accounts.confirm(caller, app_code(desk, enrolled.secret), desk.client);
  EXPECT_TRUE(outcome && std::holds_alternative<SignedIn>(*outcome));
  enrolled.confirmed = std::get<SignedIn>(*std::move(outcome));
  return enrolled;
}

TEST(PasswordReset, opens_the_account_by_the_code_of_the_mail_and_ends_all_that_was) {
  Desk desk;
  desk.make("ada@example.com", Role::kCustomer);
  const SignedIn before = desk.must_sign_in("ada@example.com");
  const auto token =
      desk.tokens.make(desk.by_session(before.session_id), "x", {"records.read"}, 0)->token;

  ASSERT_TRUE(desk.accounts.ask_for_reset("Ada@example.com ", desk.client));
  const Done set = desk.accounts.reset_password(desk.mailed_code(), kNew, desk.client);

  ASSERT_TRUE(set) << set.error().text();
  EXPECT_FALSE(desk.is_in(before.session_id));
  EXPECT_EQ(desk.by_token(token).by, Caller::By::kNobody);
  EXPECT_EQ(desk.why_not("ada@example.com"), Why::kWrong);
  EXPECT_TRUE(std::holds_alternative<SignedIn>(desk.try_sign_in("ada@example.com", kNew)));
}

TEST(PasswordReset, answers_alike_for_unknown_addresses_and_mails_nobody) {
  Desk desk;
  const auto outcome = desk.accounts.ask_for_reset("nobody@example.com", desk.client);

  ASSERT_TRUE(outcome);
  EXPECT_TRUE(std::holds_alternative<std::monostate>(*outcome));
  desk.mail.flush();
  EXPECT_TRUE(desk.box.mails().empty());
}

TEST(PasswordReset, works_once_and_within_its_time) {
  Desk desk;
  desk.make("ada@example.com", Role::kCustomer);
  ASSERT_TRUE(desk.accounts.ask_for_reset("ada@example.com", desk.client));
  const std::string first = desk.mailed_code();
  ASSERT_TRUE(desk.accounts.reset_password(first, kNew, desk.client));
  EXPECT_EQ(desk.accounts.reset_password(first, kNew, desk.client).error().fault, Fault::kNotFound);

  ASSERT_TRUE(desk.accounts.ask_for_reset("ada@example.com", desk.client));
  const std::string second = desk.mailed_code();
  desk.clock.advance(30min);
  EXPECT_FALSE(desk.accounts.reset_password(second, kNew, desk.client));
  EXPECT_FALSE(desk.accounts.reset_password("", kNew, desk.client));
  EXPECT_FALSE(desk.accounts.reset_password(digest_of(second), kNew, desk.client));
}

TEST(PasswordReset, a_new_mail_ends_the_code_of_the_one_before) {
  Desk desk;
  desk.make("ada@example.com", Role::kCustomer);
  ASSERT_TRUE(desk.accounts.ask_for_reset("ada@example.com", desk.client));
  const std::string first = desk.mailed_code();
  ASSERT_TRUE(desk.accounts.ask_for_reset("ada@example.com", desk.client));
  EXPECT_FALSE(desk.accounts.reset_password(first, kNew, desk.client));
  EXPECT_TRUE(desk.accounts.reset_password(desk.mailed_code(), kNew, desk.client));
}

TEST(PasswordReset, a_password_that_is_refused_does_not_use_the_code_up) {
  Desk desk;
  desk.make("ada@example.com", Role::kCustomer);
  ASSERT_TRUE(desk.accounts.ask_for_reset("ada@example.com", desk.client));
  const std::string code = desk.mailed_code();
  EXPECT_EQ(desk.accounts.reset_password(code, "short", desk.client).error().fault,
            Fault::kInvalidInput);
  EXPECT_TRUE(desk.accounts.reset_password(code, kNew, desk.client));
}

TEST(PasswordReset, of_two_who_use_one_code_at_once_one_wins) {
  for (int round = 0; round < 20; ++round) {
    Desk desk;
    desk.make("ada@example.com", Role::kCustomer);
    ASSERT_TRUE(desk.accounts.ask_for_reset("ada@example.com", desk.client));
    const std::string code = desk.mailed_code();
    std::atomic<int> won = 0;
    const auto race = [&](const char* password) {
      won += desk.accounts.reset_password(code, password, desk.client) ? 1 : 0;
    };

    std::thread one(race, "one harbour stove");
    std::thread other(race, "other harbour stove");
    one.join();
    other.join();

    EXPECT_EQ(won, 1);
    const bool first =
        std::holds_alternative<SignedIn>(desk.try_sign_in("ada@example.com", "one harbour stove"));
    const bool second = std::holds_alternative<SignedIn>(
        desk.try_sign_in("ada@example.com", "other harbour stove"));
    EXPECT_NE(first, second);
  }
}

TEST(PasswordReset, sends_few_mails_to_one_address) {
  Desk desk;
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(std::holds_alternative<std::monostate>(
        *desk.accounts.ask_for_reset("ada@example.com", desk.client)));
  }
  const auto held = desk.accounts.ask_for_reset("ada@example.com", desk.client);
  EXPECT_EQ(std::get<Refusal>(*held).why, Why::kThrottled);
}

TEST(PasswordChange, takes_the_old_one_gives_a_new_session_and_ends_all_others) {
  Desk desk;
  desk.make("ada@example.com", Role::kCustomer);
  const std::string here = desk.must_sign_in("ada@example.com").session_id;
  const std::string there = desk.must_sign_in("ada@example.com").session_id;
  const Caller caller = desk.by_session(here);

  const auto wrong = desk.accounts.change_password(caller, "wrong", kNew, desk.client);
  EXPECT_EQ(std::get<Refusal>(*wrong).why, Why::kWrong);
  const auto changed = desk.accounts.change_password(caller, Desk::kPassword, kNew, desk.client);

  ASSERT_TRUE(changed) << changed.error().text();
  EXPECT_TRUE(desk.is_in(std::get<SignedIn>(*changed).session_id));
  EXPECT_FALSE(desk.is_in(here));
  EXPECT_FALSE(desk.is_in(there));
}

TEST(SecondFactor, staff_may_do_nothing_but_set_it_up_until_they_have_it) {
  Desk desk;
  desk.make("eve@example.com", Role::kEngineer);
  const SignedIn before = desk.must_sign_in("eve@example.com");
  EXPECT_TRUE(desk.by_session(before.session_id).needs_second_factor);
  EXPECT_EQ(desk.by_session(before.session_id).permissions, Permissions{Permission::kAccount});

  const Enrolled enrolled = enrol(desk, "eve@example.com");

  const Caller caller = desk.by_session(enrolled.confirmed.session_id);
  EXPECT_FALSE(caller.needs_second_factor);
  EXPECT_EQ(caller.permissions, permissions_of(Role::kEngineer));
  EXPECT_FALSE(desk.is_in(before.session_id)) << "who came in with the password alone is out";
}

TEST(SecondFactor, is_asked_for_when_the_password_was_right_and_only_then) {
  Desk desk;
  desk.make("eve@example.com", Role::kEngineer);
  const Enrolled enrolled = enrol(desk, "eve@example.com");
  desk.clock.advance(1min);

  EXPECT_EQ(desk.why_not("eve@example.com", "wrong"), Why::kWrong);
  EXPECT_EQ(desk.why_not("eve@example.com"), Why::kSecondFactorRequired);
  EXPECT_EQ(desk.why_not("eve@example.com", Desk::kPassword, "000000"), Why::kWrongCode);
  desk.must_sign_in("eve@example.com", app_code(desk, enrolled.secret));
}

TEST(SecondFactor, a_code_that_was_taken_is_not_taken_again) {
  Desk desk;
  desk.make("eve@example.com", Role::kEngineer);
  const Enrolled enrolled = enrol(desk, "eve@example.com");
  EXPECT_EQ(desk.why_not("eve@example.com", Desk::kPassword, app_code(desk, enrolled.secret)),
            Why::kWrongCode)
      << "it confirmed the second factor";
  desk.clock.advance(1min);
  const std::string code = app_code(desk, enrolled.secret);
  desk.must_sign_in("eve@example.com", code);
  EXPECT_EQ(desk.why_not("eve@example.com", Desk::kPassword, code), Why::kWrongCode);
}

TEST(SecondFactor, each_recovery_code_works_once) {
  Desk desk;
  desk.make("eve@example.com", Role::kEngineer);
  const Enrolled enrolled = enrol(desk, "eve@example.com");
  const auto codes = split(enrolled.confirmed.recovery_codes, '\n');
  ASSERT_EQ(codes.size(), 10U);

  for (const std::string& code : codes) {
    desk.must_sign_in("eve@example.com", code);
    EXPECT_EQ(desk.why_not("eve@example.com", Desk::kPassword, code), Why::kWrongCode);
    desk.clock.advance(2min);
  }
  EXPECT_THAT(desk.events(), testing::Contains("recovery_code_used").Times(10));
}

TEST(SecondFactor, a_recovery_code_is_of_one_user) {
  Desk desk;
  desk.make("eve@example.com", Role::kEngineer);
  desk.make("mallory@example.com", Role::kEngineer);
  const Enrolled eve = enrol(desk, "eve@example.com");
  enrol(desk, "mallory@example.com");
  EXPECT_EQ(desk.why_not("mallory@example.com", Desk::kPassword,
                         eve.confirmed.recovery_codes.substr(0, 19)),
            Why::kWrongCode);
}

TEST(SecondFactor, once_confirmed_cannot_be_replaced_by_who_has_the_session) {
  Desk desk;
  desk.make("eve@example.com", Role::kEngineer);
  const Enrolled enrolled = enrol(desk, "eve@example.com");
  const Caller caller = desk.by_session(enrolled.confirmed.session_id);

  EXPECT_EQ(desk.accounts.enrol(caller).error().fault, Fault::kConflict);
  EXPECT_EQ(desk.accounts.confirm(caller, "123456", desk.client).error().fault, Fault::kConflict);
}

TEST(SecondFactor, shown_again_makes_a_fresh_session_that_ends_no_later) {
  Desk desk;
  desk.make("eve@example.com", Role::kEngineer);
  const Enrolled enrolled = enrol(desk, "eve@example.com");
  const SignedIn& first = enrolled.confirmed;
  desk.clock.advance(20min);

  const auto outcome = desk.accounts.verify(desk.by_session(first.session_id),
                                            app_code(desk, enrolled.secret), desk.client);

  ASSERT_TRUE(outcome);
  const auto& second = std::get<SignedIn>(*outcome);
  EXPECT_FALSE(desk.is_in(first.session_id));
  EXPECT_EQ(desk.by_session(second.session_id).authenticated_at, desk.clock.now());
  EXPECT_EQ(second.expires_at, first.expires_at);
}

TEST(SecondFactor, wrong_codes_are_held_back_like_wrong_passwords) {
  Desk desk;
  desk.make("eve@example.com", Role::kEngineer);
  const Enrolled enrolled = enrol(desk, "eve@example.com");
  const Caller caller = desk.by_session(enrolled.confirmed.session_id);
  for (int i = 0; i < 10; ++i) {
    const auto wrong = desk.accounts.verify(caller, "000000", desk.client);
    ASSERT_EQ(std::get<Refusal>(*wrong).why, Why::kWrongCode);
  }
  EXPECT_EQ(std::get<Refusal>(*desk.accounts.verify(caller, "000000", desk.client)).why,
            Why::kThrottled);
  EXPECT_EQ(desk.why_not("eve@example.com"), Why::kThrottled) << "one count for both";
}

class StaffTest : public testing::Test {
 protected:
  StaffTest() {
    admin_user_ = desk_.make("root@example.com", Role::kAdmin);
    admin_ = desk_.by_session(desk_.must_sign_in("root@example.com").session_id);
  }
  Fault fault_of(const std::string& id, const Accounts::Edit& edit) {
    const auto edited = desk_.accounts.edit(admin_, id, edit);
    EXPECT_FALSE(edited);
    return edited ? Fault::kCorrupt : edited.error().fault;
  }
  Desk desk_{{.staff_needs_second_factor = false}};
  User admin_user_;
  Caller admin_;
};

TEST_F(StaffTest, come_in_by_invitation_with_the_role_that_it_names) {
  ASSERT_TRUE(desk_.accounts.invite(admin_, "eve@example.com", Role::kAuditor));
  const std::string code = desk_.mailed_code();

  const auto accepted = desk_.accounts.accept(code, "Eve", Desk::kPassword, desk_.client);

  ASSERT_TRUE(accepted) << accepted.error().text();
  EXPECT_EQ(desk_.by_session(accepted->session_id).role, Role::kAuditor);
  const auto again = desk_.accounts.accept(code, "Eve", Desk::kPassword, desk_.client);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().fault, Fault::kNotFound);
}

TEST_F(StaffTest, invitations_end_and_are_replaced_by_newer_ones) {
  ASSERT_TRUE(desk_.accounts.invite(admin_, "eve@example.com", Role::kAuditor));
  const std::string first = desk_.mailed_code();
  ASSERT_TRUE(desk_.accounts.invite(admin_, "eve@example.com", Role::kAnalyst));
  const std::string second = desk_.mailed_code();
  EXPECT_FALSE(desk_.accounts.accept(first, "Eve", Desk::kPassword, desk_.client));
  desk_.clock.advance(72h);
  EXPECT_FALSE(desk_.accounts.accept(second, "Eve", Desk::kPassword, desk_.client));
}

TEST_F(StaffTest, customers_and_those_who_are_there_are_not_invited) {
  EXPECT_EQ(desk_.accounts.invite(admin_, "eve@example.com", Role::kCustomer).error().fault,
            Fault::kInvalidInput);
  EXPECT_EQ(desk_.accounts.invite(admin_, "root@example.com", Role::kAuditor).error().fault,
            Fault::kConflict);
}

TEST_F(StaffTest, the_first_admin_is_invited_where_there_is_none) {
  EXPECT_EQ(*desk_.accounts.invite_first_admin("new@example.com"), std::nullopt);

  Desk empty;
  const auto code = empty.accounts.invite_first_admin("new@example.com");
  ASSERT_TRUE(code && *code);
  const auto accepted = empty.accounts.accept(**code, "New", Desk::kPassword, empty.client);
  ASSERT_TRUE(accepted) << accepted.error().text();
  EXPECT_EQ(accepted->user.role, Role::kAdmin);
  EXPECT_EQ(accepted->user.email, "new@example.com");
}

TEST_F(StaffTest, a_change_of_role_ends_their_sessions_at_once) {
  const User eve = desk_.make("eve@example.com", Role::kEngineer);
  const std::string session = desk_.must_sign_in("eve@example.com").session_id;

  ASSERT_TRUE(desk_.accounts.edit(admin_, eve.id, {.role = Role::kAnalyst}));

  EXPECT_FALSE(desk_.is_in(session));
  const std::string next = desk_.must_sign_in("eve@example.com").session_id;
  EXPECT_EQ(desk_.by_session(next).permissions, permissions_of(Role::kAnalyst));
}

TEST_F(StaffTest, who_is_disabled_is_out_and_stays_out_until_enabled) {
  const User eve = desk_.make("eve@example.com", Role::kEngineer);
  const std::string session = desk_.must_sign_in("eve@example.com").session_id;
  const auto token = desk_.tokens.make(desk_.by_session(session), "x", {"lake.read"}, 0)->token;
  ASSERT_TRUE(desk_.accounts.ask_for_reset("eve@example.com", desk_.client));
  const std::string code = desk_.mailed_code();

  ASSERT_TRUE(desk_.accounts.edit(admin_, eve.id, {.disabled = true}));
  EXPECT_FALSE(desk_.is_in(session));
  EXPECT_EQ(desk_.by_token(token).by, Caller::By::kNobody);
  EXPECT_EQ(desk_.why_not("eve@example.com"), Why::kWrong);
  EXPECT_FALSE(desk_.accounts.reset_password(code, kNew, desk_.client));

  ASSERT_TRUE(desk_.accounts.edit(admin_, eve.id, {.disabled = false}));
  desk_.must_sign_in("eve@example.com");
  EXPECT_FALSE(desk_.is_in(session)) << "what ended stays so";
  EXPECT_EQ(desk_.by_token(token).by, Caller::By::kNobody);
}

TEST_F(StaffTest, nobody_changes_their_own_rights_and_an_admin_stays) {
  EXPECT_EQ(fault_of(admin_user_.id, {.role = Role::kAuditor}), Fault::kConflict);
  EXPECT_EQ(fault_of(admin_user_.id, {.disabled = true}), Fault::kConflict);
  EXPECT_EQ(fault_of(admin_user_.id, {.removes_second_factor = true}), Fault::kConflict);
  EXPECT_EQ(fault_of("USR-0", {.disabled = true}), Fault::kNotFound);

  const User other = desk_.make("second@example.com", Role::kAdmin);
  User gone = admin_user_;
  gone.disabled = true;
  ASSERT_TRUE(desk_.store.write([&](IdentityRows& rows) { return rows.change(gone); }));
  EXPECT_EQ(fault_of(other.id, {.role = Role::kAnalyst}), Fault::kConflict) << "the last admin";
}

TEST_F(StaffTest, customers_do_not_become_staff_nor_staff_customers) {
  const User ada = desk_.make("ada@example.com", Role::kCustomer);
  const User eve = desk_.make("eve@example.com", Role::kEngineer);
  EXPECT_EQ(fault_of(ada.id, {.role = Role::kAdjuster}), Fault::kInvalidInput);
  EXPECT_EQ(fault_of(eve.id, {.role = Role::kCustomer}), Fault::kInvalidInput);
}

TEST_F(StaffTest, every_change_of_rights_is_an_event_with_who_did_it) {
  const User eve = desk_.make("eve@example.com", Role::kEngineer);
  ASSERT_TRUE(desk_.accounts.edit(admin_, eve.id, {.role = Role::kAnalyst}));

  const auto events = desk_.accounts.events(2);

  ASSERT_EQ(events->size(), 2U);
  EXPECT_EQ((*events)[1].what, "role_changed");
  EXPECT_EQ((*events)[1].by, admin_user_.id);
  EXPECT_EQ((*events)[1].about, eve.id);
  EXPECT_EQ((*events)[1].detail, "engineer to analyst");
}

TEST(Mail, has_no_header_that_an_address_or_subject_could_add) {
  const std::string message =
      message_of({"a@example.com\r\nBcc: b@example.com", "x\r\nX: y", "one\ntwo"}, "me@example.com",
                 Timestamp(std::chrono::seconds(1'767'950'000)));

  EXPECT_EQ(message.find("\r\nBcc:"), std::string::npos);
  EXPECT_EQ(message.find("\r\nX:"), std::string::npos);
  EXPECT_NE(message.find("\r\nDate: Fri, 09 Jan 2026 09:13:20 +0000\r\n"), std::string::npos);
  EXPECT_TRUE(message.ends_with("\r\n\r\none\r\ntwo\r\n"));
}

}  // namespace
}  // namespace claimlake::govern
