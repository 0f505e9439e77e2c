#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "govern/role.h"

namespace claimlake::govern {

// Who sent a request, as it was found once, before anything else looked at it.
struct Caller {
  enum class By {
    kNobody,    // showed nothing, or nothing that holds
    kSession,   // a person at a browser
    kToken,     // a program
    kOpenDoor,  // sign-in is off: whoever is at this machine
  };
  By by = By::kNobody;
  std::string user_id = {};
  std::string email = {};
  std::string name = {};
  Role role = Role::kCustomer;
  std::string customer_id = {};  // whose rows a customer sees; "" where there is none
  Permissions permissions = {};
  bool needs_second_factor = false;  // until it is set up, the role gives `account` alone
  bool has_second_factor = false;
  std::string session_digest = {};
  Timestamp authenticated_at = {};  // when the user last proved who they are
  std::string csrf_token = {};      // that a change must show; of a session
  std::string address = {};         // the network address the request came from
};

// What the contract says of a call: for whom it is.
struct RouteRule {
  enum class For { kNobody, kPublic, kSignedIn, kPermission };
  For whom = For::kNobody;
  Permission permission = Permission::kAccount;
};
// Of "public", "signed_in" or the name of a permission; absent for anything else.
std::optional<RouteRule> route_rule(std::string_view text);

enum class Verdict { kAllowed, kSignIn, kSecondFactor, kForbidden };
// Deny by default: only what is written down is allowed.
Verdict judge(const Caller& caller, const RouteRule& rule);

}  // namespace claimlake::govern
