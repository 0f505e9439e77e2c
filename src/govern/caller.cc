#include "govern/caller.h"

namespace claimlake::govern {

std::optional<RouteRule> route_rule(std::string_view text) {
  if (text == "public") return RouteRule{RouteRule::For::kPublic};
  if (text == "signed_in") return RouteRule{RouteRule::For::kSignedIn};
  if (const auto permission = permission_of(text)) {
    return RouteRule{RouteRule::For::kPermission, *permission};
  }
  return std::nullopt;
}

Verdict judge(const Caller& caller, const RouteRule& rule) {
  if (rule.whom == RouteRule::For::kNobody) return Verdict::kForbidden;
  if (rule.whom == RouteRule::For::kPublic) return Verdict::kAllowed;
  if (caller.by == Caller::By::kOpenDoor) return Verdict::kAllowed;
  if (caller.by == Caller::By::kNobody) return Verdict::kSignIn;
  if (rule.whom == RouteRule::For::kSignedIn) return Verdict::kAllowed;
  if (caller.permissions.has(rule.permission)) return Verdict::kAllowed;
  const bool would_be_allowed = permissions_of(caller.role).has(rule.permission);
  return caller.needs_second_factor && would_be_allowed ? Verdict::kSecondFactor
                                                        : Verdict::kForbidden;
}

}  // namespace claimlake::govern
