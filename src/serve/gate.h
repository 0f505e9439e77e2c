#pragma once

#include <string>
#include <variant>

#include "govern/sign_in.h"
#include "net/http_message.h"
#include "serve/contract.h"

namespace claimlake::serve {

// The one place where it is found who sends a request, and whether they may make that call
// (docs/formats/sign_in.md). Thread-safe.
class Gate {
 public:
  // `sign_in` outlives this; null: sign-in is off, and whoever is at this machine may do all.
  // `is_tls`: browsers reach the server through TLS, so the cookie can be a `__Host-` one.
  Gate(govern::SignIn* sign_in, bool is_tls) : sign_in_(sign_in), is_tls_(is_tls) {}

  // Who sends `request`, or the answer that refuses it.
  std::variant<govern::Caller, net::Response> admit(const net::Request& request,
                                                    const Operation& operation) const;

  // The value of a Set-Cookie field: of a session, and of one that has ended.
  std::string cookie(std::string_view session_id) const;
  std::string no_cookie() const { return cookie(""); }

 private:
  std::string cookie_name() const;
  Result<govern::Caller> caller_of(const net::Request& request) const;

  govern::SignIn* const sign_in_;
  const bool is_tls_;
};

}  // namespace claimlake::serve
