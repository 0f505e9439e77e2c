#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "base/deadline.h"
#include "base/result.h"
#include "serve/answer.h"

namespace claimlake::serve {

struct ServerConfig {
  std::string address = "127.0.0.1";  // loopback only: there is no sign-in yet
  std::uint16_t port = 8360;          // 0 takes a free one
  // Answers that are made at once. Of these so many query the engine; writes only wait for the
  // disk, and those that wait together share one commit.
  int workers = 16;
  int sessions = 4;
  std::size_t cache_bytes_max = std::size_t{64} << 20;
  std::chrono::milliseconds query_time_max{10'000};  // of one query for an answer
};

// The API of api/openapi.yaml, the page and the metrics of one lake, over HTTP.
class Server {
  class Core;

 public:
  // Serves from now on. `context` and what it names outlive the server.
  // Errors: kInvalidInput (an address that others can reach), kUnavailable (the port is taken).
  static Result<std::unique_ptr<Server>> start(const ServerConfig& config,
                                               const ServeContext& context);
  explicit Server(std::unique_ptr<Core> core);  // see start()
  ~Server();

  std::uint16_t port() const;
  // Whether the page was built into this program.
  bool has_page() const;

  // Takes no more requests, lets running ones finish until `deadline`, then cuts them off.
  // Errors: kTimeout if some were cut off.
  Done stop(Deadline deadline);

 private:
  const std::unique_ptr<Core> core_;
};

}  // namespace claimlake::serve
