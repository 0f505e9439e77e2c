#include "app/live_host.h"

#include <filesystem>
#include <system_error>

#include "base/log.h"
#include "schedule/folder_watch.h"
#include "store/store_url.h"

namespace claimlake::app {
namespace {

constexpr const char* kRawFolder = "raw";

std::string state_path(const Home& home) { return home.work_folder() + "/pipeline.state"; }

std::unique_ptr<schedule::Arrivals> arrivals_of(const std::string& raw_folder) {
  auto watch = schedule::FolderWatch::open(raw_folder);
  if (watch) return *std::move(watch);
  log(LogLevel::kWarning, "folder_not_watched", {{"why", watch.error().message}});
  return std::make_unique<schedule::SilentArrivals>();
}

}  // namespace

std::string LiveHost::lock_path(const Home& home) { return home.work_folder() + "/pipeline.lock"; }

std::optional<schedule::Owner> LiveHost::owner(const Home& home) {
  return schedule::Ownership::holder(lock_path(home));
}

std::optional<ToldState::Told> LiveHost::state(const Home& home) {
  return owner(home) ? ToldState(state_path(home)).read() : std::nullopt;
}

LiveHost::LiveHost(Home& home, std::unique_ptr<schedule::Ownership> ownership)
    : home_(home), ownership_(std::move(ownership)), told_(state_path(home)) {
  told_.forget();  // that of one who died
}

Result<std::unique_ptr<LiveHost>> LiveHost::start(Home& home, const std::string& program, Tell tell,
                                                  std::timed_mutex* at_work) {
  // Of a lake in an object store nothing may be there yet; taking the lock says what is wrong.
  std::error_code ignored;
  std::filesystem::create_directories(home.work_folder(), ignored);
  TRY(auto ownership, schedule::Ownership::take(lock_path(home), program, home.clock()));
  if (ownership == nullptr) return std::unique_ptr<LiveHost>();
  std::unique_ptr<LiveHost> host(new LiveHost(home, std::move(ownership)));  // private
  TRY_DONE(host->begin(std::move(tell), at_work));
  return host;
}

Done LiveHost::begin(Tell tell, std::timed_mutex* at_work) {
  home_.goes_on();
  TRY(pipeline_, home_.pipeline(progress_, cancel_));
  work_ = std::make_unique<schedule::PipelineWork>(home_.lake(), home_.pack(), *pipeline_,
                                                   kRawFolder, at_work);
  schedule::Landing::Context landing{home_.store(), kRawFolder, home_.pack().sources, home_.clock(),
                                     nullptr};
  if (store::is_store_url(home_.folder())) {
    landing.rules.appear_whole = true;
    arrivals_ = std::make_unique<schedule::SilentArrivals>();
  } else {
    const std::string folder = home_.folder() + "/" + kRawFolder;
    landing.writing = [folder](const std::string& name) {
      return schedule::open_for_writing(folder + "/" + name);
    };
    arrivals_ = arrivals_of(folder);
  }
  landing_ = std::make_unique<schedule::Landing>(std::move(landing));
  zone_ = std::make_unique<schedule::EngineZone>(home_.engine(), home_.pack().time_zone);
  const auto tell_all = [this, tell = std::move(tell)](const schedule::LiveEvent& event) {
    told_.tell(event.state, home_.clock().now());
    if (tell) tell(event);
  };
  live_ = std::make_unique<schedule::Live>(schedule::Live::Context{
      *work_, *landing_, *arrivals_, home_.store(), *zone_, home_.clock(), cancel_, tell_all});
  thread_ = std::thread([this] { live_->run(); });
  return done();
}

void LiveHost::stop() {
  cancel_.cancel();
  pipeline_->interrupt();
  arrivals_->wake();
}

LiveHost::~LiveHost() {
  if (!thread_.joinable()) return;
  stop();
  thread_.join();
  told_.forget();
}

}  // namespace claimlake::app
