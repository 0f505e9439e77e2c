#pragma once

#include <functional>
#include <string>
#include <variant>

#include "events/connection_count.h"
#include "events/engine_server.h"
#include "events/event_log.h"
#include "events/frame_server.h"
#include "events/socket_io_server.h"
#include "net/web_socket.h"

namespace claimlake::events {

struct HubConfig {
  EngineConfig engine = {};
  IoConfig io = {};
  ConnectionCount::Limits limits = {};
};

// Tells clients what was committed: by Socket.IO at /socket.io/, by plain WebSockets at /ws. One
// thread, that of the server's input and output.
class Hub final : public net::LiveRoutes, private IoApp {
 public:
  // Who asks; or why that may not be. It must not block.
  using Gate = std::function<std::variant<net::Response, Listener>(const net::Request&)>;

  // All outlive this.
  Hub(const HubConfig& config, const Clock& clock, Random& random, Gate gate, EventLog& log);

  // Puts an event into the log and sends it to whom it concerns. `data` is a JSON object.
  const Event& publish(std::string name, std::string data, Audience audience);
  std::size_t connections_count() const { return count_.all(); }

  bool takes(const net::Request& request) const override;
  void answer(net::Request request, Reply reply) override;
  std::variant<net::Response, std::shared_ptr<net::SocketReader>> socket(
      const net::Request& request) override;
  void tick() override;
  bool anything_open() const override;
  void stop() override;

 private:
  std::variant<net::Response, Listener> enter(const net::Request& request) const;

  std::optional<std::string> refusal(const IoSocket& socket, const std::string& auth) override;
  std::string recovery_id(const IoSocket& socket, const std::string& auth) override;
  void connected(const IoSocket& socket, const std::string& auth) override;
  void event(const IoSocket& socket, IoEvent event) override;
  void disconnected(const IoSocket&) override {}

  const Clock& clock_;
  Random& random_;
  const Gate gate_;
  EventLog& log_;
  bool stopping_ = false;
  std::size_t stage_ = 0;  // of connections that are ended at once while stopping
  ConnectionCount count_;
  SocketIoServer io_;
  EngineServer engine_;
  FrameServer frames_;
};

}  // namespace claimlake::events
