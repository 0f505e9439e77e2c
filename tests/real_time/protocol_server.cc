// Engine.IO at /engine.io/, which sends messages back, and Socket.IO at /socket.io/ with the
// namespaces / and /custom: what the test suites of the projects ask of a server. Nothing of the
// lake is in it. Runs until its input ends.
//   real_time_protocol_server PORT
#include <fmt/format.h>

#include <cstdlib>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "events/engine_server.h"
#include "events/socket_io_server.h"
#include "net/http_server.h"

namespace claimlake::events {
namespace {

using namespace std::chrono_literals;

class Echo final : public EngineListener {
 public:
  void opened(const std::string&, const Listener&) override {}
  void message(const std::string& session, bool binary, std::string data) override {
    engine->send(session, binary ? binary_frame(std::move(data))
                                 : text_frame(EnginePacket::Type::kMessage, data));
  }
  void closed(const std::string&) override {}
  EngineServer* engine = nullptr;
};

class App final : public IoApp {
 public:
  std::optional<std::string> refusal(const IoSocket&, const std::string&) override {
    return std::nullopt;
  }
  std::string recovery_id(const IoSocket&, const std::string&) override { return ""; }
  void connected(const IoSocket& socket, const std::string& auth) override {
    // The suite misses what comes in the same moment as the answer before it.
    greetings_.emplace_back(socket, "[" + auth + "]");
  }
  void tick() {
    for (const auto& [socket, arguments] : std::exchange(greetings_, {})) {
      io->emit(socket, "auth", arguments);
    }
  }
  void event(const IoSocket& socket, IoEvent event) override {
    if (event.ack) {
      io->acknowledge(socket, *event.ack, event.event.arguments, std::move(event.attachments));
    } else {
      io->emit(socket, event.event.name + "-back", event.event.arguments,
               std::move(event.attachments));
    }
  }
  void disconnected(const IoSocket&) override {}
  SocketIoServer* io = nullptr;

 private:
  std::vector<std::pair<IoSocket, std::string>> greetings_;
};

class Routes final : public net::LiveRoutes {
 public:
  Routes() {
    echo_.engine = &plain_;
    app_.io = &io_;
    io_.speak_through(engine_);
  }
  bool takes(const net::Request& request) const override {
    return request.path == "/engine.io/" || request.path == "/socket.io/";
  }
  void answer(net::Request request, Reply reply) override {
    of(request).request(asked(request), request.body, std::move(reply));
  }
  std::variant<net::Response, std::shared_ptr<net::SocketReader>> socket(
      const net::Request& request) override {
    return of(request).socket(asked(request));
  }
  void tick() override {
    plain_.tick();
    engine_.tick();
    io_.tick();
    app_.tick();
  }
  bool anything_open() const override { return count_.all() > 0; }
  void stop() override {
    plain_.end_some(1'000'000);
    engine_.end_some(1'000'000);
  }

 private:
  EngineServer& of(const net::Request& request) {
    return request.path == "/engine.io/" ? plain_ : engine_;
  }
  static EngineRequest asked(const net::Request& request) {
    const auto parameter = [&request](std::string_view name) -> std::string {
      for (const auto& [key, value] : request.query) {
        if (key == name) return value;
      }
      return "";
    };
    return {request.method,   parameter("EIO"), parameter("transport"),
            parameter("sid"), request.peer,     {}};
  }

  const EngineConfig config_{.ping_interval = 300ms, .ping_timeout = 200ms};
  SystemClock clock_;
  SystemRandom random_;
  ConnectionCount count_;
  Echo echo_;
  App app_;
  SocketIoServer io_{{.spaces = {"/", "/custom"}}, clock_, random_, app_};
  EngineServer plain_{config_, clock_, random_, count_, echo_};
  EngineServer engine_{config_, clock_, random_, count_, io_};
};

int run(std::uint16_t port) {
  SystemClock clock;
  net::HttpMetrics metrics;
  Routes routes;
  net::HttpServerConfig config;
  config.port = port;
  config.live = &routes;
  const auto page = [](int status) {
    net::Response response;
    response.status = status;
    return response;
  };
  const auto server = net::HttpServer::start(
      config, [page](const net::Request&) { return page(404); },
      [page](int status, std::string_view) { return page(status); }, clock, metrics);
  if (!server) {
    std::cerr << server.error().text() << "\n";
    return 1;
  }
  std::cout << (*server)->port() << std::endl;
  for (std::string line; std::getline(std::cin, line);) {
  }
  return 0;
}

}  // namespace
}  // namespace claimlake::events

int main(int count, char** arguments) {
  return claimlake::events::run(count > 1 ? static_cast<std::uint16_t>(std::atoi(arguments[1]))
                                          : std::uint16_t{0});
}
