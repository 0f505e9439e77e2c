#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "base/clock.h"
#include "base/random.h"
#include "govern/caller.h"
#include "govern/identity_store.h"
#include "govern/mail_queue.h"
#include "govern/password_hash.h"
#include "govern/password_policy.h"
#include "govern/throttle.h"

namespace claimlake::govern {

struct Lifetime {
  std::chrono::seconds idle;     // without a request
  std::chrono::seconds at_most;  // whatever happens
};

// The values are those of docs/formats/sign_in.md.
struct GovernConfig {
  Lifetime customer{std::chrono::hours(2), std::chrono::hours(24)};
  Lifetime staff{std::chrono::minutes(30), std::chrono::hours(12)};
  bool staff_needs_second_factor = true;
  bool is_demo = false;  // users of @demo.example exist
  PasswordPolicy passwords = {};
  std::string public_url = "http://127.0.0.1:8360";  // where people reach the page; stands in mails

  Rate per_account{10, std::chrono::seconds(60)};
  Rate per_network{30, std::chrono::seconds(10)};
  Rate registrations_per_network{5, std::chrono::minutes(10)};
  Rate resets_per_account{3, std::chrono::minutes(10)};
  int failures_max = 100;  // in a row; NIST SP 800-63B-4, 3.2.2

  std::chrono::seconds reset_lasts{std::chrono::minutes(30)};
  std::chrono::seconds invitation_lasts{std::chrono::hours(72)};
  int token_days = 90;
  int token_days_max = 365;
  int tokens_max = 50;  // of one user
};

// What the parts of this module work with. All outlive them.
struct GovernContext {
  IdentityStore& store;
  PasswordHasher& hasher;
  Throttle& throttle;
  MailQueue& mail;
  const Clock& clock;
  Random& random;
  GovernConfig config;
};

// Why somebody was not let through, where that is no fault of the request.
struct Refusal {
  enum class Why {
    kWrong,                 // e-mail address and password do not belong together
    kSecondFactorRequired,  // the password was right; a code is missing
    kWrongCode,             // the password was right, the code was not
    kThrottled,             // too many attempts: after `wait`
  };
  Why why;
  std::chrono::seconds wait{0};
};
template <class T>
using Outcome = Result<std::variant<T, Refusal>>;

// A session just made. The id goes into the cookie and is kept nowhere.
struct SignedIn {
  std::string session_id;
  User user;
  Timestamp expires_at;
  std::string recovery_codes = {};  // one a line, where the second factor was set up; shown once
};

// Where a request came from.
struct Client {
  std::string address;  // of the network
  std::string agent;    // what the browser says it is; kept with the session, 200 bytes at most
};

// What sign_in.cc and accounts.cc share.

const Lifetime& lifetime_of(const User& user, const GovernConfig& config);
// Whether `user` may sign in at all.
bool is_open(const User& user, const GovernConfig& config);
bool needs_second_factor(const User& user, const GovernConfig& config);
// Makes a session in `rows`, which ends the one of `old_digest` if there is one. Where that one was
// of the same user and `keeps_end`, the new one ends when it would have.
Result<SignedIn> make_session(const GovernContext& context, IdentityRows& rows, const User& user,
                              const Client& client, const std::string& old_digest,
                              bool keeps_end = false);
// Takes `typed` as code of the second factor of `user`, which it changes: a TOTP code or a recovery
// code. False if it is neither.
Result<bool> take_second_factor(const GovernContext& context, IdentityRows& rows, User& user,
                                const std::string& typed, const std::string& address);
// Counts an attempt by account and network; the wait if there were too many. Half counted is none.
std::optional<Refusal> attempt(const GovernContext& context, const std::string& account,
                               const std::string& address);
void forgive(const GovernContext& context, const std::string& account, const std::string& address);
Refusal throttled(std::chrono::microseconds wait);

// The work with its value: for IdentityStore::write and read.
template <class T, class Use>
Result<T> written(IdentityStore& store, Use use) {
  std::optional<T> value;
  TRY_DONE(store.write([&](IdentityRows& rows) -> Done {
    TRY(value, use(rows));
    return done();
  }));
  return *std::move(value);
}
template <class T, class Use>
Result<T> read(const IdentityStore& store, Use use) {
  std::optional<T> value;
  TRY_DONE(store.read([&](IdentityRows& rows) -> Done {
    TRY(value, use(rows));
    return done();
  }));
  return *std::move(value);
}

}  // namespace claimlake::govern
