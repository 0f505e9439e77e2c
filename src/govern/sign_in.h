#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "govern/govern.h"

namespace claimlake::govern {

// Coming in, being known, and going out: docs/formats/sign_in.md. Thread-safe.
class SignIn {
 public:
  explicit SignIn(const GovernContext& context);  // what it names outlives this

  // A new customer, who is signed in at once. Errors: kInvalidInput (address, name, password),
  // kConflict (the address is taken), kUnavailable (too many at once).
  Outcome<SignedIn> register_customer(const std::string& email, const std::string& password,
                                      const std::string& name, const Client& client);

  struct Shown {
    std::string email;
    std::string password;
    std::string code = {};            // of the second factor; may be empty
    std::string session_digest = {};  // of the session that the browser had; it ends
  };
  // Errors: kUnavailable (too many at once, the store).
  Outcome<SignedIn> sign_in(const Shown& shown, const Client& client);

  Done sign_out(const Caller& caller);

  // Who sends a request that shows this session id, or this token; by is kNobody where it does not
  // hold. Errors: those of the store.
  Result<Caller> by_session(std::string_view session_id, const std::string& address);
  Result<Caller> by_token(std::string_view token, const std::string& address);

  // Those of the caller, the newest first.
  Result<std::vector<Session>> sessions(const Caller& caller);
  // One of the caller's. Errors: kNotFound.
  Done end_session(const Caller& caller, std::string_view session_id);
  // All of the caller's but the one of this request.
  Done end_other_sessions(const Caller& caller);

  const GovernContext& context() const { return context_; }

 private:
  Result<bool> is_right(const std::string& password, const std::optional<User>& user);
  Outcome<SignedIn> settle(const Shown& shown, const Client& client, const std::string& email,
                           const User* verified, const std::string& new_hash);
  Caller caller_of(const User& user, Caller::By by, const std::string& address) const;

  const GovernContext context_;
  const std::string dummy_hash_;  // looked at where there is no account, so that the work is equal
};

}  // namespace claimlake::govern
