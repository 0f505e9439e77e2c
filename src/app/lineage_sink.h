#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "app/config.h"
#include "base/cancel.h"
#include "lake/lake.h"
#include "pack/lineage.h"
#include "refresh/open_lineage.h"

namespace claimlake::app {

// Whether claimlake.yml names a place for events of runs: `lineage_file`, `lineage_url`.
inline bool wants_lineage(const Config& config) {
  return !config.lineage_file.empty() || !config.lineage_url.empty();
}

// Makes the events of runs and sends them, on a thread of its own: no run waits for that. A place
// that cannot be reached is told in the log, with how many events of the run did not get there.
class LineageSink {
 public:
  struct Context {
    const Config& config;
    lake::Lake& lake;
    engine::Engine& engine;
    const pack::Pack& pack;
    const Clock& clock;
    std::string place;   // of the lake, in the names of tables
    std::string folder;  // what a relative file name starts from
  };
  // What `context` names outlives this.
  explicit LineageSink(Context context);
  // Sends what is left, as long as its place takes some of it within kStopMax.
  ~LineageSink();
  LineageSink(const LineageSink&) = delete;
  LineageSink& operator=(const LineageSink&) = delete;

  // From any thread; they return at once.
  void begins(const refresh::BegunTable& begun);
  void ends(const refresh::RunReport& report, std::string_view kind, const Error* broke_off);

 private:
  static constexpr std::chrono::seconds kStopMax{5};
  // A place that is long in failing is left alone for so many times as long, whatever runs end.
  static constexpr int kPauses = 10;
  // What waits at most; more comes only where a place is slower than the pipeline for long.
  static constexpr std::size_t kWaitingMax = 10'000;

  struct Ended {
    refresh::RunReport report;
    std::string kind;
    std::optional<Error> broke_off;
    Timestamp at{};
  };
  using Told = std::variant<refresh::BegunTable, Ended>;
  // One that events go to. One that does not take an event of a run is left alone until it ends.
  struct Place {
    std::string name;
    std::size_t lost = 0;  // events of this run
    std::string why;
    std::chrono::steady_clock::time_point again_at{};  // not before this
  };

  void add(Told told);
  void run();
  void handle(const Told& told);
  void tell_lost();
  void send(const std::vector<std::string>& events);
  // Returns how many were taken.
  std::size_t append(const std::vector<std::string>& events, std::string& why);
  std::size_t post(const std::vector<std::string>& events, std::string& why);

  const Context context_;
  Place file_, url_;
  std::optional<pack::Lineage> lineage_;
  std::map<std::string, std::map<std::string, Timestamp>> begun_;  // tables by run

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Told> waiting_;
  bool stopped_ = false;
  bool ended_ = false;
  std::atomic<std::int64_t> taken_ =
      0;  // in all: events by lineage_url, and batches by lineage_file
  Cancel cancel_;
  std::thread thread_;  // last: works on all of the above
};

}  // namespace claimlake::app
