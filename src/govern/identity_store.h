#pragma once

#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "govern/identity.h"

namespace claimlake::govern {

// The rows of one transaction. Valid while the function runs that got it. After an error the
// function must return it: what it wrote is taken back. Errors of all: kUnavailable, kTimeout.
class IdentityRows {
 public:
  virtual ~IdentityRows() = default;

  virtual Result<std::optional<User>> user(std::string_view id) = 0;
  virtual Result<std::optional<User>> user_of(std::string_view email) = 0;
  // In the order of ids, from behind `after`.
  virtual Result<std::vector<User>> users(std::string_view after, int limit) = 0;
  // How many are enabled and have that role.
  virtual Result<std::int64_t> count(Role role) = 0;
  virtual Done add(const User& user) = 0;     // kConflict: the id or the e-mail address is taken
  virtual Done change(const User& user) = 0;  // all but id and created_at. kNotFound

  virtual Result<std::optional<Session>> session(std::string_view digest) = 0;
  virtual Result<std::vector<Session>> sessions_of(std::string_view user_id) = 0;
  virtual Done add(const Session& session) = 0;
  // Does nothing where it has ended meanwhile.
  virtual Done seen(std::string_view digest, Timestamp at) = 0;
  virtual Done end_session(std::string_view digest) = 0;  // or there is none
  virtual Done end_sessions(std::string_view user_id) = 0;

  virtual Result<std::optional<Token>> token(std::string_view digest) = 0;
  virtual Result<std::vector<Token>> tokens_of(std::string_view user_id) = 0;
  virtual Done add(const Token& token) = 0;
  virtual Done used(std::string_view digest, Timestamp at) = 0;  // as seen()
  virtual Done revoke_token(std::string_view digest) = 0;        // or there is none
  virtual Done revoke_tokens(std::string_view user_id) = 0;

  virtual Result<std::optional<Code>> code(CodeKind kind, std::string_view digest) = 0;
  virtual Done add(const Code& code) = 0;
  virtual Done end_code(CodeKind kind, std::string_view digest) = 0;
  // Those of a user; of invitations, those to an e-mail address.
  virtual Done end_codes(CodeKind kind, std::string_view user_id_or_email) = 0;

  virtual Done add(const Event& event) = 0;
  // Newest first.
  virtual Result<std::vector<Event>> events(int limit) = 0;
};

// Where identities are kept. Thread-safe. Every implementation keeps to
// govern/identity_store_contract_for_test.h.
class IdentityStore {
 public:
  using Work = std::function<Done(IdentityRows&)>;
  virtual ~IdentityStore() = default;
  // Runs `work` alone among all writes. All that it wrote is durable when this returns success, and
  // nothing when it returns an error of `work`. It may run more than once, and must do nothing
  // else.
  virtual Done write(const Work& work) = 0;
  // Runs `work` over one state.
  virtual Done read(const Work& work) const = 0;
};

}  // namespace claimlake::govern
