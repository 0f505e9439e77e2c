#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "base/guarded.h"
#include "govern/accounts.h"
#include "govern/memory_identity_store.h"
#include "govern/sign_in.h"
#include "govern/tokens.h"

namespace claimlake::govern {

// Argon2id with as little work as there can be, which says how often it was asked.
class CheapHasher final : public PasswordHasher {
 public:
  explicit CheapHasher(Random& random) : argon2_({8 * 1024, 1, 8, 8}, random) {}
  Result<std::string> hash(std::string_view password) override {
    ++hashes_count;
    return argon2_.hash(password);
  }
  Result<bool> verify(std::string_view password, const std::string& kept) override {
    ++verifies_count;
    if (busy) return Error{Fault::kUnavailable, "Too many sign in at once"};
    return argon2_.verify(password, kept);
  }
  bool is_dated(const std::string& kept) const override { return argon2_.is_dated(kept); }

  std::atomic<int> hashes_count = 0;
  std::atomic<int> verifies_count = 0;
  std::atomic<bool> busy = false;

 private:
  Argon2Hasher argon2_;
};

// Keeps the mails that were sent.
class MailBox final : public Mailer {
 public:
  Done send(const Mail& mail) override {
    mails_.with([&](auto& mails) { mails.push_back(mail); });
    return done();
  }
  std::vector<Mail> mails() const {
    return mails_.with([](const auto& mails) { return mails; });
  }

 private:
  Guarded<std::vector<Mail>> mails_;
};

// All parts of the module over a store in memory, with a clock that moves when told.
class Desk {
 public:
  explicit Desk(GovernConfig config = {})
      : context{store, hasher, throttle, mail, clock, random, std::move(config)},
        sign_in(context),
        accounts(context),
        tokens(context) {}

  static constexpr const char* kPassword = "apple harbour stove";
  const Client client{"192.0.2.7", "a browser"};

  // A user who is there, with kPassword. Staff have no second factor yet.
  User make(const std::string& email, Role role) {
    const User user{.id = new_user_id(random),
                    .email = email,
                    .name = "Somebody",
                    .role = role,
                    .password_hash = *hasher.hash(kPassword),
                    .created_at = clock.now()};
    const Done added = store.write([&](IdentityRows& rows) { return rows.add(user); });
    EXPECT_TRUE(added);
    return user;
  }
  std::variant<SignedIn, Refusal> try_sign_in(const std::string& email,
                                              const std::string& password = kPassword,
                                              const std::string& code = "") {
    auto outcome = sign_in.sign_in({email, password, code, ""}, client);
    EXPECT_TRUE(outcome) << outcome.error().text();
    return outcome ? *std::move(outcome) : Refusal{Refusal::Why::kWrong};
  }
  SignedIn must_sign_in(const std::string& email, const std::string& code = "") {
    auto outcome = try_sign_in(email, kPassword, code);
    EXPECT_TRUE(std::holds_alternative<SignedIn>(outcome)) << email;
    return std::holds_alternative<SignedIn>(outcome) ? std::get<SignedIn>(outcome) : SignedIn{};
  }
  Refusal::Why why_not(const std::string& email, const std::string& password = kPassword,
                       const std::string& code = "") {
    const auto outcome = try_sign_in(email, password, code);
    EXPECT_TRUE(std::holds_alternative<Refusal>(outcome)) << email;
    return std::get<Refusal>(outcome).why;
  }
  Caller by_session(const std::string& session_id) {
    auto caller = sign_in.by_session(session_id, client.address);
    EXPECT_TRUE(caller);
    return *caller;
  }
  Caller by_token(const std::string& token) {
    auto caller = sign_in.by_token(token, client.address);
    EXPECT_TRUE(caller);
    return *caller;
  }
  bool is_in(const std::string& session_id) {
    return by_session(session_id).by == Caller::By::kSession;
  }
  User user(const std::string& id) {
    auto found =
        read<std::optional<User>>(store, [&](IdentityRows& rows) { return rows.user(id); });
    EXPECT_TRUE(found && *found);
    return **found;
  }
  std::vector<std::string> events() {
    std::vector<std::string> kinds;
    const auto events = accounts.events(10'000);
    for (const Event& event : *events) kinds.insert(kinds.begin(), event.what);
    return kinds;
  }
  // The code of the newest mail.
  std::string mailed_code() {
    mail.flush();
    const auto mails = box.mails();
    EXPECT_FALSE(mails.empty());
    if (mails.empty()) return "";
    const std::string& text = mails.back().text;
    return text.substr(text.find("#code=") + 6, 43);
  }

  SimClock clock{Timestamp(std::chrono::seconds(1'767'950'000))};
  SeededRandom random{11};
  MemoryIdentityStore store;
  CheapHasher hasher{random};
  Throttle throttle{clock, random};
  MailBox box;
  MailQueue mail{box};
  const GovernContext context;
  SignIn sign_in;
  Accounts accounts;
  Tokens tokens;
};

}  // namespace claimlake::govern
