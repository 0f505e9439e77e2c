#pragma once

#include <optional>
#include <string>
#include <variant>

#include "net/http_message.h"
#include "serve/problem.h"

namespace claimlake::serve {

// Who asks. Every call that reads or changes records gets one: what a caller may see is decided by
// it, and what is written names it.
struct Caller {
  std::string user_id;                     // stands in timelines and with idempotency keys
  std::optional<std::string> customer_id;  // of a customer: only what is theirs may be seen
  // Whether what belongs to this customer is for this caller.
  bool may_see(const std::string& customer) const {
    return !customer_id || *customer_id == customer;
  }
};

// The one place that says who sent a request. Without sign-in it is whoever reaches the loopback
// address, and may do all; the server listens nowhere else.
std::variant<Caller, Problem> caller_of(const net::Request& request);

}  // namespace claimlake::serve
