#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/result.h"
#include "events/audience.h"
#include "events/event_log.h"

namespace claimlake::events {

// What a client may ask for, the same by plain frames and by Socket.IO.
struct ClientCall {
  std::string action;    // "ping", "subscribe_claims", or what is only sent back
  nlohmann::json data;   // null if there is none
  nlohmann::json whole;  // all that came
};
// Reads a frame {"type" or "action": ..., "data": ...}. Errors: kInvalidInput, for people.
Result<ClientCall> read_call(std::string_view text);

// What a client is told when it comes: who it is, where the log stands, and whether it now hears
// all that it missed.
nlohmann::json welcome_data(const std::string& connection_id, const EventLog& log, bool recovered);

struct Subscription {
  bool granted = false;
  nlohmann::json data;  // of the answer
};
// Staff hear of all customers without asking, a customer of themselves; nobody else can be asked
// for.
Subscription subscribe(const Listener& who, const nlohmann::json& data);

}  // namespace claimlake::events
