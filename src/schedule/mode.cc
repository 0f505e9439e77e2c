#include "schedule/mode.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/text.h"

namespace claimlake::schedule {
namespace {

using namespace std::chrono_literals;

constexpr int kFormat = 1;
constexpr std::chrono::seconds kEveryMax = std::chrono::days(7);

struct Unit {
  char letter;
  std::chrono::seconds length;
};
constexpr Unit kUnits[] = {{'d', std::chrono::days(1)}, {'h', 1h}, {'m', 1min}, {'s', 1s}};

Error damaged(std::string why) {
  return {Fault::kCorrupt, "The mode of the pipeline cannot be read: " + std::move(why),
          kSchedulePath, "claimlake pipeline mode continuous writes it anew"};
}

std::string text_of(const nlohmann::json& json, const char* name) {
  const auto found = json.find(name);
  return found != json.end() && found->is_string() ? found->get<std::string>() : "";
}

}  // namespace

const char* mode_name(Mode mode) {
  switch (mode) {
    case Mode::kContinuous:
      return "continuous";
    case Mode::kScheduled:
      return "scheduled";
    case Mode::kManual:
      return "manual";
  }
  return "unknown";
}

std::string Schedule::text() const {
  std::string text = mode_name(mode);
  if (mode != Mode::kScheduled) return text;
  return cron ? text + " at " + cron->text() : text + " every " + every_text(every);
}

Result<Mode> parse_mode(std::string_view text) {
  for (const Mode mode : {Mode::kContinuous, Mode::kScheduled, Mode::kManual}) {
    if (text == mode_name(mode)) return mode;
  }
  const std::string near = nearest(std::string(text), {"continuous", "scheduled", "manual"});
  return Error{Fault::kInvalidInput, fmt::format("There is no mode '{}'", excerpt(text)), "",
               near.empty() ? "say continuous, scheduled or manual" : "did you mean " + near + "?"};
}

Result<std::chrono::seconds> parse_every(std::string_view text) {
  for (const Unit& unit : kUnits) {
    if (text.empty() || text.back() != unit.letter) continue;
    const auto number = whole_number(text.substr(0, text.size() - 1));
    if (number && *number >= 1 && *number <= kEveryMax / unit.length) return *number * unit.length;
  }
  return Error{Fault::kInvalidInput,
               fmt::format("'{}' is no time between two runs, from 1s to 7d", excerpt(text)), "",
               "for example --every 5m"};
}

std::string every_text(std::chrono::seconds every) {
  for (const Unit& unit : kUnits) {
    if (every % unit.length == 0s) return fmt::format("{}{}", every / unit.length, unit.letter);
  }
  return fmt::format("{}s", every.count());
}

Result<Schedule> make_schedule(std::string_view mode, std::string_view every,
                               std::string_view cron) {
  Schedule wanted;
  wanted.mode = Mode::kScheduled;
  if (!mode.empty()) {
    TRY(wanted.mode, parse_mode(mode));
  }
  const bool scheduled = wanted.mode == Mode::kScheduled;
  const bool has_time = !every.empty() || !cron.empty();
  if (scheduled != has_time || (!every.empty() && !cron.empty())) {
    return Error{Fault::kInvalidInput,
                 scheduled ? "A schedule has either an interval (every) or times (cron)"
                           : "Only the mode scheduled has an interval (every) or times (cron)",
                 "", "claimlake pipeline mode scheduled --every 5m"};
  }
  if (!every.empty()) {
    TRY(wanted.every, parse_every(every));
  }
  if (!cron.empty()) {
    TRY(wanted.cron, Cron::parse(cron));
  }
  return wanted;
}

Result<Schedule> parse_schedule(std::string_view json) {
  const auto parsed = nlohmann::json::parse(json, nullptr, false);
  if (!parsed.is_object()) return damaged("it is no JSON object");
  Schedule schedule;
  auto mode = parse_mode(text_of(parsed, "mode"));
  if (!mode) return damaged(mode.error().message);
  schedule.mode = *mode;
  schedule.changed_by = text_of(parsed, "changed_by");
  if (const auto at = parse_timestamp(text_of(parsed, "changed_at"))) schedule.changed_at = *at;
  if (schedule.mode != Mode::kScheduled) return schedule;
  if (const std::string cron = text_of(parsed, "cron"); !cron.empty()) {
    auto made = Cron::parse(cron);
    if (!made) return damaged(made.error().message);
    schedule.cron = *std::move(made);
    return schedule;
  }
  const auto every = parse_every(text_of(parsed, "every"));
  if (!every) return damaged("it is scheduled, and has neither 'every' nor 'cron'");
  schedule.every = *every;
  return schedule;
}

std::string to_json_text(const Schedule& schedule) {
  nlohmann::json json = {{"format", kFormat}, {"mode", mode_name(schedule.mode)}};
  if (schedule.mode == Mode::kScheduled && schedule.cron) json["cron"] = schedule.cron->text();
  if (schedule.mode == Mode::kScheduled && !schedule.cron) {
    json["every"] = every_text(schedule.every);
  }
  if (schedule.changed_at) json["changed_at"] = to_rfc3339(*schedule.changed_at);
  json["changed_by"] = schedule.changed_by;
  return json.dump(1) + "\n";
}

Result<Schedule> read_schedule(const store::Store& store) {
  const auto text = store.read(kSchedulePath);
  if (!text && text.error().fault == Fault::kNotFound) return Schedule{};
  if (!text) return text.error();
  return parse_schedule(*text);
}

Done write_schedule(store::Store& store, const Schedule& schedule) {
  return store.put(kSchedulePath, to_json_text(schedule));
}

Result<Timestamp> next_time(const Schedule& schedule, Zone& zone, Timestamp time) {
  CHECK(schedule.mode == Mode::kScheduled, "only a scheduled pipeline has times");
  if (schedule.cron) return next_time(*schedule.cron, zone, time);
  CHECK(schedule.every > 0s, "a schedule without cron has an interval");
  const auto since = time.time_since_epoch();
  return Timestamp((since / schedule.every + 1) * std::chrono::microseconds(schedule.every));
}

}  // namespace claimlake::schedule
