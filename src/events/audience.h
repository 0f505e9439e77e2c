#pragma once

#include <string>

namespace claimlake::events {

// Who is at the other end of a connection, as found out when it was opened.
struct Listener {
  bool staff = false;
  std::string customer_id;  // of a customer
};

// Whom an event concerns.
struct Audience {
  std::string customer_id;  // beside all staff: the customer whose row it is about; "": nobody
};

// The one place that says who may hear an event. Staff hear all; a customer hears what is about
// their own rows.
inline bool may_hear(const Listener& listener, const Audience& audience) {
  if (listener.staff) return true;
  return !listener.customer_id.empty() && listener.customer_id == audience.customer_id;
}

}  // namespace claimlake::events
