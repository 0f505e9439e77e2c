#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/websocket.hpp>
#include <chrono>
#include <deque>
#include <exception>
#include <memory>
#include <utility>

#include "net/web_socket.h"

namespace claimlake::net {

using Upgrade = boost::beast::http::request<boost::beast::http::string_body>;

// A connection that is left in time: the other end may not keep it by not closing it.
class LeftStream final : public boost::beast::tcp_stream {
 public:
  explicit LeftStream(boost::beast::tcp_stream stream)
      : boost::beast::tcp_stream(std::move(stream)) {}
  // Says that nothing more comes, and reads for a moment what is under way: cutting at once would
  // destroy what was sent last.
  boost::asio::awaitable<void> leave();
};
// What Beast calls for this at the end of a WebSocket.
template <class Handler>
void async_teardown(boost::beast::role_type, LeftStream& stream, Handler&& handler) {
  boost::asio::co_spawn(stream.get_executor(), stream.leave(),
                        [handler = std::forward<Handler>(handler)](
                            const std::exception_ptr&) mutable { handler({}); });
}
void teardown(boost::beast::role_type, LeftStream& stream, boost::system::error_code& code);

// One open WebSocket (RFC 6455) without compression. On the I/O thread only.
class OpenSocket final : public SocketWire, public std::enable_shared_from_this<OpenSocket> {
 public:
  struct Limits {
    std::size_t message_bytes_max;
    std::chrono::milliseconds idle_timeout;  // the other end is asked after half of it
  };
  OpenSocket(boost::beast::tcp_stream stream, const Limits& limits);

  // Answers the request that asked for it. Returns whether it is open then.
  boost::asio::awaitable<bool> accept(const Upgrade& upgrade);
  // Reads until it is closed; tells `reader`.
  boost::asio::awaitable<void> run(SocketReader& reader);

  void send(SocketFrame frame) override;
  std::size_t queued_bytes() const override { return queued_bytes_; }
  void close(SocketClose why, std::string_view reason) override;
  void drop() override;

 private:
  boost::asio::awaitable<void> write();
  void start_writing();

  boost::beast::websocket::stream<LeftStream> stream_;
  boost::beast::flat_buffer buffer_;
  std::deque<SocketFrame> queue_;
  std::size_t queued_bytes_ = 0;
  bool writing_ = false;
  bool ending_ = false;  // nothing more is sent
  std::unique_ptr<boost::beast::websocket::close_reason> close_reason_;
};

}  // namespace claimlake::net
