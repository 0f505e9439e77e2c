#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/deadline.h"
#include "base/result.h"
#include "net/http_message.h"
#include "net/http_metrics.h"
#include "net/web_socket.h"

namespace claimlake::net {

struct HttpServerConfig {
  std::string address = "127.0.0.1";
  std::uint16_t port = 8360;  // 0 takes a free one
  int workers = 4;            // handlers that run at once
  // Limits. A client that passes one gets 431, 413 or 503, or is closed.
  std::size_t header_bytes_max = 16 * 1024;  // above what browsers send with cookies
  std::size_t body_bytes_max = 1024 * 1024;
  std::size_t waiting_max = 256;  // requests waiting for a worker
  std::size_t connections_max = 1024;
  std::chrono::milliseconds request_timeout{10'000};  // from its first byte to its last
  std::chrono::milliseconds idle_timeout{60'000};     // before the first byte
  std::chrono::milliseconds write_timeout{30'000};    // of one answer
  // Called when stop() cancels the requests that still run, beside Request::cancel. It must not
  // block. May be empty.
  std::function<void()> on_cut_off = {};
  // Conversations beside the requests that workers answer; outlives the server. May be null.
  LiveRoutes* live = nullptr;
  std::size_t socket_bytes_max = 1'000'000;               // of one message of a WebSocket
  std::chrono::milliseconds socket_idle_timeout{60'000};  // asked after half of it
};

// Called by up to `workers` threads at once. It may block, and must return soon after
// request.cancel fires.
using Handler = std::function<Response(const Request&)>;
// Makes the answer for what never reaches a handler: malformed, too large, too slow, overload.
using ErrorPage = std::function<Response(int status, std::string_view detail)>;

// An HTTP/1.1 server: keep-alive, one request after the other on each connection, gzip, HEAD.
class HttpServer {
  class Core;

 public:
  // Listens and serves from now on. `clock` and `metrics` outlive the server.
  // Errors: kUnavailable (the port is taken, not permitted), kInvalidInput (not an IP address).
  static Result<std::unique_ptr<HttpServer>> start(HttpServerConfig config, Handler handler,
                                                   ErrorPage error_page, const Clock& clock,
                                                   HttpMetrics& metrics);
  explicit HttpServer(std::unique_ptr<Core> core);  // see start()
  // Stops at once, as stop() with a deadline that has passed.
  ~HttpServer();

  std::uint16_t port() const;
  // Calls `work` on the I/O thread, where the live routes are; not at all once the server stopped.
  // Thread-safe.
  void post(std::function<void()> work);

  // Takes no more requests, lets running ones finish until `deadline`, then cancels them and
  // closes their connections. When it returns no handler runs any more. May be called twice.
  // Errors: kTimeout if requests had to be cut off.
  Done stop(Deadline deadline);

 private:
  const std::unique_ptr<Core> core_;
};

}  // namespace claimlake::net
