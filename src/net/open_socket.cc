#include "net/open_socket.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <string>
#include <tuple>

#include "base/check.h"

namespace claimlake::net {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = boost::beast::websocket;

constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);
constexpr std::chrono::seconds kHandshakeTimeout{5};  // of opening, and of closing
constexpr std::size_t kBufferKept = 16 * 1024;
constexpr std::chrono::seconds kLeaveTime{1};
constexpr int kLeaveReads = 64;

}  // namespace

asio::awaitable<void> LeftStream::leave() {
  boost::system::error_code code;
  socket().shutdown(asio::ip::tcp::socket::shutdown_send, code);
  expires_after(kLeaveTime);
  std::string dropped(16 * 1024, '\0');
  for (int reads = 0; !code && reads < kLeaveReads; ++reads) {
    std::tie(code, std::ignore) = co_await async_read_some(asio::buffer(dropped), kTuple);
  }
  expires_never();
}

void teardown(beast::role_type, LeftStream& stream, boost::system::error_code&) { stream.close(); }

OpenSocket::OpenSocket(beast::tcp_stream stream, const Limits& limits)
    : stream_(LeftStream(std::move(stream))) {
  beast::get_lowest_layer(stream_).expires_never();
  stream_.set_option({kHandshakeTimeout, limits.idle_timeout, true});
  stream_.read_message_max(limits.message_bytes_max);
  stream_.auto_fragment(false);
}

asio::awaitable<bool> OpenSocket::accept(const Upgrade& upgrade) {
  const auto [code] = co_await stream_.async_accept(upgrade, kTuple);
  co_return !code;
}

asio::awaitable<void> OpenSocket::run(SocketReader& reader) {
  const auto keep = shared_from_this();
  reader.opened(keep);
  while (true) {
    const auto [code, size] = co_await stream_.async_read(buffer_, kTuple);
    if (code) break;
    const bool binary = stream_.got_binary();
    std::string data = beast::buffers_to_string(buffer_.data());
    buffer_.consume(buffer_.size());
    if (buffer_.capacity() > kBufferKept) buffer_.shrink_to_fit();
    if (!ending_) reader.frame(binary, std::move(data));
  }
  drop();
  reader.closed();
}

void OpenSocket::send(SocketFrame frame) {
  if (ending_) return;
  queued_bytes_ += frame.data->size();
  queue_.push_back(std::move(frame));
  start_writing();
}

void OpenSocket::close(SocketClose why, std::string_view reason) {
  if (ending_) return;
  ending_ = true;
  close_reason_ = std::make_unique<websocket::close_reason>(
      static_cast<websocket::close_code>(why), beast::string_view(reason.data(), reason.size()));
  start_writing();
}

void OpenSocket::drop() {
  ending_ = true;
  queue_.clear();
  queued_bytes_ = 0;
  beast::get_lowest_layer(stream_).close();
}

void OpenSocket::start_writing() {
  if (std::exchange(writing_, true)) return;
  asio::co_spawn(stream_.get_executor(), write(), [](const std::exception_ptr& failure) {
    CHECK(failure == nullptr, "an exception left a coroutine of a WebSocket");
  });
}

asio::awaitable<void> OpenSocket::write() {
  const auto keep = shared_from_this();
  while (!queue_.empty()) {
    const SocketFrame frame = std::move(queue_.front());
    queue_.pop_front();
    stream_.binary(frame.binary);
    const auto [code, size] = co_await stream_.async_write(asio::buffer(*frame.data), kTuple);
    queued_bytes_ -= std::min(queued_bytes_, frame.data->size());
    if (code) break;
  }
  writing_ = false;
  if (close_reason_ == nullptr || !queue_.empty()) co_return;
  const auto reason = std::move(close_reason_);
  // What it waits for is read by run(), which ends then.
  co_await stream_.async_close(*reason, kTuple);
}

}  // namespace claimlake::net
