#include "events/socket_io_server.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace claimlake::events {
namespace {

using Type = SocketPacket::Type;

}  // namespace

SocketIoServer::SocketIoServer(IoConfig config, const Clock& clock, Random& random, IoApp& app)
    : config_(std::move(config)), clock_(clock), random_(random), app_(app) {}

void SocketIoServer::opened(const std::string& session, const Listener& who) {
  connections_[session].who = who;
  to_enter_.emplace_back(clock_.steady_now() + config_.connect_timeout, session);
}

void SocketIoServer::closed(const std::string& session) {
  auto gone = connections_.extract(session);
  if (gone.empty()) return;
  for (const auto& [space, socket] : gone.mapped().sockets) app_.disconnected(socket);
}

void SocketIoServer::message(const std::string& session, bool binary, std::string data) {
  const auto found = connections_.find(session);
  if (found == connections_.end()) return;
  Connection& connection = found->second;
  if (binary != connection.partial.has_value()) return engine_->close(session);
  if (!binary) {
    auto packet = parse_packet(data);
    if (!packet) return engine_->close(session);
    if (packet->attachments_expected == 0) return take(session, *std::move(packet));
    connection.partial = *std::move(packet);
    connection.partial_bytes = 0;
    return;
  }
  connection.partial_bytes += data.size();
  if (connection.partial_bytes > config_.attachment_bytes_max) return engine_->close(session);
  SocketPacket& partial = *connection.partial;
  partial.attachments.push_back(std::move(data));
  if (partial.attachments.size() < partial.attachments_expected) return;
  SocketPacket packet = std::move(partial);
  connection.partial.reset();
  take(session, std::move(packet));
}

void SocketIoServer::take(const std::string& session, SocketPacket packet) {
  Connection& connection = connections_.at(session);
  if (packet.type == Type::kConnect) return connect(session, connection, packet);
  const auto found = connection.sockets.find(packet.space);
  if (found == connection.sockets.end()) return engine_->close(session);
  const IoSocket socket = found->second;
  switch (packet.type) {
    case Type::kDisconnect:
      connection.sockets.erase(found);
      return app_.disconnected(socket);
    case Type::kEvent:
    case Type::kBinaryEvent:
      return app_.event(socket, {event_of(packet), std::move(packet.attachments), packet.ack});
    case Type::kAck:
    case Type::kBinaryAck:
      return;  // nothing that is sent asks for one
    case Type::kConnect:
    case Type::kConnectError:
      return engine_->close(session);
  }
}

void SocketIoServer::connect(const std::string& session, Connection& connection,
                             const SocketPacket& packet) {
  // Who is in a namespace already has nothing to ask.
  if (connection.sockets.contains(packet.space)) return engine_->close(session);
  const std::string auth = packet.json.empty() ? "{}" : packet.json;
  const IoSocket socket{uuid4(random_), session, packet.space, connection.who};
  std::optional<std::string> refusal;
  if (!config_.spaces.contains(packet.space)) {
    refusal = "Invalid namespace";
  } else {
    refusal = app_.refusal(socket, auth);
  }
  SocketPacket answer;
  answer.space = packet.space;
  if (refusal) {
    answer.type = Type::kConnectError;
    answer.json = nlohmann::json({{"message", *refusal}}).dump();
    return send(session, answer);
  }
  connection.entered = true;
  connection.sockets.emplace(packet.space, socket);
  const std::string recovery = app_.recovery_id(socket, auth);
  answer.type = Type::kConnect;
  nlohmann::json welcome = {{"sid", socket.id}};
  if (!recovery.empty()) welcome["pid"] = recovery;
  answer.json = welcome.dump();
  send(session, answer);
  app_.connected(socket, auth);
}

void SocketIoServer::send(const std::string& session, const SocketPacket& packet) {
  for (net::SocketFrame& frame : to_frames(packet)) engine_->send(session, std::move(frame));
}

void SocketIoServer::send(const IoSocket& socket, const std::vector<net::SocketFrame>& frames) {
  for (const net::SocketFrame& frame : frames) engine_->send(socket.session, frame);
}

void SocketIoServer::emit(const IoSocket& socket, std::string_view name, std::string_view arguments,
                          std::vector<std::string> attachments) {
  CHECK(arguments.starts_with('['), "arguments are a JSON array");
  SocketPacket packet;
  packet.type = attachments.empty() ? Type::kEvent : Type::kBinaryEvent;
  packet.space = socket.space;
  packet.attachments = std::move(attachments);
  const std::string_view rest = arguments.substr(1);
  packet.json = fmt::format("[{}{}{}", nlohmann::json(name).dump(), rest == "]" ? "" : ",", rest);
  send(socket.session, packet);
}

void SocketIoServer::acknowledge(const IoSocket& socket, std::uint64_t ack, std::string arguments,
                                 std::vector<std::string> attachments) {
  SocketPacket packet;
  packet.type = attachments.empty() ? Type::kAck : Type::kBinaryAck;
  packet.space = socket.space;
  packet.ack = ack;
  packet.json = std::move(arguments);
  packet.attachments = std::move(attachments);
  send(socket.session, packet);
}

void SocketIoServer::send_to(const std::string& space,
                             const std::function<bool(const IoSocket&)>& wanted,
                             const std::vector<net::SocketFrame>& frames) {
  // Who cannot take more is gone after it was sent to.
  std::vector<std::string> sessions;
  for (const auto& [session, connection] : connections_) {
    const auto socket = connection.sockets.find(space);
    if (socket != connection.sockets.end() && wanted(socket->second)) sessions.push_back(session);
  }
  for (const std::string& session : sessions) {
    for (const net::SocketFrame& frame : frames) engine_->send(session, frame);
  }
}

void SocketIoServer::tick() {
  const auto now = clock_.steady_now();
  while (!to_enter_.empty() && to_enter_.front().first <= now) {
    const std::string session = std::move(to_enter_.front().second);
    to_enter_.pop_front();
    const auto found = connections_.find(session);
    if (found != connections_.end() && !found->second.entered) engine_->close(session);
  }
}

}  // namespace claimlake::events
