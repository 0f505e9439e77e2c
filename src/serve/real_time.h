#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include "base/random.h"
#include "events/hub.h"
#include "net/http_server.h"
#include "serve/event_file.h"

namespace claimlake::serve {

// Tells clients of /ws and /socket.io/ what was committed, by whomever. Commits are looked for
// while somebody listens, and for a while after the last one went.
class RealTime final : public net::LiveRoutes {
 public:
  // All outlive this.
  RealTime(const ServeContext& context, SessionPool& sessions);
  ~RealTime() override;

  // From now on; `server` is one over these routes, and outlives this or stop().
  void start(net::HttpServer& server);
  // When it returns nothing is handed to the server any more.
  void end();

  bool takes(const net::Request& request) const override { return hub_.takes(request); }
  void answer(net::Request request, Reply reply) override;
  std::variant<net::Response, std::shared_ptr<net::SocketReader>> socket(
      const net::Request& request) override;
  void tick() override;
  bool anything_open() const override { return hub_.anything_open(); }
  void stop() override { hub_.stop(); }

 private:
  struct Wake {
    std::mutex mutex;
    std::condition_variable changed;
    bool wanted = false;
    bool ended = false;
  };
  void note_listeners();
  void run(net::HttpServer& server);
  void look(net::HttpServer& server);
  void wake();

  const ServeContext& context_;
  SessionPool& sessions_;
  SystemRandom random_;
  EventFile file_;      // on the I/O thread once it runs
  events::Hub hub_;     // on the I/O thread once it runs
  TableVersions told_;  // on the thread below
  std::atomic<bool> listened_ = false;
  const std::shared_ptr<Wake> wake_ = std::make_shared<Wake>();
  std::thread thread_;  // last: works on all of the above
};

}  // namespace claimlake::serve
