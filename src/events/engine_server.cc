#include "events/engine_server.h"

#include <fmt/format.h>

#include <deque>
#include <vector>

namespace claimlake::events {
namespace {

using Type = EnginePacket::Type;

// While a client goes over to a WebSocket, how long a poll may wait before it is sent back empty.
constexpr std::chrono::milliseconds kPollWhileUpgrading{100};

net::Response text_response(std::string body) {
  net::Response response;
  response.headers.add("Content-Type", "text/plain; charset=UTF-8");
  response.headers.add("Cache-Control", "no-store");
  response.body = std::move(body);
  return response;
}

// The errors that the protocol names.
net::Response failure(int code, std::string_view message, int status = 400) {
  net::Response response;
  response.status = status;
  response.headers.add("Content-Type", "application/json");
  response.headers.add("Cache-Control", "no-store");
  response.body = fmt::format(R"({{"code":{},"message":"{}"}})", code, message);
  return response;
}
net::Response unknown_session() { return failure(1, "Session ID unknown"); }
net::Response bad_request() { return failure(3, "Bad request"); }

}  // namespace

struct EngineServer::Session {
  std::string id;
  std::shared_ptr<const void> place;  // in the count of connections
  Listener who;
  bool open = true;
  std::shared_ptr<net::SocketWire> wire;    // absent: by polling
  std::weak_ptr<Reader> probe;              // a WebSocket that it goes over to
  std::shared_ptr<net::SocketWire> probed;  // its wire, once the client has asked
  Time probe_until{};
  Reply poll;
  Time poll_until = Time::max();  // while upgrading
  std::deque<net::SocketFrame> queue;
  std::size_t queue_bytes = 0;
  bool pinged = false;  // waits for the answer
  Time due{};           // of the next ping, or of the answer
};

// One WebSocket: of a session, or a probe of one.
class EngineServer::Reader final : public net::SocketReader,
                                   public std::enable_shared_from_this<Reader> {
 public:
  Reader(std::shared_ptr<EngineServer*> server, SessionPtr session, bool probes)
      : server_(std::move(server)), session_(std::move(session)), probes_(probes) {}

  void opened(std::shared_ptr<net::SocketWire> wire) override;
  void frame(bool binary, std::string data) override {
    const auto keep = shared_from_this();
    if (*server_ != nullptr) (*server_)->take_frame(*this, binary, std::move(data));
  }
  void closed() override {
    const auto keep = shared_from_this();
    if (*server_ != nullptr) (*server_)->wire_closed(*this);
    wire_.reset();
  }

  // One that never came to be opened.
  ~Reader() override {
    if (!was_opened_ && *server_ != nullptr) (*server_)->wire_closed(*this);
  }

  const std::shared_ptr<EngineServer*> server_;
  const SessionPtr session_;
  bool probes_;
  bool was_opened_ = false;
  std::shared_ptr<net::SocketWire> wire_;
};

void EngineServer::Reader::opened(std::shared_ptr<net::SocketWire> wire) {
  const auto keep = shared_from_this();
  was_opened_ = true;
  wire_ = std::move(wire);
  if (*server_ == nullptr || !session_->open) return wire_->drop();
  EngineServer& server = **server_;
  if (probes_) {
    if (session_->probe.lock().get() != this) wire_->close(net::SocketClose::kPolicy, "");
    return;
  }
  session_->wire = wire_;
  wire_->send(text_frame(Type::kOpen, server.handshake(*session_, false)));
  server.listener_.opened(session_->id, session_->who);
}

EngineServer::EngineServer(const EngineConfig& config, const Clock& clock, Random& random,
                           ConnectionCount& count, EngineListener& listener)
    : config_(config), clock_(clock), random_(random), count_(count), listener_(listener) {}

EngineServer::~EngineServer() { *self_ = nullptr; }

std::optional<net::Response> EngineServer::refusal(const EngineRequest& request,
                                                   bool socket) const {
  const bool polling = request.transport == "polling";
  if (!polling && request.transport != "websocket") return failure(0, "Transport unknown");
  if (request.protocol != "4") return failure(5, "Unsupported protocol version");
  if (request.session.empty() && request.method != "GET") {
    return failure(2, "Bad handshake method");
  }
  if (polling == socket) return bad_request();
  return std::nullopt;
}

EngineServer::SessionPtr EngineServer::find(const std::string& id) const {
  const auto found = sessions_.find(id);
  return found == sessions_.end() ? nullptr : found->second;
}

std::variant<net::Response, EngineServer::SessionPtr> EngineServer::open(
    const EngineRequest& request) {
  auto session = std::make_shared<Session>();
  session->place = count_.take(request.address);
  if (session->place == nullptr) {
    net::Response response = failure(4, "Too many connections", 503);
    response.headers.add("Retry-After", "5");
    return response;
  }
  session->id = uuid4(random_);
  session->who = request.who;
  session->due = clock_.steady_now() + config_.ping_interval;
  sessions_.emplace(session->id, session);
  due_.emplace(session->due, session);
  return session;
}

std::string EngineServer::handshake(const Session& session, bool can_upgrade) const {
  return fmt::format(
      R"({{"sid":"{}","upgrades":[{}],"pingInterval":{},"pingTimeout":{},"maxPayload":{}}})",
      session.id, can_upgrade ? R"("websocket")" : "", config_.ping_interval.count(),
      config_.ping_timeout.count(), config_.payload_bytes_max);
}

void EngineServer::request(const EngineRequest& request, std::string_view body, Reply reply) {
  tick();
  if (const auto refused = refusal(request, false)) return reply(*refused);
  if (request.session.empty()) {
    auto opened = open(request);
    if (auto* refused = std::get_if<net::Response>(&opened)) return reply(std::move(*refused));
    const SessionPtr session = std::get<SessionPtr>(opened);
    reply(text_response("0" + handshake(*session, true)));
    return listener_.opened(session->id, session->who);
  }
  const SessionPtr session = find(request.session);
  if (session == nullptr) return reply(unknown_session());
  if (session->wire != nullptr) return reply(bad_request());  // it went over to a WebSocket
  if (request.method == "GET") return poll(session, std::move(reply));
  if (request.method == "POST") return post(session, body, reply);
  reply(bad_request());
}

void EngineServer::poll(const SessionPtr& session, Reply reply) {
  if (session->poll) {
    reply(bad_request());
    return end(session, End::kBadPacket);
  }
  session->poll = std::move(reply);
  if (session->probed != nullptr) {
    session->poll_until = clock_.steady_now() + kPollWhileUpgrading;
    due_.emplace(session->poll_until, session);
  }
  flush(*session);
}

void EngineServer::post(const SessionPtr& session, std::string_view body, const Reply& reply) {
  if (body.size() > config_.payload_bytes_max) {
    reply(failure(3, "Payload too large", 413));
    return end(session, End::kBadPacket);
  }
  auto packets = parse_payload(body);
  if (!packets) {
    reply(bad_request());
    return end(session, End::kBadPacket);
  }
  for (EnginePacket& packet : *packets) {
    if (session->open) take(session, std::move(packet));
  }
  net::Response response;
  response.headers.add("Content-Type", "text/html");
  response.headers.add("Cache-Control", "no-store");
  response.body = "ok";
  reply(std::move(response));
}

void EngineServer::take(const SessionPtr& session, EnginePacket packet) {
  switch (packet.type) {
    case Type::kMessage:
      return listener_.message(session->id, packet.binary, std::move(packet.data));
    case Type::kPong:
      if (!session->pinged) return;
      session->pinged = false;
      session->due = clock_.steady_now() + config_.ping_interval;
      due_.emplace(session->due, session);
      return;
    case Type::kClose:
      return end(session, End::kByClient);
    case Type::kNoop:
      return;
    case Type::kOpen:
    case Type::kPing:
    case Type::kUpgrade:
      return end(session, End::kBadPacket);  // not what a client sends here
  }
}

std::variant<net::Response, std::shared_ptr<net::SocketReader>> EngineServer::socket(
    const EngineRequest& request) {
  tick();
  if (const auto refused = refusal(request, true)) return *refused;
  if (request.session.empty()) {
    auto opened = open(request);
    if (auto* refused = std::get_if<net::Response>(&opened)) return std::move(*refused);
    return std::make_shared<Reader>(self_, std::get<SessionPtr>(opened), false);
  }
  const SessionPtr session = find(request.session);
  if (session == nullptr) return unknown_session();
  auto reader = std::make_shared<Reader>(self_, session, true);
  // A second one of a session is opened, as clients expect, and closed at once.
  if (session->wire != nullptr || session->probe.lock() != nullptr) return reader;
  session->probe = reader;
  session->probe_until = clock_.steady_now() + config_.upgrade_timeout;
  due_.emplace(session->probe_until, session);
  return reader;
}

void EngineServer::take_frame(Reader& reader, bool binary, std::string data) {
  const SessionPtr session = reader.session_;
  if (!session->open) return;
  auto packet = parse_frame(binary, std::move(data));
  if (!packet) {
    return reader.probes_ ? reader.wire_->drop() : end(session, End::kBadPacket);
  }
  if (reader.probes_) {
    return session->probe.lock().get() == &reader ? take_probe(reader, *packet)
                                                  : reader.wire_->drop();
  }
  take(session, *std::move(packet));
}

// A client asks on the WebSocket whether it goes through, and says then that it goes over to it.
void EngineServer::take_probe(Reader& reader, const EnginePacket& packet) {
  Session& session = *reader.session_;
  if (packet.type == Type::kPing && packet.data == "probe" && !packet.binary) {
    reader.wire_->send(text_frame(Type::kPong, "probe"));
    session.probed = reader.wire_;
    // A poll that waits is sent back, so that the client has nothing under way.
    if (session.poll) {
      if (session.queue.empty()) session.queue.push_back(text_frame(Type::kNoop));
      flush(session);
    }
    return;
  }
  if (packet.type != Type::kUpgrade || session.probed == nullptr) return reader.wire_->drop();
  if (session.poll) {
    const Reply reply = std::exchange(session.poll, nullptr);
    reply(text_response("6"));
  }
  session.wire = std::exchange(session.probed, nullptr);
  session.probe.reset();
  reader.probes_ = false;
  flush(session);
}

void EngineServer::wire_closed(Reader& reader) {
  Session& session = *reader.session_;
  if (!reader.probes_) return end(reader.session_, End::kLost);
  if (session.probe.lock().get() != &reader) return;
  session.probe.reset();  // it stays with polling
  session.probed.reset();
}

void EngineServer::send(const std::string& id, net::SocketFrame frame) {
  const SessionPtr session = find(id);
  if (session == nullptr) return;
  session->queue_bytes += frame.data->size();
  session->queue.push_back(std::move(frame));
  flush(*session);
  const std::size_t behind =
      session->queue_bytes + (session->wire != nullptr ? session->wire->queued_bytes() : 0);
  if (behind > config_.queue_bytes_max) end(session, End::kBehind);
}

void EngineServer::flush(Session& session) {
  if (session.queue.empty()) return;
  if (session.wire != nullptr) {
    for (net::SocketFrame& frame : session.queue) session.wire->send(std::move(frame));
  } else if (session.poll) {
    std::string payload;
    for (const net::SocketFrame& frame : session.queue) append_packet(frame, payload);
    const Reply reply = std::exchange(session.poll, nullptr);
    session.poll_until = Time::max();
    reply(text_response(std::move(payload)));
  } else {
    return;
  }
  session.queue.clear();
  session.queue_bytes = 0;
}

void EngineServer::close(const std::string& id) {
  if (const SessionPtr session = find(id)) end(session, End::kByServer);
}

void EngineServer::tick() {
  const Time now = clock_.steady_now();
  while (!due_.empty() && due_.begin()->first <= now) {
    const SessionPtr session = due_.begin()->second.lock();
    due_.erase(due_.begin());
    if (session != nullptr && session->open) look_at(session, now);
  }
}

void EngineServer::look_at(const SessionPtr& session, Time now) {
  const auto reader = session->probe.lock();
  if (reader != nullptr && session->probe_until <= now) {
    session->probe.reset();
    session->probed.reset();
    if (reader->wire_ != nullptr) reader->wire_->drop();
  }
  if (session->poll_until <= now) {
    session->poll_until = Time::max();
    if (session->queue.empty()) session->queue.push_back(text_frame(Type::kNoop));
    flush(*session);
  }
  if (session->due > now) return;
  if (session->pinged) return end(session, End::kLost);
  // Counted from when it was due: a tick may come late.
  session->pinged = true;
  session->due += config_.ping_timeout;
  due_.emplace(session->due, session);
  send(session->id, text_frame(Type::kPing));
}

void EngineServer::end_some(std::size_t count) {
  while (count-- > 0 && !sessions_.empty()) {
    const SessionPtr session = sessions_.begin()->second;
    end(session, End::kStopping);
  }
}

void EngineServer::end(const SessionPtr& session, End why) {
  if (!session->open) return;
  session->open = false;
  sessions_.erase(session->id);
  session->place.reset();
  if (const auto probe = session->probe.lock(); probe != nullptr && probe->wire_ != nullptr) {
    probe->wire_->drop();
  }
  if (session->poll) {
    const Reply reply = std::exchange(session->poll, nullptr);
    std::string payload;
    if (why == End::kByServer) {
      for (const net::SocketFrame& frame : session->queue) append_packet(frame, payload);
    }
    append_packet(text_frame(why == End::kByClient ? Type::kNoop : Type::kClose), payload);
    reply(text_response(std::move(payload)));
  }
  if (session->wire != nullptr) {
    switch (why) {
      case End::kByClient:
      case End::kByServer:
        session->wire->close(net::SocketClose::kNormal, "");
        break;
      case End::kBadPacket:
        session->wire->close(net::SocketClose::kPolicy, "invalid packet");
        break;
      case End::kStopping:
        session->wire->close(net::SocketClose::kRestart, "the server stops");
        break;
      case End::kLost:
      case End::kBehind:
        session->wire->drop();
        break;
    }
    session->wire.reset();
  }
  session->queue.clear();
  listener_.closed(session->id);
}

}  // namespace claimlake::events
