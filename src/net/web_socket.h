#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "net/http_message.h"

namespace claimlake::net {

// One whole message of a WebSocket. The bytes are shared, so that what goes to many is held once.
struct SocketFrame {
  bool binary = false;
  std::shared_ptr<const std::string> data;
};

// Why a WebSocket is closed (RFC 6455, section 7.4).
enum class SocketClose : std::uint16_t {
  kNormal = 1000,
  kGoingAway = 1001,
  kBadData = 1007,
  kPolicy = 1008,
  kRestart = 1012,
  kTryAgainLater = 1013,
};

// The way to the other end of an open WebSocket. On the I/O thread only.
class SocketWire {
 public:
  virtual ~SocketWire() = default;
  virtual void send(SocketFrame frame) = 0;
  // What was sent and did not leave yet: how far the other end is behind.
  virtual std::size_t queued_bytes() const = 0;
  // Sends what is queued, then closes; or, where the other end is behind, drops what is queued.
  virtual void close(SocketClose why, std::string_view reason) = 0;
  virtual void drop() = 0;
};

// What listens to one WebSocket. On the I/O thread only; must not block.
class SocketReader {
 public:
  virtual ~SocketReader() = default;
  virtual void opened(std::shared_ptr<SocketWire> wire) = 0;
  virtual void frame(bool binary, std::string data) = 0;
  virtual void closed() = 0;  // once, if it was opened; nothing comes after it
};

// Conversations that a server holds on its I/O thread beside the requests that workers answer:
// those that wait long, or stay open. On the I/O thread only; nothing here may block.
class LiveRoutes {
 public:
  using Reply = std::function<void(Response)>;
  virtual ~LiveRoutes() = default;

  virtual bool takes(const Request& request) const = 0;
  // Calls `reply` once, at once or later.
  virtual void answer(Request request, Reply reply) = 0;
  // Who listens to a WebSocket that asks to be opened; or why it may not.
  virtual std::variant<Response, std::shared_ptr<SocketReader>> socket(const Request& request) = 0;
  // Called every kTick while anything is open.
  virtual void tick() = 0;
  virtual bool anything_open() const = 0;
  // The server stops: ends all within the next ticks.
  virtual void stop() = 0;
  static constexpr std::chrono::milliseconds kTick{50};
};

}  // namespace claimlake::net
