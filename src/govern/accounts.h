#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "govern/govern.h"

namespace claimlake::govern {

// What becomes of users after they came in: passwords, second factor, invitations, rights
// (docs/formats/sign_in.md). Thread-safe.
class Accounts {
 public:
  explicit Accounts(const GovernContext& context) : context_(context) {}

  // Sends a code by mail if there is a user of that address; the caller cannot tell.
  Outcome<std::monostate> ask_for_reset(const std::string& email, const Client& client);
  // Errors: kNotFound (the code is unknown, used or ended), kInvalidInput (the password).
  Done reset_password(const std::string& code, const std::string& password, const Client& client);
  // Gives a new session; all others end. Errors: kInvalidInput (the new one).
  Outcome<SignedIn> change_password(const Caller& caller, const std::string& old_password,
                                    const std::string& password, const Client& client);

  struct Enrolment {
    std::string secret;  // base32, to type
    std::string uri;     // otpauth, to show as a picture
  };
  // Errors: kConflict (there is a second factor already: an admin can remove it).
  Result<Enrolment> enrol(const Caller& caller);
  // Gives a new session, with the recovery codes; all others end. Errors: kConflict (enrol first).
  Outcome<SignedIn> confirm(const Caller& caller, const std::string& code, const Client& client);
  // Proves anew who the caller is. Errors: kConflict (there is no second factor).
  Outcome<SignedIn> verify(const Caller& caller, const std::string& code, const Client& client);

  // Invites by mail. Errors: kInvalidInput (address, a customer), kConflict (there is such a user).
  Done invite(const Caller& caller, const std::string& email, Role role);
  // The code of an invitation of the first admin, for whoever started the program to hand on;
  // absent where there is an admin. Earlier ones to that address end. Errors: kInvalidInput
  // (address).
  Result<std::optional<std::string>> invite_first_admin(const std::string& email);
  // Errors: kNotFound (the code), kInvalidInput (name, password), kConflict (address is taken).
  Result<SignedIn> accept(const std::string& code, const std::string& name,
                          const std::string& password, const Client& client);

  Result<std::vector<User>> users(std::string_view after, int limit);
  struct Edit {
    std::optional<Role> role = {};
    std::optional<bool> disabled = {};
    bool removes_second_factor = false;
    bool ends_sessions = false;
  };
  // Errors: kNotFound, kConflict (one's own, the last admin), kInvalidInput (customers stay
  // customers, staff staff).
  Result<User> edit(const Caller& caller, std::string_view user_id, const Edit& edit);

  Result<std::vector<Event>> events(int limit);

  // The three users of the demo, made where they are not there, with `password`. CHECKs is_demo.
  Done make_demo_users(const std::string& password);

 private:
  Done check_edit(IdentityRows& rows, const Caller& caller, const User& user, const Edit& edit);

  const GovernContext context_;
};

}  // namespace claimlake::govern
