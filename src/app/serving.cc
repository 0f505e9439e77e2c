#include "app/serving.h"

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <cstdio>
#include <future>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>

#include "app/interrupt.h"
#include "app/live_host.h"
#include "app/step_desk.h"
#include "app/version.h"
#include "base/deadline.h"
#include "base/log.h"
#include "records/relay_host.h"
#include "schedule/control.h"
#include "serve/server.h"
#include "store/store_url.h"

namespace claimlake::app {
namespace {

using namespace std::chrono_literals;

// How long running requests may still take after Ctrl-C.
constexpr auto kGrace = 10s;

// What the pipeline did, in the log of the server.
void log_event(const schedule::LiveEvent& event) {
  for (const auto& [of, problem] : event.state.problems) {
    log(LogLevel::kWarning, "pipeline_problem", {{"of", of}, {"message", problem.what}});
  }
  for (const auto* report : {&event.ingested, &event.refreshed}) {
    if (!*report) continue;
    log(LogLevel::kInfo, report == &event.ingested ? "ingested" : "refreshed",
        {{"run", (*report)->run},
         {"rows", std::to_string((*report)->rows())},
         {"refused_rows", std::to_string((*report)->refused_rows())},
         {"seconds", fmt::format("{:.3f}", (*report)->seconds)}});
  }
}

// The pipeline beside the server; a server without one serves what is there, and says so.
std::unique_ptr<LiveHost> start_pipeline(Home& home, const Globals& globals,
                                         schedule::Control& control, StepDesk& steps) {
  const auto tell = [&control](const schedule::LiveEvent& event) {
    log_event(event);
    control.tell(event);
  };
  auto host = LiveHost::start(home, "serve", tell, &steps.at_work());
  if (!host) {
    globals.output.text("The pipeline does not run here: " + host.error().text());
    return nullptr;
  }
  if (*host == nullptr) {
    const auto owner = LiveHost::owner(home);
    globals.output.text((owner ? owner->text() : "Another process") + " runs the pipeline.");
  } else {
    globals.output.text(
        fmt::format("What is dropped into {}/raw goes to Gold by itself (claimlake pipeline mode).",
                    home.folder()));
  }
  return *std::move(host);
}

// The operational store of the lake itself; null where it has none. A lake that may only be read is
// served all the same.
Result<std::unique_ptr<records::Records>> open_records(Home& home, const Globals& globals) {
  if (!home.environment().empty()) return std::unique_ptr<records::Records>();
  std::string place = home.config().records;
  if (place.empty()) {
    if (store::is_store_url(home.folder())) return std::unique_ptr<records::Records>();
    place = home.folder() + "/.claimlake/records.db";
  }
  auto opened = records::Records::open(place, home.clock(), home.random());
  const bool is_chosen = !home.config().records.empty();
  if (opened || is_chosen || opened.error().fault != Fault::kUnavailable) return opened;
  globals.output.text("Nothing can be entered here: " + opened.error().text());
  return std::unique_ptr<records::Records>();
}

// Looks once a second for commits that nothing tells of, while somebody listens.
class Looker {
 public:
  explicit Looker(schedule::Control& control) : thread_([this, &control] { run(control); }) {}
  ~Looker() {
    {
      const std::lock_guard lock(mutex_);
      stopped_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }
  Looker(const Looker&) = delete;
  Looker& operator=(const Looker&) = delete;

 private:
  void run(schedule::Control& control) {
    std::unique_lock lock(mutex_);
    while (!changed_.wait_for(lock, 1s, [this] { return stopped_; })) {
      lock.unlock();
      control.look();
      lock.lock();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopped_ = false;
  std::thread thread_;  // last: works on all of the above
};

}  // namespace

Result<Exit> serve_until_stopped(Home& home, const Globals& globals, bool with_pipeline) {
  set_log_level(std::min(home.config().log_level, LogLevel::kInfo));
  // Raw files that the generator made are no insurer's: the page says so.
  const bool is_demo = home.store().head("raw/meta.json").has_value();
  StepDesk steps(home);
  schedule::Control control({home.lake(), home.engine(), home.pack(), home.clock(), home.store(),
                             LiveHost::lock_path(home),
                             [&steps](refresh::RunOptions wanted, const Cancel& cancel) {
                               return steps.take(std::move(wanted), cancel);
                             }});
  TRY(const auto records, open_records(home, globals));
  const serve::ServeContext context{home.lake(),   home.engine(),     home.pack(), home.clock(),
                                    control,       home.folder(),     is_demo,     kVersion,
                                    records.get(), home.work_folder()};
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
  std::unique_ptr<LiveHost> pipeline;
  if (with_pipeline) pipeline = start_pipeline(home, globals, control, steps);
  std::unique_ptr<records::RelayHost> relay;
  if (records != nullptr) {  // whoever runs the pipeline: nobody else may bring what is entered
    relay = std::make_unique<records::RelayHost>(*records, home.store());
  }
  auto looker = std::make_unique<Looker>(control);
  globals.output.value({{"url", url}, {"port", server->port()}});
  std::fflush(stdout);
  stop.wait();
  looker.reset();
  steps.stop();
  control.stop();
  pipeline.reset();
  const Done ended = server->stop(Deadline::in(home.clock(), kGrace));
  relay.reset();
  TRY_DONE(ended);
  globals.output.text("Stopped.");
  return Exit::kDone;
}

}  // namespace claimlake::app
