#include "net/http_client.h"

#include <fmt/format.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

namespace claimlake::net {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;

}  // namespace

struct HttpClient::State {
  explicit State(std::chrono::milliseconds timeout) : timeout(timeout) {}

  // Runs the operation that `start` starts with a handler until it ends or the time is over.
  template <class Start>
  Done run(std::string_view step, const Start& start) {
    boost::system::error_code failure = asio::error::timed_out;
    start([&failure](boost::system::error_code code, auto&&...) { failure = code; });
    io.restart();
    io.run_for(timeout);
    if (failure == asio::error::timed_out) {
      boost::system::error_code ignored;
      socket.close(ignored);
      io.run();
      return Error{Fault::kTimeout, fmt::format("no {} within {} ms", step, timeout.count())};
    }
    if (failure) {
      return Error{Fault::kUnavailable, fmt::format("no {}: {}", step, failure.message())};
    }
    return done();
  }

  const std::chrono::milliseconds timeout;
  asio::io_context io;
  asio::ip::tcp::socket socket{io};
  boost::beast::flat_buffer buffer;
};

HttpClient::HttpClient(std::unique_ptr<State> state) : state_(std::move(state)) {}
HttpClient::HttpClient(HttpClient&&) noexcept = default;
HttpClient& HttpClient::operator=(HttpClient&&) noexcept = default;
HttpClient::~HttpClient() = default;

Result<HttpClient> HttpClient::connect(std::uint16_t port, std::chrono::milliseconds timeout) {
  auto state = std::make_unique<State>(timeout);
  const asio::ip::tcp::endpoint server(asio::ip::address_v4::loopback(), port);
  TRY_DONE(state->run("connection",
                      [&](auto handler) { state->socket.async_connect(server, handler); }));
  return HttpClient(std::move(state));
}

Result<Response> HttpClient::send(std::string_view method, std::string_view target,
                                  const Headers& headers, std::string_view body) {
  std::string text = fmt::format("{} {} HTTP/1.1\r\n", method, target);
  if (!headers.has("Host")) text += "Host: 127.0.0.1\r\n";
  for (const auto& [name, value] : headers) text += fmt::format("{}: {}\r\n", name, value);
  if (!body.empty()) text += fmt::format("Content-Length: {}\r\n", body.size());
  text += "\r\n";
  text += body;
  TRY_DONE(write(text));
  return read_response(method != "HEAD");
}

Done HttpClient::write(std::string_view bytes) {
  return state_->run("sending", [&](auto handler) {
    asio::async_write(state_->socket, asio::buffer(bytes.data(), bytes.size()), handler);
  });
}

Result<Response> HttpClient::read_response(bool has_body) {
  http::response_parser<http::string_body> parser;
  parser.body_limit(boost::none);
  parser.skip(!has_body);
  TRY_DONE(state_->run("answer", [&](auto handler) {
    http::async_read(state_->socket, state_->buffer, parser, handler);
  }));
  auto message = parser.release();
  Response response;
  response.status = static_cast<int>(message.result_int());
  for (const auto& field : message) {
    response.headers.add(std::string(field.name_string()), std::string(field.value()));
  }
  response.body = std::move(message.body());
  return response;
}

Result<std::string> HttpClient::read_to_end() {
  // What came behind the last answer.
  const auto data = state_->buffer.data();
  std::string text(static_cast<const char*>(data.data()), data.size());
  state_->buffer.consume(data.size());
  TRY_DONE(state_->run("end of the connection", [&](auto handler) {
    asio::async_read(state_->socket, asio::dynamic_buffer(text), asio::transfer_all(),
                     [handler](boost::system::error_code code, std::size_t) {
                       handler(code == asio::error::timed_out ? code : boost::system::error_code());
                     });
  }));
  return text;
}

}  // namespace claimlake::net
