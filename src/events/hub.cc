#include "events/hub.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "events/client_call.h"

namespace claimlake::events {
namespace {

using Json = nlohmann::json;

// All connections are ended within so many ticks when the server stops, at least so many at a time:
// so their clients do not all come back in the same moment.
constexpr std::size_t kStages = 20;
constexpr std::size_t kStageMin = 64;
constexpr std::size_t kReturnBytesMax = 200;  // more is nothing that was given out here

std::string parameter(const net::Request& request, std::string_view name) {
  for (const auto& [key, value] : request.query) {
    if (key == name) return value;
  }
  return "";
}

EngineRequest engine_request(const net::Request& request, Listener who) {
  return {request.method,
          parameter(request, "EIO"),
          parameter(request, "transport"),
          parameter(request, "sid"),
          request.peer,
          std::move(who)};
}

// The frames of an event for Socket.IO. The last argument is its place in the log: the official
// client sends it when it comes back.
std::vector<net::SocketFrame> io_frames(const Event& event, const EventLog& log) {
  SocketPacket packet;
  packet.json = fmt::format("[{},{},{}]", Json(event.name).dump(), event.data,
                            Json(log.name_of(event.number)).dump());
  return to_frames(packet);
}

std::string text_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// What a client that was here before sends to come back: "RANDOM.PLACE" of when it first came, and
// the place of the last event that it heard, if it heard one.
struct Return {
  std::string id;
  std::string place;
};
Return return_of(const std::string& auth) {
  const Json json = Json::parse(auth, nullptr, false);
  const auto text = [&json](const char* name) {
    return json.contains(name) && json[name].is_string() ? json[name].get<std::string>() : "";
  };
  Return back{text("pid"), text("offset")};
  if (back.id.size() > kReturnBytesMax) return {};
  if (back.place.empty())
    back.place = back.id.substr(std::min(back.id.find('.') + 1, back.id.size()));
  return back;
}

}  // namespace

Hub::Hub(const HubConfig& config, const Clock& clock, Random& random, Gate gate, EventLog& log)
    : clock_(clock),
      random_(random),
      gate_(std::move(gate)),
      log_(log),
      count_(config.limits),
      io_(config.io, clock, random, *this),
      engine_(config.engine, clock, random, count_, io_),
      frames_(count_, log, config.engine.queue_bytes_max) {
  io_.speak_through(engine_);
}

const Event& Hub::publish(std::string name, std::string data, Audience audience) {
  const Event& event = log_.add(std::move(name), std::move(data), std::move(audience));
  const auto frames = io_frames(event, log_);
  io_.send_to(
      "/", [&](const IoSocket& socket) { return may_hear(socket.who, event.audience); }, frames);
  frames_.send_to([&](const Listener& who) { return may_hear(who, event.audience); },
                  frame_of(event, log_.name_of(event.number)));
  return event;
}

bool Hub::takes(const net::Request& request) const {
  return request.path == "/ws" || request.path == "/socket.io" || request.path == "/socket.io/";
}

std::variant<net::Response, Listener> Hub::enter(const net::Request& request) const {
  if (!stopping_) return gate_(request);
  net::Response response;
  response.status = 503;
  response.headers.add("Retry-After", "2");
  response.headers.add("Content-Type", "text/plain");
  response.body = "The server stops. Come back in a moment.\n";
  return response;
}

void Hub::answer(net::Request request, Reply reply) {
  auto entered = enter(request);
  if (auto* refused = std::get_if<net::Response>(&entered)) return reply(std::move(*refused));
  if (request.path == "/ws") {
    net::Response response;
    response.status = 426;
    response.headers.add("Upgrade", "websocket");
    response.headers.add("Content-Type", "text/plain");
    response.body = "Here is a WebSocket: open it with ws:// and this address.\n";
    return reply(std::move(response));
  }
  engine_.request(engine_request(request, std::get<Listener>(entered)), request.body,
                  std::move(reply));
}

std::variant<net::Response, std::shared_ptr<net::SocketReader>> Hub::socket(
    const net::Request& request) {
  auto entered = enter(request);
  if (auto* refused = std::get_if<net::Response>(&entered)) return std::move(*refused);
  const Listener& who = std::get<Listener>(entered);
  if (request.path == "/ws") {
    return frames_.socket(request.peer, who, uuid4(random_), parameter(request, "last_event_id"));
  }
  return engine_.socket(engine_request(request, who));
}

void Hub::tick() {
  engine_.tick();
  io_.tick();
  if (!stopping_) return;
  const std::size_t frames = std::min(stage_, frames_.connections_count());
  frames_.end_some(frames);
  engine_.end_some(stage_ - frames);
}

bool Hub::anything_open() const { return count_.all() > 0; }

void Hub::stop() {
  stopping_ = true;
  stage_ = std::max(kStageMin, count_.all() / kStages + 1);
}

std::optional<std::string> Hub::refusal(const IoSocket&, const std::string&) {
  return std::nullopt;  // the gate has looked at who it is
}

std::string Hub::recovery_id(const IoSocket&, const std::string& auth) {
  Return back = return_of(auth);
  if (!back.id.empty() && log_.place_of(back.place)) return back.id;
  return fmt::format("{:016x}.{}", random_.next(), log_.name_of(log_.newest()));
}

void Hub::connected(const IoSocket& socket, const std::string& auth) {
  const Return back = return_of(auth);
  const auto place = back.id.empty() ? std::nullopt : log_.place_of(back.place);
  io_.emit(socket, "connected",
           text_of(Json::array({welcome_data(socket.id, log_, place.has_value())})));
  if (!place) return;
  for (const Event* event : log_.after(*place)) {
    if (may_hear(socket.who, event->audience)) io_.send(socket, io_frames(*event, log_));
  }
}

void Hub::event(const IoSocket& socket, IoEvent event) {
  const std::string& name = event.event.name;
  if (name == "ping") {
    if (event.ack) return io_.acknowledge(socket, *event.ack, R"(["pong"])");
    return io_.emit(socket, "pong", "[]");
  }
  if (name == "subscribe_claims") {
    const Json arguments = Json::parse(event.event.arguments, nullptr, false);
    const Json asked = arguments.is_array() && !arguments.empty() ? arguments[0] : Json();
    const Subscription answer = subscribe(socket.who, asked);
    const std::string told = text_of(Json::array({answer.data}));
    if (event.ack) return io_.acknowledge(socket, *event.ack, told);
    return io_.emit(socket, answer.granted ? "subscribed" : "error", told);
  }
  if (event.ack) {
    return io_.acknowledge(socket, *event.ack, std::move(event.event.arguments),
                           std::move(event.attachments));
  }
  io_.emit(socket, "echo", event.event.arguments, std::move(event.attachments));
}

}  // namespace claimlake::events
