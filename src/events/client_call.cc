#include "events/client_call.h"

namespace claimlake::events {
namespace {

using Json = nlohmann::json;

constexpr int kDepthMax = 64;
constexpr std::size_t kIdBytesMax = 200;

std::string text_at(const Json& object, const char* name) {
  const auto member = object.find(name);
  return member != object.end() && member->is_string() ? member->get<std::string>() : "";
}

}  // namespace

Result<ClientCall> read_call(std::string_view text) {
  bool too_deep = false;
  const auto watch = [&too_deep](int depth, Json::parse_event_t, Json&) {
    too_deep = too_deep || depth > kDepthMax;
    return !too_deep;
  };
  ClientCall call;
  call.whole = Json::parse(text, watch, false);
  if (too_deep || !call.whole.is_object()) {
    return Error{Fault::kInvalidInput, R"(A frame is a JSON object such as {"type":"ping"}.)"};
  }
  call.action = text_at(call.whole, "type");
  if (call.action.empty()) call.action = text_at(call.whole, "action");
  if (call.action.empty()) {
    return Error{Fault::kInvalidInput, "The frame has no \"type\"; send one such as \"ping\"."};
  }
  call.data = call.whole.contains("data") ? call.whole["data"] : call.whole;
  return call;
}

Json welcome_data(const std::string& connection_id, const EventLog& log, bool recovered) {
  return {{"message", "Connected to Claimlake"},
          {"connection_id", connection_id},
          {"recovered", recovered},
          {"last_event_id", log.name_of(log.newest())}};
}

Subscription subscribe(const Listener& who, const Json& data) {
  const std::string customer = data.is_object() ? text_at(data, "customer_id") : "";
  if (customer.empty() || customer.size() > kIdBytesMax) {
    return {false, {{"message", "Say of whom: data.customer_id is missing."}}};
  }
  if (!may_hear(who, {customer})) {
    return {false, {{"message", "The claims of another customer are not for you."}}};
  }
  return {true, {{"customer_id", customer}}};
}

}  // namespace claimlake::events
