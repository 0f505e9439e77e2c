#pragma once

#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/cancel.h"
#include "refresh/pipeline.h"
#include "refresh/recheck.h"
#include "refresh/waivers.h"
#include "schedule/event_feed.h"
#include "schedule/flow.h"
#include "schedule/live.h"
#include "schedule/owner.h"

namespace claimlake::schedule {

// What the last run of a table did, as ops.runs has it.
struct LastRun {
  std::string run;
  std::string outcome;  // "built", "skipped", "refused", "failed", "waiting"
  Timestamp finished_at{};
};

// Where the pipeline of a lake stands.
struct PipelineStatus {
  Schedule schedule;
  std::optional<Owner> owner;         // on this machine
  std::optional<Timestamp> next_due;  // of a schedule
  std::optional<LiveState> live;      // where this process runs it
  Timestamp looked_at{};
  std::vector<TableFlow> tables;
  std::map<std::string, LastRun> last_runs;  // by table
};
nlohmann::json to_json(const PipelineStatus& status);
// The mode and who runs the pipeline.
nlohmann::json mode_json(const Schedule& schedule, const std::optional<Owner>& owner);

// `table` and what reads it, directly or not: what one run brings up to date with it.
std::vector<std::string> with_readers(const pack::Pack& pack, const std::string& table);

// What a person does with the pipeline of a lake. The commands and the API are both this, so that
// they say and do the same. Thread-safe.
class Control {
 public:
  // A run that somebody asked for; who makes it knows what day it is.
  using MakeRun =
      std::function<Result<refresh::RunReport>(refresh::RunOptions wanted, const Cancel& cancel)>;
  // All outlive this.
  struct Context {
    lake::Lake& lake;
    engine::Engine& engine;
    const pack::Pack& pack;
    const Clock& clock;
    store::Store& store;    // keeps the mode
    std::string lock_path;  // of who runs the pipeline
    MakeRun make_run = {};
  };
  explicit Control(Context context);

  // Rows in are counted since the first call.
  Result<PipelineStatus> status();
  Result<Schedule> schedule() const;
  // Works while the pipeline runs. Returns what is kept, with by whom and when.
  Result<Schedule> set_schedule(Schedule wanted);
  // Brings Silver or Gold up to date with the layer before it, as it stands; "silver", "gold".
  // Errors: kInvalidInput (another step), kConflict (the pipeline is at work), those of a run.
  Result<refresh::RunReport> step(const std::string& step, const Cancel& cancel);
  std::optional<Owner> owner() const;

  // What people say of refused rows (docs/formats/quarantine.md). Who says it is the user of this
  // process where `request` names nobody. Errors: those of refresh::waive, withdraw and recheck.
  Result<std::vector<refresh::WaiverChange>> waive(refresh::WaiverRequest& request);
  Result<std::vector<refresh::WaiverChange>> withdraw(refresh::WaiverRequest& request);
  Result<refresh::Rechecked> recheck(const refresh::RecheckRequest& request);
  // The rows as they were found, and the one run, of the table and what reads it, if one of them is
  // refused no more. Errors: also those of step().
  struct Replayed {
    refresh::Rechecked found;
    std::optional<refresh::RunReport> run;
  };
  Result<Replayed> replay(const refresh::RecheckRequest& request, const Cancel& cancel);

  // Ends what looks at refused rows now or later: kCancelled. For who stops serving.
  void stop();

  // What the pipeline of this process tells; on its thread.
  void tell(const LiveEvent& event);
  // Tells listeners of commits that nothing else told of: those of other processes, and of steps.
  // For once a second; costs nothing while nobody listens.
  void look();
  EventFeed& events() { return events_; }

 private:
  // The flows of all tables; remembers which versions they have.
  struct Looking {
    std::unique_ptr<Flow> flow;
    std::map<std::string, std::optional<delta::LogVersion>> versions;
    bool listened = false;
  };
  static bool note_versions(Looking& looking, const std::vector<TableFlow>& flows);
  // A session that sees ops.quarantine, which is there from then on.
  Result<std::unique_ptr<engine::Session>> quarantine_session();
  // Calls `use` with such a session, which stop() knows while it runs.
  template <class T>
  Result<T> on_quarantine(const std::function<Result<T>(engine::Session&)>& use);
  struct Asked {
    std::set<engine::Session*> sessions;
    bool stopped = false;
  };

  const Context context_;
  Guarded<Looking> looking_;
  Guarded<std::optional<LiveState>> live_;
  Guarded<Asked> asked_;
  EventFeed events_;
};

}  // namespace claimlake::schedule
