#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <variant>

#include "events/audience.h"
#include "events/connection_count.h"
#include "events/event_log.h"
#include "net/web_socket.h"

namespace claimlake::events {

// Plain WebSockets with frames {"type", "data"} (docs/formats/real_time.md). One thread.
class FrameServer {
 public:
  static constexpr std::size_t kFrameBytesMax = 64 * 1024;  // of a client

  // Both outlive this. Who is further behind than `queue_bytes_max` is cut off.
  FrameServer(ConnectionCount& count, const EventLog& log, std::size_t queue_bytes_max);
  ~FrameServer();

  // Who listens to a WebSocket; or why it may not be opened. `id` names the connection, `behind`
  // the event after which it wants to hear what it missed, "" if it does not.
  std::variant<net::Response, std::shared_ptr<net::SocketReader>> socket(const std::string& address,
                                                                         const Listener& who,
                                                                         std::string id,
                                                                         std::string behind);
  void send_to(const std::function<bool(const Listener&)>& wanted, const net::SocketFrame& frame);
  std::size_t connections_count() const { return readers_.size(); }
  // Ends at most `count` connections because the server stops.
  void end_some(std::size_t count);

 private:
  class Reader;

  void welcome(Reader& reader);
  void take(Reader& reader, std::string_view text);
  void send(Reader& reader, const net::SocketFrame& frame);

  ConnectionCount& count_;
  const EventLog& log_;
  const std::size_t queue_bytes_max_;
  std::set<Reader*> readers_;  // that are open
  const std::shared_ptr<FrameServer*> self_ = std::make_shared<FrameServer*>(this);
};

// The frame of an event that is named `id` in its log.
net::SocketFrame frame_of(const Event& event, std::string_view id);

}  // namespace claimlake::events
