#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/cancel.h"
#include "net/http_message.h"

namespace claimlake::net {

struct WebRequest {
  std::string method;  // GET, HEAD, PUT, POST, DELETE
  std::string url;     // "https://host:9000/path?query", escaped
  Headers headers;
  std::string_view body;  // outlives the call
  // A longer answer is cut off here, and its rest is not read.
  std::int64_t answer_bytes_max = std::int64_t{1} << 30;
};

// What became of one request. It was sent at most once, unless it is a GET or a HEAD.
struct WebAnswer {
  enum class Fate {
    kWhole,      // `response` is the whole answer
    kCut,        // the connection broke in the body: `response.body` is its beginning
    kLost,       // no answer; whether the server acted on it is unknown
    kNotSent,    // there was no connection: the server has not seen it
    kCancelled,  // as kLost, because the caller asked to stop
  };
  Fate fate = Fate::kNotSent;
  Response response;
  std::string reason;     // for people, unless kWhole: "Could not resolve host: example.org"
  bool hopeless = false;  // of kNotSent: it will not go better (a certificate that is not believed)
};

struct WebClientOptions {
  int connections_max = 32;              // at once; further requests wait for a free one
  std::chrono::seconds connect_max{10};  // for one connection, TLS included
  std::chrono::seconds silence_max{30};  // without a byte in either direction
  std::string ca_file;                   // PEM of the authorities to trust; "": the system's
  bool use_proxy = true;                 // as http_proxy, https_proxy and no_proxy say
  Cancel cancel;                         // ends all requests, within a second
};

// Sends requests to HTTP and HTTPS servers over connections that are kept alive, and checks the
// servers' certificates. It follows no redirection. Thread-safe; send() blocks.
class WebClient {
 public:
  explicit WebClient(WebClientOptions options);
  ~WebClient();

  WebAnswer send(const WebRequest& request) const;

 private:
  struct Pool;
  const WebClientOptions options_;
  const std::unique_ptr<Pool> pool_;
};

}  // namespace claimlake::net
