#include "app/step_desk.h"

namespace claimlake::app {
namespace {

// A refresh takes less; a rebuild of large tables, or the intake of a flood, may take longer.
constexpr std::chrono::seconds kWaitMax{10};

}  // namespace

Result<refresh::RunReport> StepDesk::take(refresh::RunOptions wanted, const Cancel& cancel) {
  const std::unique_lock lock(at_work_, kWaitMax);
  if (!lock.owns_lock()) {
    return Error{Fault::kConflict, "The pipeline is working on the tables", "",
                 "try again when it has come to rest, or say: claimlake pipeline mode manual"};
  }
  NoProgress quiet;
  TRY(const auto pipeline, home_.pipeline(quiet, cancel));
  const bool goes = running_.with([&](Running& running) {
    running.pipeline = pipeline.get();
    running.cancel = cancel;
    return !running.stopped;
  });
  wanted.yield = true;  // the server may have read its pack long ago
  Result<refresh::RunReport> made = Error{Fault::kCancelled, "The server is stopping"};
  const auto today = home_.today();
  if (today && goes) {
    wanted.as_of = *today;
    made = pipeline->run(wanted);
  } else if (!today) {
    made = today.error();
  }
  running_.with([](Running& running) { running.pipeline = nullptr; });
  return made;
}

void StepDesk::stop() {
  running_.with([](Running& running) {
    running.stopped = true;
    if (running.pipeline == nullptr) return;
    running.cancel.cancel();
    running.pipeline->interrupt();
  });
}

}  // namespace claimlake::app
