#pragma once

#include "net/http_message.h"
#include "serve/answer.h"

namespace claimlake::serve {

// The calls of the contract by which people say something of refused rows
// (docs/formats/quarantine.md). Which row it is stands in the body: keys may be personal data, and
// addresses are kept in histories and logs. Thread-safe.
class QuarantineCalls {
 public:
  explicit QuarantineCalls(const ServeContext& context) : context_(context) {}  // outlives this

  net::Response waive(const net::Request& request) const;
  net::Response withdraw(const net::Request& request) const;
  net::Response recheck(const net::Request& request) const;
  net::Response replay(const net::Request& request) const;

 private:
  net::Response change(const net::Request& request, bool waives) const;

  const ServeContext& context_;
};

}  // namespace claimlake::serve
