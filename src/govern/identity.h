#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "govern/role.h"

namespace claimlake::govern {

// What is kept of who may come in. None of it holds a secret but Totp (docs/formats/sign_in.md).

struct Totp {
  std::string secret;          // base32
  bool confirmed = false;      // the user has shown a code of it
  std::int64_t last_step = 0;  // the last that was taken; none up to it is taken again
  bool operator==(const Totp&) const = default;
};

struct User {
  std::string id;
  std::string email;  // as as_email() writes it; one user each
  std::string name;
  Role role = Role::kCustomer;
  std::string customer_id = {};    // "" where there is none
  std::string password_hash = {};  // "" where none opens the account
  std::optional<Totp> totp = {};
  bool disabled = false;
  int failures_count = 0;  // wrong passwords and codes since the last right one
  Timestamp created_at = {};
  bool operator==(const User&) const = default;
};

struct Session {
  std::string digest;  // of its id
  std::string user_id;
  std::string client = {};    // what the browser said it is
  Timestamp created_at = {};  // when the user last proved who they are
  Timestamp seen_at = {};
  Timestamp expires_at = {};
  bool operator==(const Session&) const = default;
};

struct Token {
  std::string digest;
  std::string user_id;
  std::string name;
  Permissions scopes;
  Timestamp created_at = {};
  std::optional<Timestamp> used_at = {};
  Timestamp expires_at = {};
  bool operator==(const Token&) const = default;
};

enum class CodeKind { kInvitation, kPasswordReset, kRecovery };
std::string_view name_of(CodeKind kind);

// What works once. An invitation names an e-mail address and a role, the others a user.
struct Code {
  std::string digest;
  CodeKind kind = CodeKind::kRecovery;
  std::string user_id = {};
  std::string email = {};
  std::optional<Role> role = {};
  Timestamp created_at = {};
  Timestamp expires_at = {};
  bool operator==(const Code&) const = default;
};

// Something that was done, for the audit.
struct Event {
  Timestamp at;
  std::string what;     // "signed_in"
  std::string by;       // the id of the user who did it; "" where nobody knows
  std::string about;    // the id of the user it was done to; "" where there is none
  std::string address;  // the network address it came from
  std::string detail;   // a role, the name of a token; never a secret, nor an e-mail address
  bool operator==(const Event&) const = default;
};

// The public names of sessions and tokens: of their digests, which nobody can sign in with.
std::string session_id_of(std::string_view digest);
std::string token_id_of(std::string_view digest);

// "USR-" and 12 upper-case hexadecimal digits.
std::string new_user_id(Random& random);
// In lower case, without blanks around it. Errors: kInvalidInput (not an address, too long).
Result<std::string> as_email(std::string_view typed);
// Whether it is of @demo.example.
bool is_demo_email(std::string_view email);
// A name of a person or a token: 1 to `most` characters, no controls. Errors: kInvalidInput.
Result<std::string> as_name(std::string_view typed, std::size_t most = 100);
// The network that attempts are counted by: an IPv4 address, the first half of an IPv6 address.
std::string network_of(std::string_view address);

}  // namespace claimlake::govern
