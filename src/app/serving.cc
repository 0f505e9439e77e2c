#include "app/serving.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <future>
#include <nlohmann/json.hpp>

#include "app/interrupt.h"
#include "app/version.h"
#include "base/deadline.h"
#include "serve/server.h"

namespace claimlake::app {
namespace {

using namespace std::chrono_literals;

// How long running requests may still take after Ctrl-C.
constexpr auto kGrace = 10s;

}  // namespace

Result<Exit> serve_until_stopped(Home& home, const Globals& globals) {
  set_log_level(std::min(home.config().log_level, LogLevel::kInfo));
  // Raw files that the generator made are no insurer's: the page says so.
  const bool is_demo = home.store().head("raw/meta.json").has_value();
  const serve::ServeContext context{home.lake(),   home.engine(), home.pack(), home.clock(),
                                    home.folder(), is_demo,       kVersion};
  serve::ServerConfig config;
  config.address = home.config().address;
  config.port = static_cast<std::uint16_t>(home.config().port);
  std::promise<void> stopped;
  std::future<void> stop = stopped.get_future();
  const Interrupt interrupt(Cancel(), [&stopped] { stopped.set_value(); });
  TRY(const auto server, serve::Server::start(config, context));

  const std::string url = fmt::format("http://{}:{}", config.address, server->port());
  globals.output.text(fmt::format("The page is at {}  (API at {}/docs, Ctrl-C stops)", url, url));
  if (!server->has_page()) {
    globals.output.text("The page itself was not built into this program; ./run.sh does that.");
  }
  globals.output.value({{"url", url}, {"port", server->port()}});
  std::fflush(stdout);
  stop.wait();
  TRY_DONE(server->stop(Deadline::in(home.clock(), kGrace)));
  globals.output.text("Stopped.");
  return Exit::kDone;
}

}  // namespace claimlake::app
