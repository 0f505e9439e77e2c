#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "events/engine_server.h"
#include "events/socket_packet.h"

namespace claimlake::events {

// One client in one namespace.
struct IoSocket {
  std::string id;
  std::string session;  // of Engine.IO
  std::string space;
  Listener who;
};

// What came from a client.
struct IoEvent {
  SocketEvent event;
  std::vector<std::string> attachments;
  std::optional<std::uint64_t> ack;
};

// What the protocol is spoken for. May call the server back.
class IoApp {
 public:
  virtual ~IoApp() = default;
  // Why a client may not enter; absent: it may. `auth` is the JSON object that it sent.
  virtual std::optional<std::string> refusal(const IoSocket& socket, const std::string& auth) = 0;
  // By what it may come back to where it was (docs/formats/real_time.md); "": not offered.
  virtual std::string recovery_id(const IoSocket& socket, const std::string& auth) = 0;
  virtual void connected(const IoSocket& socket, const std::string& auth) = 0;
  virtual void event(const IoSocket& socket, IoEvent event) = 0;
  virtual void disconnected(const IoSocket& socket) = 0;
};

struct IoConfig {
  std::set<std::string> spaces = {"/"};
  std::chrono::milliseconds connect_timeout{45'000};  // from the session to the first namespace
  std::size_t attachment_bytes_max = 4'000'000;       // of one packet, together
};

// Socket.IO, protocol 5, above Engine.IO. One thread.
class SocketIoServer final : public EngineListener {
 public:
  // All outlive this.
  SocketIoServer(IoConfig config, const Clock& clock, Random& random, IoApp& app);
  // The server of the sessions below; before anything is opened.
  void speak_through(EngineServer& engine) { engine_ = &engine; }

  void opened(const std::string& session, const Listener& who) override;
  void message(const std::string& session, bool binary, std::string data) override;
  void closed(const std::string& session) override;

  // An event with `arguments`, a JSON array, and its attachments.
  void emit(const IoSocket& socket, std::string_view name, std::string_view arguments,
            std::vector<std::string> attachments = {});
  void acknowledge(const IoSocket& socket, std::uint64_t ack, std::string arguments,
                   std::vector<std::string> attachments = {});
  void send(const IoSocket& socket, const std::vector<net::SocketFrame>& frames);
  // The same frames to all in `space` that are wanted.
  void send_to(const std::string& space, const std::function<bool(const IoSocket&)>& wanted,
               const std::vector<net::SocketFrame>& frames);
  void tick();

 private:
  struct Connection {
    Listener who;
    std::map<std::string, IoSocket> sockets;  // by namespace
    std::optional<SocketPacket> partial;      // its attachments are still to come
    std::size_t partial_bytes = 0;
    bool entered = false;
  };
  void take(const std::string& session, SocketPacket packet);
  void connect(const std::string& session, Connection& connection, const SocketPacket& packet);
  void send(const std::string& session, const SocketPacket& packet);

  const IoConfig config_;
  const Clock& clock_;
  Random& random_;
  IoApp& app_;
  EngineServer* engine_ = nullptr;
  std::unordered_map<std::string, Connection> connections_;
  std::deque<std::pair<std::chrono::steady_clock::time_point, std::string>> to_enter_;
};

}  // namespace claimlake::events
