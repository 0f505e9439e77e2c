#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "schedule/cron.h"
#include "store/store.h"

namespace claimlake::schedule {

// When the pipeline works.
enum class Mode {
  kContinuous,  // as soon as something arrives
  kScheduled,   // at certain times
  kManual,      // Bronze takes files in; Silver and Gold wait for a person
};
const char* mode_name(Mode mode);  // "continuous", "scheduled", "manual"

struct Schedule {
  Mode mode = Mode::kContinuous;
  std::chrono::seconds every{0};  // kScheduled: at each multiple of it since 1970, in UTC
  std::optional<Cron> cron;       // kScheduled: or at these times in the pack's zone
  std::optional<Timestamp> changed_at;
  std::string changed_by;

  // For people: "continuous", "scheduled every 5m", "scheduled at 0 6 * * 1-5".
  std::string text() const;
};

// Where the lake keeps it.
inline constexpr const char* kSchedulePath = ".claimlake/pipeline.json";

// Continuous where nobody has said anything. Errors: kCorrupt (naming the file), kUnavailable.
Result<Schedule> read_schedule(const store::Store& store);
Done write_schedule(store::Store& store, const Schedule& schedule);
Result<Schedule> parse_schedule(std::string_view json);
std::string to_json_text(const Schedule& schedule);

// Errors: kInvalidInput with what may be said.
Result<Mode> parse_mode(std::string_view text);
// "30s", "5m", "2h", "1d", from 1 s to 7 d.
Result<std::chrono::seconds> parse_every(std::string_view text);
std::string every_text(std::chrono::seconds every);

// The schedule that is asked for by mode, `every` and `cron`, each "" where it is not given; a time
// alone means kScheduled. Errors: kInvalidInput with what may be said.
Result<Schedule> make_schedule(std::string_view mode, std::string_view every,
                               std::string_view cron);

// The first time after `time` that the schedule names; only for kScheduled.
Result<Timestamp> next_time(const Schedule& schedule, Zone& zone, Timestamp time);

}  // namespace claimlake::schedule
