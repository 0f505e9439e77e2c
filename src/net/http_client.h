#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "net/http_message.h"

namespace claimlake::net {

// One connection to an HTTP server on 127.0.0.1, for tests and for asking a claimlake on this
// machine. It blocks, at most `timeout` per call. One thread at a time.
class HttpClient {
 public:
  // Errors: kUnavailable (nobody listens there).
  static Result<HttpClient> connect(std::uint16_t port, std::chrono::milliseconds timeout);
  HttpClient(HttpClient&&) noexcept;
  HttpClient& operator=(HttpClient&&) noexcept;
  ~HttpClient();

  // Sends one request and reads its answer. `headers` may replace the Host field.
  // Errors: kUnavailable (the server closed the connection), kTimeout.
  Result<Response> send(std::string_view method, std::string_view target,
                        const Headers& headers = {}, std::string_view body = {});
  // The two halves, for bytes that are no proper request.
  Done write(std::string_view bytes);
  Result<Response> read_response(bool has_body = true);
  // Everything until the server closes the connection.
  Result<std::string> read_to_end();

 private:
  struct State;
  explicit HttpClient(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace claimlake::net
