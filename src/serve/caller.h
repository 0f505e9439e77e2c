#pragma once

#include <optional>
#include <string>

#include "govern/caller.h"

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

// As the gate found the sender of the request. With sign-in off it is whoever reaches the loopback
// address, and may see all. A user who is no customer of the book yet sees nothing.
Caller caller_of(const govern::Caller& found);

}  // namespace claimlake::serve
