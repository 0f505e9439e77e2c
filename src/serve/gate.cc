#include "serve/gate.h"

#include <fmt/format.h>

#include "base/log.h"
#include "base/text.h"
#include "govern/secret.h"
#include "serve/json_body.h"
#include "serve/problem.h"

namespace claimlake::serve {
namespace {

using govern::Caller;
using govern::Verdict;

constexpr std::string_view kBearer = "bearer ";

// The value of the cookie `name`; "" where there is none, or where there are two: one of them was
// put there by somebody else.
std::string cookie_in(std::string_view header, const std::string& name) {
  std::string value;
  int found = 0;
  for (const std::string& part : split(header, ';')) {
    const auto first = part.find_first_not_of(' ');
    if (first == std::string::npos || part.compare(first, name.size() + 1, name + '=') != 0) {
      continue;
    }
    value = part.substr(first + name.size() + 1);
    ++found;
  }
  return found == 1 ? value : std::string();
}

Problem problem_of(Verdict verdict, const Caller& caller) {
  switch (verdict) {
    case Verdict::kSignIn:
      return {401, "sign_in_required", "Nobody is signed in, or the session has ended.",
              "Sign in, or send a token: Authorization: Bearer clk_…"};
    case Verdict::kSecondFactor:
      return {403, "second_factor_needed",
              "Your role needs a second factor, and you have none yet.",
              "Set one up with POST /api/auth/totp/enrol."};
    default:
      return {403, "forbidden",
              caller.by == Caller::By::kToken
                  ? "The scopes of the token, or the role of its user, do not allow this call."
                  : fmt::format("The role {} does not allow this call.", name_of(caller.role)),
              "Ask an admin who may do it."};
  }
}

}  // namespace

std::string Gate::cookie_name() const {
  // Browsers refuse the prefix over plain HTTP, also on loopback.
  return is_tls_ ? "__Host-claimlake" : "claimlake_session";
}

std::string Gate::cookie(std::string_view session_id) const {
  return fmt::format("{}={}; Path=/; HttpOnly; SameSite=Lax{}{}", cookie_name(), session_id,
                     is_tls_ ? "; Secure" : "", session_id.empty() ? "; Max-Age=0" : "");
}

Result<Caller> Gate::caller_of(const net::Request& request) const {
  const std::string_view shown = request.headers.get("Authorization");
  if (!shown.empty()) {
    // Who shows a token is that token or nobody: a cookie beside it is not looked at.
    const bool is_bearer = to_lower(shown.substr(0, kBearer.size())) == kBearer;
    return sign_in_->by_token(is_bearer ? shown.substr(kBearer.size()) : "", request.peer);
  }
  return sign_in_->by_session(cookie_in(request.headers.get("Cookie"), cookie_name()),
                              request.peer);
}

std::variant<Caller, net::Response> Gate::admit(const net::Request& request,
                                                const Operation& operation) const {
  if (sign_in_ == nullptr) {
    Caller anybody;
    anybody.by = Caller::By::kOpenDoor;
    anybody.address = request.peer;
    return anybody;
  }
  auto caller = caller_of(request);
  if (!caller) return to_response(to_problem(caller.error()), request.path);
  const auto rule = govern::route_rule(operation.permission);
  const Verdict verdict = judge(*caller, rule.value_or(govern::RouteRule{}));
  if (verdict != Verdict::kAllowed) {
    net::Response refused = to_response(problem_of(verdict, *caller), request.path);
    if (refused.status == 401) refused.headers.add("WWW-Authenticate", "Bearer");
    return refused;
  }
  if (caller->by == Caller::By::kSession && operation.method != "GET") {
    if (const auto problem = refused_change(request)) return to_response(*problem, request.path);
    if (!govern::same_secret(request.headers.get("X-CSRF-Token"), caller->csrf_token)) {
      return to_response({403, "csrf", "The request does not show the token of this session.",
                          "Send the header X-CSRF-Token with the csrf_token of the sign-in."},
                         request.path);
    }
  }
  return *std::move(caller);
}

}  // namespace claimlake::serve
