#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>

#include "base/clock.h"
#include "base/random.h"
#include "events/audience.h"
#include "events/connection_count.h"
#include "events/engine_packet.h"
#include "net/web_socket.h"

namespace claimlake::events {

struct EngineConfig {
  std::chrono::milliseconds ping_interval{25'000};
  std::chrono::milliseconds ping_timeout{20'000};
  std::chrono::milliseconds upgrade_timeout{10'000};
  std::size_t payload_bytes_max = 1'000'000;  // of one message, or one POST
  // What may wait for one client. Who is further behind is cut off, and can come back for the rest.
  std::size_t queue_bytes_max = 1'000'000;
};

// What one request of a client says, by polling or to open a WebSocket.
struct EngineRequest {
  std::string method = "GET";
  std::string protocol;   // EIO
  std::string transport;  // "polling", "websocket"
  std::string session;    // sid
  std::string address;    // of the client's machine
  Listener who;
};

// What hears of sessions. May call the server back.
class EngineListener {
 public:
  virtual ~EngineListener() = default;
  virtual void opened(const std::string& session, const Listener& who) = 0;
  virtual void message(const std::string& session, bool binary, std::string data) = 0;
  virtual void closed(const std::string& session) = 0;
};

// Engine.IO, protocol 4, without the network: what requests and frames do to sessions. One thread.
class EngineServer {
 public:
  using Reply = net::LiveRoutes::Reply;

  // All outlive this. `count` bounds sessions together with other connections.
  EngineServer(const EngineConfig& config, const Clock& clock, Random& random,
               ConnectionCount& count, EngineListener& listener);
  ~EngineServer();

  // A request by polling; `reply` is called once, now or later.
  void request(const EngineRequest& request, std::string_view body, Reply reply);
  // Who listens to a WebSocket; or why it may not be opened.
  std::variant<net::Response, std::shared_ptr<net::SocketReader>> socket(
      const EngineRequest& request);

  void send(const std::string& session, net::SocketFrame frame);
  void close(const std::string& session);
  // Heartbeats, and what took too long. To be called again and again.
  void tick();
  std::size_t sessions_count() const { return sessions_.size(); }
  // Ends at most `count` sessions because the server stops.
  void end_some(std::size_t count);

 private:
  using Time = std::chrono::steady_clock::time_point;
  class Reader;
  struct Session;
  using SessionPtr = std::shared_ptr<Session>;

  std::optional<net::Response> refusal(const EngineRequest& request, bool socket) const;
  SessionPtr find(const std::string& id) const;
  std::variant<net::Response, SessionPtr> open(const EngineRequest& request);
  std::string handshake(const Session& session, bool can_upgrade) const;
  void poll(const SessionPtr& session, Reply reply);
  void post(const SessionPtr& session, std::string_view body, const Reply& reply);
  void take(const SessionPtr& session, EnginePacket packet);
  void take_frame(Reader& reader, bool binary, std::string data);
  void take_probe(Reader& reader, const EnginePacket& packet);
  void wire_closed(Reader& reader);
  void flush(Session& session);
  void look_at(const SessionPtr& session, Time now);
  enum class End { kByClient, kByServer, kBadPacket, kLost, kBehind, kStopping };
  void end(const SessionPtr& session, End why);

  const EngineConfig config_;
  const Clock& clock_;
  Random& random_;
  ConnectionCount& count_;
  EngineListener& listener_;
  std::unordered_map<std::string, SessionPtr> sessions_;
  // What is due and when; a session looks again at what is due for it.
  std::multimap<Time, std::weak_ptr<Session>> due_;
  // Readers may outlive this by a moment, while the server stops.
  const std::shared_ptr<EngineServer*> self_ = std::make_shared<EngineServer*>(this);
};

}  // namespace claimlake::events
