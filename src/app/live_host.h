#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "app/home.h"
#include "app/told_state.h"
#include "schedule/live.h"
#include "schedule/owner.h"
#include "schedule/pipeline_work.h"

namespace claimlake::app {

// The live pipeline of an opened lake, on a thread of its own.
class LiveHost {
 public:
  using Tell = std::function<void(const schedule::LiveEvent&)>;

  // Starts it. Nothing if another process of this machine runs it. `program` names the command;
  // `tell` is called on the pipeline's thread. `home` outlives this, and so does `at_work`, which
  // is held while tables are worked on (see PipelineWork).
  static Result<std::unique_ptr<LiveHost>> start(Home& home, const std::string& program, Tell tell,
                                                 std::timed_mutex* at_work = nullptr);
  ~LiveHost();
  LiveHost(const LiveHost&) = delete;
  LiveHost& operator=(const LiveHost&) = delete;

  // Ends the work in its middle; nothing of it is published then. Does not wait. From any thread.
  void stop();
  // Who runs the pipeline of the lake on this machine, if anybody.
  static std::optional<schedule::Owner> owner(const Home& home);
  // The file whose lock says so.
  static std::string lock_path(const Home& home);
  // Where it stands, as the owner told last; nothing if nobody owns it.
  static std::optional<ToldState::Told> state(const Home& home);

 private:
  LiveHost(Home& home, std::unique_ptr<schedule::Ownership> ownership);
  Done begin(Tell tell, std::timed_mutex* at_work);

  Home& home_;
  const std::unique_ptr<schedule::Ownership> ownership_;
  const ToldState told_;
  Cancel cancel_;
  NoProgress progress_;
  std::unique_ptr<refresh::Pipeline> pipeline_;
  std::unique_ptr<schedule::PipelineWork> work_;
  std::unique_ptr<schedule::Arrivals> arrivals_;
  std::unique_ptr<schedule::Landing> landing_;
  std::unique_ptr<schedule::EngineZone> zone_;
  std::unique_ptr<schedule::Live> live_;
  std::thread thread_;  // last: works on all of the above
};

}  // namespace claimlake::app
