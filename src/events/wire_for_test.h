#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/web_socket.h"

namespace claimlake::events {

// A WebSocket without a network: keeps what was sent through it.
class WireForTest final : public net::SocketWire {
 public:
  void send(net::SocketFrame frame) override {
    if (is_stuck) queued += frame.data->size();
    sent.push_back((frame.binary ? "b:" : "") + *frame.data);
  }
  std::size_t queued_bytes() const override { return queued; }
  void close(net::SocketClose why, std::string_view) override { closed = why; }
  void drop() override { dropped = true; }

  std::vector<std::string> sent;
  std::size_t queued = 0;
  bool is_stuck = false;  // the other end takes nothing
  std::optional<net::SocketClose> closed;
  bool dropped = false;
};

// The answer to a request, once it is there.
struct AnswerForTest {
  std::shared_ptr<std::optional<net::Response>> given =
      std::make_shared<std::optional<net::Response>>();
  bool there() const { return given->has_value(); }
  int status() const { return there() ? (*given)->status : 0; }
  std::string body() const { return there() ? (*given)->body : "(nothing)"; }
  net::LiveRoutes::Reply reply() const {
    return [given = given](net::Response response) { *given = std::move(response); };
  }
};

}  // namespace claimlake::events
