#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/guarded.h"

namespace claimlake::store {

// An HTTP server on 127.0.0.1 that answers as a test decides, or passes a request on to a real
// server and spoils what comes back. One thread per connection; connections are kept alive.
class Imposter {
 public:
  struct Request {
    std::string method;
    std::string target;  // path and query as they were sent
    std::string head;    // the request line and all fields
    std::string body;
    int number = 0;  // from 0, in order of arrival
  };
  struct Reply {
    enum class What {
      kAnswer,       // `status`, `headers` and `body`
      kPass,         // what the real server answers
      kLoseRequest,  // the connection ends; nobody has seen the request
      kLoseAnswer,   // the real server acts on it, then the connection ends
      kReplace,      // the real server acts on it, `status` and so on is the answer
      kCut,          // the real server's answer up to the middle of its body
      kAnswerCut,    // as kAnswer up to the middle of `body`, then the connection ends
    };
    What what = What::kPass;
    int status = 200;
    std::string headers = {};  // lines, each with "\r\n"
    std::string body = {};
  };
  using Plan = std::function<Reply(const Request&)>;

  // A link to pass answers through.
  struct Link {
    std::chrono::milliseconds round_trip{0};  // waited for once per connection and per request
    std::int64_t bytes_per_second = 0;        // of all answers together; 0: no limit
  };

  // `upstream_port` of the real server on 127.0.0.1, or 0 if all is answered here.
  explicit Imposter(Plan plan, std::uint16_t upstream_port = 0)
      : Imposter(plan, upstream_port, {}) {}
  Imposter(Plan plan, std::uint16_t upstream_port, Link link);
  ~Imposter();

  std::string url() const;
  std::uint16_t port() const { return port_; }
  int requests() const { return requests_; }
  // How many journeys one behind the other the requests since `first` took: the longest row of
  // requests of which each came after the answer to the one before.
  int journeys(int first = 0) const;

 private:
  void accept_all();
  void serve(int connection);
  bool answer(int connection, const Request& request);
  std::string ask_upstream(const Request& request) const;
  bool send_over_link(int connection, std::string_view bytes);

  const Plan plan_;
  const std::uint16_t upstream_port_;
  const Link link_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<int> requests_{0};
  using Time = std::chrono::steady_clock::time_point;
  struct Span {
    int number = 0;
    Time begin;
    Time end;
  };
  Guarded<std::vector<Span>> spans_;  // of requests that were answered
  std::atomic<bool> stopping_{false};
  std::mutex link_mutex_;
  std::chrono::steady_clock::time_point link_free_at_{};  // under link_mutex_
  Guarded<std::vector<int>> connections_;
  Guarded<std::vector<std::jthread>> threads_;
  std::jthread accepting_;
};

}  // namespace claimlake::store
