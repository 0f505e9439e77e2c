#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/cancel.h"
#include "schedule/landing.h"
#include "schedule/mode.h"
#include "schedule/work.h"
#include "schedule/zone.h"

namespace claimlake::schedule {

// Bounds of the live pipeline.
struct LiveLimits {
  // After a refresh during which more arrived, what comes is collected for this share of the time
  // that it took, at most so long. What arrives at rest is taken at once.
  double collect_share = 0.1;
  std::chrono::milliseconds collect_max{1'000};
  // How often the mode, and commits by other processes, are looked for.
  std::chrono::milliseconds look_every{1'000};
  // How often the raw folder is listed: where arrivals are told of, since a notification may be
  // lost; and where not.
  std::chrono::seconds list_told_every{300};
  std::chrono::milliseconds list_untold_every{2'000};
  // Files per round, so that Silver and Gold follow a flood; so many times as many in each further
  // round, for each round costs a refresh, and one of all costs less than several of parts.
  std::size_t files_first = 1'024;
  std::size_t files_growth = 8;
  std::size_t files_max = 65'536;
  // After a failure, twice as long after each further one.
  std::chrono::milliseconds retry_first{1'000};
  std::chrono::milliseconds retry_max{60'000};
};

// Something that keeps a part of the pipeline from working.
struct Problem {
  std::string what;  // for people
  Timestamp since{};
  std::optional<Timestamp> again_at = {};  // when it is tried again, where it goes by time
};

// Where the live pipeline stands.
struct LiveState {
  Schedule schedule;
  Date today{};
  std::optional<Timestamp> next_due;  // of a schedule
  std::size_t files_waiting = 0;
  std::vector<WaitingFile> being_written;
  std::vector<WaitingFile> files_refused;
  std::map<std::string, Problem> problems;  // by what they keep from working: tables, "files", ...
};

// What was done in one go.
struct LiveEvent {
  LiveState state;
  std::optional<refresh::RunReport> ingested;
  std::optional<refresh::RunReport> refreshed;
  Timestamp noticed_at{};  // when the work was first known to wait
  Timestamp finished_at{};
};

// The pipeline that runs by itself: waits for arrivals, commits of others, the hour and the day,
// and does what the mode says. Nothing is kept but in memory: after a death the raw folder and the
// tables say what is left to do (docs/formats/live.md). One thread, but for `cancel` and wake().
class Live {
 public:
  struct Context {
    Work& work;
    Landing& landing;
    Arrivals& arrivals;
    const store::Store& store;  // that keeps the mode
    Zone& zone;                 // of the pack
    const Clock& clock;
    Cancel cancel;
    std::function<void(const LiveEvent&)> tell;  // after each turn that did or changed something
    LiveLimits limits = {};
  };
  explicit Live(Context context) : context_(std::move(context)) {}

  // Works and waits until cancelled.
  void run();
  // Does what is due. Returns how long there is nothing to do unless something arrives.
  std::chrono::microseconds turn();
  // Waits, and keeps what it was told for the next turn.
  void wait(std::chrono::microseconds at_most);

 private:
  using Steady = std::chrono::steady_clock::time_point;
  enum class Due { kNothing, kIngest, kAll };
  // After failures: not before a certain time, later after each further one.
  struct Backoff {
    int failures = 0;
    std::optional<Steady> until;
    void fail(Steady now, const LiveLimits& limits);
    std::chrono::milliseconds next(const LiveLimits& limits) const;  // how long after one more
    bool over(Steady now) const { return until && now >= *until; }
  };

  void look_at_mode();
  void look_at_day();
  void look_at_raw();
  void look_at_versions();
  Due due();
  void work(Due what);
  void ingest(LiveEvent& event);
  // Which of the files that were handed over are in Bronze now, and which are not. Returns why
  // whole tables took nothing in, "" if none.
  std::string keep_account(const refresh::RunReport& report);
  void refresh(LiveEvent& event);
  bool is_refresh_due() const;
  void set_next_due();
  void set_problem(const std::string& of, std::string what);
  // Says of a table that it failed, and when it is tried again: returns whether it is by time.
  bool table_fails(const refresh::TableReport& table);
  void tell(LiveEvent event);
  LiveState state() const;
  std::chrono::microseconds until_next() const;
  Steady steady() const { return context_.clock.steady_now(); }

  Context context_;
  Arrived told_;
  Schedule schedule_;
  Day day_;
  std::optional<Timestamp> next_due_;  // and since when it is known, for clocks that jump back
  Timestamp next_due_from_{};
  bool first_ = true;
  Steady look_at_{};               // mode and versions, next
  Steady list_at_{};               // the raw folder, next
  std::optional<Steady> noticed_;  // work waits since then
  Timestamp noticed_at_{};
  Steady collect_until_{};
  std::optional<Steady> told_at_;  // when to look at what arrived while it worked
  Backoff ingest_backoff_, refresh_backoff_;
  bool refresh_wanted_ = true;  // the date turned: whatever the versions say
  std::size_t files_per_round_ = 0;
  std::vector<bronze::RawFile> complete_;
  std::map<std::string, delta::LogVersion> versions_;   // newest known
  std::map<std::string, delta::LogVersion> refreshed_;  // that the last refresh left behind
  std::map<std::string, Problem> problems_;
  std::string told_state_;
};

}  // namespace claimlake::schedule
