#include "net/http_server.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <atomic>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <future>
#include <optional>
#include <set>
#include <thread>

#include "net/gzip.h"
#include "net/open_socket.h"

namespace claimlake::net {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;
using Parser = http::request_parser<http::string_body>;

constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t kFirstRead = 4096;  // most requests arrive whole in one read of this size
constexpr std::size_t kGzipFrom = 1024;   // smaller answers fit into one packet anyway
// How long, and how much, a client that was refused may go on sending before the connection is
// cut; cutting at once would destroy the answer that says why.
constexpr std::chrono::seconds kLingerTime{1};
constexpr std::size_t kLingerBytes = 1024 * 1024;
// How often an answer without a known end is asked for more.
constexpr std::chrono::milliseconds kMorePause{100};

bool compressible(std::string_view content_type) {
  return content_type.starts_with("text/") || content_type.find("json") != std::string_view::npos ||
         content_type.find("javascript") != std::string_view::npos ||
         content_type.find("svg") != std::string_view::npos;
}

void compress(const Request& request, Response& response) {
  if (response.more || !compressible(response.headers.get("Content-Type"))) return;
  response.headers.add("Vary", "Accept-Encoding");
  if (response.body.size() < kGzipFrom || response.headers.has("Content-Encoding")) return;
  if (!accepts_gzip(request.headers.get("Accept-Encoding"))) return;
  response.body = gzip(response.body);
  response.headers.add("Content-Encoding", "gzip");
}

// The method as a label: one of few, whatever a client sends.
std::string_view method_label(const Parser& parser) {
  return parser.get().method() == http::verb::unknown ? "OTHER"
                                                      : http::to_string(parser.get().method());
}

std::string head_of(const Response& response, bool keep_alive, const Clock& clock) {
  const auto now = std::chrono::floor<std::chrono::seconds>(clock.now());
  std::string text =
      fmt::format("HTTP/1.1 {} {}\r\nDate: {:%a, %d %b %Y %H:%M:%S} GMT\r\nConnection: {}\r\n",
                  response.status, status_phrase(response.status),
                  fmt::gmtime(now.time_since_epoch().count()), keep_alive ? "keep-alive" : "close");
  if (response.status != 304 && !response.more) {
    fmt::format_to(std::back_inserter(text), "Content-Length: {}\r\n", response.body.size());
  }
  for (const auto& [name, value] : response.headers) {
    text += name + ": ";
    for (const char c : value) text += c == '\r' || c == '\n' ? ' ' : c;
    text += "\r\n";
  }
  return text + "\r\n";
}

struct Refusal {
  int status;
  std::string_view reason;
  std::string_view detail;
};

Refusal refusal_of(error_code code) {
  if (code == http::error::header_limit || code == http::error::buffer_overflow) {
    return {431, "large_header", "the header fields of the request are too large"};
  }
  if (code == http::error::body_limit) {
    return {413, "large_body", "the body of the request is too large"};
  }
  return {400, "malformed", "the request is not well-formed HTTP/1.1"};
}

// Whether `code` is about what the client sent, so that it may still read an answer. After a
// timeout it may not: the stream is closed then.
bool is_refusal(error_code code) {
  return code.category() == make_error_code(http::error::bad_method).category() &&
         code != http::error::end_of_stream && code != http::error::partial_message;
}

}  // namespace

// One thread does all input and output; `workers_` run the handlers. All members but the atomic
// belong to the I/O thread once it runs.
class HttpServer::Core {
 public:
  Core(HttpServerConfig config, Handler handler, ErrorPage error_page, const Clock& clock,
       HttpMetrics& metrics)
      : config_(std::move(config)),
        handler_(std::move(handler)),
        error_page_(std::move(error_page)),
        clock_(clock),
        metrics_(metrics),
        workers_(static_cast<std::size_t>(config_.workers)) {}

  Done listen();
  void run();
  std::uint16_t port() const { return port_; }
  Done stop(Deadline deadline);
  void post(std::function<void()> work) { asio::post(io_, std::move(work)); }

 private:
  struct Connection {
    explicit Connection(tcp::socket socket) : stream(std::move(socket)) {}
    beast::tcp_stream stream;
    beast::flat_buffer buffer;
    bool idle = true;  // between two requests
    Cancel cancel;
    // Once it asked for a WebSocket and may have it.
    std::unique_ptr<Upgrade> upgrade;
    std::shared_ptr<SocketReader> reader;
    std::shared_ptr<OpenSocket> socket;
  };

  asio::awaitable<void> accept();
  asio::awaitable<void> serve(tcp::socket socket);
  asio::awaitable<bool> serve_request(Connection& connection);
  asio::awaitable<error_code> read_request(Connection& connection, Parser& parser);
  asio::awaitable<Response> handle(Connection& connection, Request request);
  asio::awaitable<Response> converse(Connection& connection, Parser& parser, Request request);
  asio::awaitable<void> serve_socket(Connection& connection);
  asio::awaitable<void> tick();
  void keep_ticking();
  asio::awaitable<bool> write(Connection& connection, const Response& response, bool keep_alive,
                              bool with_body);
  asio::awaitable<bool> write_more(Connection& connection, const Response& response);
  asio::awaitable<void> linger(Connection& connection);
  Response answer(const Request& request) const;
  void spawn(asio::awaitable<void> work);
  void begin_stop();
  void cut_off();

  const HttpServerConfig config_;
  const Handler handler_;
  const ErrorPage error_page_;
  const Clock& clock_;
  HttpMetrics& metrics_;
  std::atomic<std::size_t> waiting_ = 0;

  asio::io_context io_{1};
  asio::thread_pool workers_;
  tcp::acceptor acceptor_{io_};
  std::uint16_t port_ = 0;
  std::set<Connection*> connections_;  // each lives in the frame of its serve()
  bool stopping_ = false;
  bool ticking_ = false;
  std::atomic<int> cut_ = 0;  // requests that stop() did not let finish
  std::promise<void> ended_;
  std::jthread thread_;  // last: everything above outlives it
};

Done HttpServer::Core::listen() {
  error_code code;
  const auto address = asio::ip::make_address(config_.address, code);
  if (code) {
    return Error{Fault::kInvalidInput,
                 fmt::format("cannot listen on '{}': it is not an IP address", config_.address), "",
                 "use 127.0.0.1"};
  }
  const tcp::endpoint endpoint(address, config_.port);
  acceptor_.open(endpoint.protocol(), code);
  if (!code) acceptor_.set_option(tcp::acceptor::reuse_address(true), code);
  if (!code) acceptor_.bind(endpoint, code);
  if (!code) acceptor_.listen(tcp::acceptor::max_listen_connections, code);
  if (code) {
    const bool taken = code == asio::error::address_in_use;
    return Error{Fault::kUnavailable,
                 fmt::format("cannot listen on {}:{}: {}", config_.address, config_.port,
                             taken ? "another program listens there" : code.message()),
                 "",
                 taken ? "stop the other program, or choose another port with --port"
                       : "choose another address or port"};
  }
  port_ = acceptor_.local_endpoint().port();
  return done();
}

void HttpServer::Core::run() {
  spawn(accept());
  thread_ = std::jthread([this] {
    io_.run();
    ended_.set_value();
  });
}

void HttpServer::Core::spawn(asio::awaitable<void> work) {
  asio::co_spawn(io_, std::move(work), [](const std::exception_ptr& failure) {
    CHECK(failure == nullptr, "an exception left a coroutine of the HTTP server");
  });
}

asio::awaitable<void> HttpServer::Core::accept() {
  while (!stopping_) {
    auto [code, socket] = co_await acceptor_.async_accept(kTuple);
    if (stopping_) co_return;
    if (code) {
      // Usually too many open files: closing connections will free some.
      metrics_.count_refused("accept_failed");
      asio::steady_timer pause(io_, std::chrono::milliseconds(100));
      co_await pause.async_wait(kTuple);
    } else if (connections_.size() >= config_.connections_max) {
      metrics_.count_refused("too_many_connections");
    } else {
      error_code ignored;
      socket.set_option(tcp::no_delay(true), ignored);
      spawn(serve(std::move(socket)));
    }
  }
}

asio::awaitable<void> HttpServer::Core::serve(tcp::socket socket) {
  Connection connection(std::move(socket));
  connection.buffer.max_size(config_.header_bytes_max + 64 * 1024);
  connections_.insert(&connection);
  metrics_.set_connections(static_cast<std::int64_t>(connections_.size()));
  while (!stopping_ && co_await serve_request(connection)) connection.idle = true;
  if (connection.upgrade != nullptr && !stopping_) co_await serve_socket(connection);
  connections_.erase(&connection);
  metrics_.set_connections(static_cast<std::int64_t>(connections_.size()));
}

// Reads one request and answers it. Returns whether the connection can take another.
asio::awaitable<bool> HttpServer::Core::serve_request(Connection& connection) {
  Parser parser;
  parser.header_limit(static_cast<std::uint32_t>(config_.header_bytes_max));
  parser.body_limit(config_.body_bytes_max);
  const error_code code = co_await read_request(connection, parser);
  if (code && !is_refusal(code)) {
    if (code == beast::error::timeout && !connection.idle) metrics_.count_refused("slow_request");
    co_return false;
  }
  Request request;
  const Done parsed = code ? done() : parse_target(parser.get().target(), request);
  if (code || !parsed) {
    const Refusal refusal = refusal_of(code);
    metrics_.count_refused(refusal.reason);
    const Response page =
        error_page_(refusal.status, parsed ? std::string(refusal.detail) : parsed.error().message);
    if (co_await write(connection, page, false, true)) co_await linger(connection);
    co_return false;
  }
  const auto start = clock_.steady_now();
  const std::string method(method_label(parser));
  const bool with_body = parser.get().method() != http::verb::head;
  const bool keep_alive = parser.keep_alive();
  request.method = with_body ? std::string(parser.get().method_string()) : "GET";
  for (const auto& field : parser.get()) {
    request.headers.add(std::string(field.name_string()), std::string(field.value()));
  }
  request.body = std::move(parser.get().body());
  request.cancel = connection.cancel;
  error_code gone;
  const auto peer = connection.stream.socket().remote_endpoint(gone);
  if (!gone) request.peer = peer.address().to_string();

  const bool is_live = config_.live != nullptr && config_.live->takes(request);
  Response response;
  if (is_live) {
    response = co_await converse(connection, parser, std::move(request));
  } else {
    response = co_await handle(connection, std::move(request));
  }
  metrics_.count(
      response.route.empty() ? "other" : response.route, method, response.status,
      std::chrono::duration_cast<std::chrono::microseconds>(clock_.steady_now() - start));
  if (connection.upgrade != nullptr) co_return false;
  // What has no known end, ends with the connection.
  const bool stays = keep_alive && !stopping_ && !response.more;
  bool written = co_await write(connection, response, stays, with_body);
  if (written && response.more && with_body) written = co_await write_more(connection, response);
  if (written && !stays) co_await linger(connection);
  co_return written&& stays;
}

asio::awaitable<error_code> HttpServer::Core::read_request(Connection& connection, Parser& parser) {
  beast::tcp_stream& stream = connection.stream;
  beast::flat_buffer& buffer = connection.buffer;
  if (buffer.size() == 0) {
    stream.expires_after(config_.idle_timeout);
    const auto [code, size] = co_await stream.async_read_some(buffer.prepare(kFirstRead), kTuple);
    if (code) co_return code;
    buffer.commit(size);
  }
  connection.idle = false;
  stream.expires_after(config_.request_timeout);
  if (!parser.is_header_done()) {
    const auto [code, size] = co_await http::async_read_header(stream, buffer, parser, kTuple);
    if (code) co_return code;
  }
  if (beast::iequals(parser.get()[http::field::expect], "100-continue")) {
    static constexpr std::string_view kGoOn = "HTTP/1.1 100 Continue\r\n\r\n";
    const auto [code, size] =
        co_await asio::async_write(stream, asio::buffer(kGoOn.data(), kGoOn.size()), kTuple);
    if (code) co_return code;
  }
  if (!parser.is_done()) {
    const auto [code, size] = co_await http::async_read(stream, buffer, parser, kTuple);
    if (code) co_return code;
  }
  co_return error_code();
}

// A request of a live route, answered on this thread when there is something to say.
asio::awaitable<Response> HttpServer::Core::converse(Connection& connection, Parser& parser,
                                                     Request request) {
  struct Waiting {
    explicit Waiting(asio::io_context& io) : timer(io, asio::steady_timer::time_point::max()) {}
    asio::steady_timer timer;
    std::optional<Response> response;
  };
  const std::string route = request.path;
  request.method =
      std::string(parser.get().method_string());  // HEAD too: a poll takes what it gets
  connection.stream.expires_never();
  Response response;
  if (beast::websocket::is_upgrade(parser.get())) {
    auto answer = config_.live->socket(request);
    keep_ticking();
    if (auto* reader = std::get_if<std::shared_ptr<SocketReader>>(&answer)) {
      connection.reader = std::move(*reader);
      connection.upgrade = std::make_unique<Upgrade>(parser.release());
      response.status = 101;
    } else {
      response = std::get<Response>(std::move(answer));
    }
  } else {
    const auto waiting = std::make_shared<Waiting>(io_);
    config_.live->answer(std::move(request), [waiting](Response given) {
      waiting->response = std::move(given);
      waiting->timer.cancel();
    });
    keep_ticking();
    if (!waiting->response) co_await waiting->timer.async_wait(kTuple);
    CHECK(waiting->response, "a live route did not answer");
    response = *std::move(waiting->response);
  }
  response.route = route;
  co_return response;
}

asio::awaitable<void> HttpServer::Core::serve_socket(Connection& connection) {
  connection.idle = false;
  connection.buffer = beast::flat_buffer();
  const auto socket = std::make_shared<OpenSocket>(
      std::move(connection.stream),
      OpenSocket::Limits{config_.socket_bytes_max, config_.socket_idle_timeout});
  connection.socket = socket;
  const auto upgrade = std::move(connection.upgrade);
  const auto reader = std::move(connection.reader);
  if (co_await socket->accept(*upgrade)) co_await socket->run(*reader);
}

void HttpServer::Core::keep_ticking() {
  if (!std::exchange(ticking_, true)) spawn(tick());
}

asio::awaitable<void> HttpServer::Core::tick() {
  asio::steady_timer pause(io_);
  while (config_.live->anything_open() && cut_ == 0) {
    pause.expires_after(LiveRoutes::kTick);
    co_await pause.async_wait(kTuple);
    config_.live->tick();
  }
  ticking_ = false;
}

asio::awaitable<Response> HttpServer::Core::handle(Connection& connection, Request request) {
  if (waiting_ >= config_.waiting_max) {
    metrics_.count_refused("overload");
    co_return error_page_(503, "too many requests are waiting; try again in a second");
  }
  connection.stream.expires_never();
  ++waiting_;
  // From here to the second post this coroutine runs on a worker.
  co_await asio::post(asio::bind_executor(workers_.get_executor(), asio::use_awaitable));
  --waiting_;
  Response response = answer(request);
  co_await asio::post(asio::bind_executor(io_.get_executor(), asio::use_awaitable));
  co_return response;
}

Response HttpServer::Core::answer(const Request& request) const {
  Response response;
  try {
    response = handler_(request);
  } catch (...) {
    response = error_page_(500, "the server failed to answer; its log says more");
  }
  compress(request, response);
  return response;
}

asio::awaitable<bool> HttpServer::Core::write(Connection& connection, const Response& response,
                                              bool keep_alive, bool with_body) {
  const std::string head = head_of(response, keep_alive, clock_);
  const bool body = with_body && response.status != 304;
  const std::array<asio::const_buffer, 2> parts{
      asio::buffer(head), body ? asio::buffer(response.body) : asio::const_buffer()};
  connection.stream.expires_after(config_.write_timeout);
  const auto [code, size] = co_await asio::async_write(connection.stream, parts, kTuple);
  co_return !code;
}

asio::awaitable<bool> HttpServer::Core::write_more(Connection& connection,
                                                   const Response& response) {
  asio::steady_timer pause(io_);
  while (!stopping_) {
    const std::optional<std::string> text = response.more();
    if (!text) co_return true;
    if (!text->empty()) {
      connection.stream.expires_after(config_.write_timeout);
      const auto [code, size] =
          co_await asio::async_write(connection.stream, asio::buffer(*text), kTuple);
      if (code) co_return false;
      connection.stream.expires_never();
    }
    pause.expires_after(kMorePause);
    co_await pause.async_wait(kTuple);
  }
  co_return true;
}

asio::awaitable<void> HttpServer::Core::linger(Connection& connection) {
  error_code code;
  connection.stream.socket().shutdown(tcp::socket::shutdown_send, code);
  connection.stream.expires_after(kLingerTime);
  std::string dropped(16 * 1024, '\0');
  for (std::size_t total = 0; !code && total < kLingerBytes;) {
    auto [failure, size] =
        co_await connection.stream.async_read_some(asio::buffer(dropped), kTuple);
    code = failure;
    total += size;
  }
}

void HttpServer::Core::begin_stop() {
  stopping_ = true;
  error_code ignored;
  acceptor_.close(ignored);
  for (Connection* connection : connections_) {
    if (connection->idle) connection->stream.close();
  }
  if (config_.live == nullptr) return;
  config_.live->stop();
  keep_ticking();
}

void HttpServer::Core::cut_off() {
  for (Connection* connection : connections_) {
    if (!connection->idle) ++cut_;
    connection->cancel.cancel();
    if (connection->socket != nullptr) connection->socket->drop();
    connection->stream.close();
  }
  if (config_.on_cut_off) config_.on_cut_off();
}

Done HttpServer::Core::stop(Deadline deadline) {
  if (!thread_.joinable()) return done();
  asio::post(io_, [this] { begin_stop(); });
  auto ended = ended_.get_future();
  if (deadline.end() == Deadline::never().end()) {
    ended.wait();
  } else if (ended.wait_until(deadline.end()) == std::future_status::timeout) {
    asio::post(io_, [this] { cut_off(); });
  }
  thread_.join();
  workers_.join();
  if (cut_ == 0) return done();
  return Error{Fault::kTimeout,
               fmt::format("{} requests were cut off when the server stopped", cut_.load())};
}

HttpServer::HttpServer(std::unique_ptr<Core> core) : core_(std::move(core)) {}

HttpServer::~HttpServer() {
  // The owner was told by its own stop(), if it asked, what was cut off.
  static_cast<void>(core_->stop(Deadline::in(SystemClock(), std::chrono::microseconds(0))));
}

std::uint16_t HttpServer::port() const { return core_->port(); }
void HttpServer::post(std::function<void()> work) { core_->post(std::move(work)); }
Done HttpServer::stop(Deadline deadline) { return core_->stop(deadline); }

Result<std::unique_ptr<HttpServer>> HttpServer::start(HttpServerConfig config, Handler handler,
                                                      ErrorPage error_page, const Clock& clock,
                                                      HttpMetrics& metrics) {
  auto core = std::make_unique<Core>(std::move(config), std::move(handler), std::move(error_page),
                                     clock, metrics);
  TRY_DONE(core->listen());
  core->run();
  return std::make_unique<HttpServer>(std::move(core));
}

}  // namespace claimlake::net
