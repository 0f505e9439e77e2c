#include "live_pipeline.h"

#include <fmt/format.h>

#include <algorithm>

#include "schedule/live.h"
#include "schedule/pipeline_work.h"

namespace claimlake::sim {
namespace {

using namespace std::chrono_literals;
using schedule::Mode;

// Nobody tells of arrivals, and time passes by the world's clock alone.
class NobodyTells final : public schedule::Arrivals {
 public:
  schedule::Arrived wait(std::chrono::microseconds) override { return {}; }
  void wake() override {}
  bool tells() const override { return false; }
};

// The zone of the simulation's pack.
class Utc final : public schedule::Zone {
 public:
  Result<schedule::LocalTime> to_local(Timestamp time) override {
    return schedule::LocalTime(time.time_since_epoch());
  }
  Result<Timestamp> to_utc(schedule::LocalTime time) override {
    return Timestamp(time.time_since_epoch());
  }
};

// The work of the pipeline, seen by the world: what was taken in is acknowledged.
class WatchedWork final : public schedule::Work {
 public:
  WatchedWork(const LiveProcess& process, schedule::Work& inner)
      : process_(process), inner_(inner) {}

  Result<refresh::RunReport> ingest(const std::vector<bronze::RawFile>& files) override {
    World& world = process_.world;
    const auto before = world.raw.present();
    TRY(auto report, inner_.ingest(files));
    std::set<std::string> not_taken;
    for (const auto& table : report.tables) {
      const bool taken = table.outcome == refresh::TableOutcome::kBuilt ||
                         table.outcome == refresh::TableOutcome::kSkipped;
      if (!taken) not_taken.insert(table.table);
    }
    for (const bronze::RawFile& file : files) {
      const auto there = before.find(file.name);
      if (there == before.end() || world.raw.present().at(file.name) != there->second) continue;
      const bool policies = world.raw.contents()[there->second].source == Source::kPolicies;
      if (not_taken.contains(policies ? "bronze.policies" : "bronze.claims")) continue;
      world.acknowledged.insert(there->second);
    }
    return report;
  }
  Result<refresh::RunReport> refresh(Date as_of, const Fails& fails) override {
    // The planted bug: what waited while a person held the pipeline counts as taken in.
    if (std::exchange(forgets_, false)) return refresh::RunReport{};
    return inner_.refresh(as_of, fails);
  }
  Done finish(const std::function<bool()>& hurry) override { return inner_.finish(hurry); }
  Result<std::map<std::string, delta::LogVersion>> versions() override { return inner_.versions(); }

  void leaves_manual() { forgets_ = process_.world.plant == Plant::kForgetsWaiting; }

 private:
  const LiveProcess& process_;
  schedule::Work& inner_;
  bool forgets_ = false;
};

class LiveRun {
 public:
  explicit LiveRun(const LiveProcess& process)
      : process_(process),
        world_(process.world),
        inner_(process.lake, process.pack, process.pipeline, RawFiles::kFolder),
        work_(process, inner_),
        landing_({process.store,
                  RawFiles::kFolder,
                  process.pack.sources,
                  world_.clock,
                  nullptr,
                  {.appear_whole = true}}),
        live_({work_,
               landing_,
               arrivals_,
               process.store,
               zone_,
               world_.clock,
               Cancel(),
               [this](const schedule::LiveEvent& event) { hear(event); },
               {}}) {}

  // Something happens, and the pipeline has a turn.
  void round() {
    Random& random = world_.random;
    if (random.below(2) == 0) switch_mode();
    if (random.below(2) == 0) world_.say("  arrives " + world_.raw.arrive());
    if (random.below(4) == 0) process_.person();
    if (random.below(10) == 0) {
      world_.let_pass_until(Timestamp(world_.today() + std::chrono::days(1)) + 1s);
    }
    constexpr std::chrono::milliseconds kPauses[] = {10ms, 1'200ms, 3s, 61s, 400s};
    turn(kPauses[random.below(5)]);
    if (random.below(3) == 0) step(random.below(2) == 0 ? "silver" : "gold");
  }

  // Everything that came is taken to Gold, by what the mode asks for.
  void come_to_rest() {
    turn(3s);
    if (state_.schedule.mode == Mode::kScheduled && state_.next_due) {
      world_.let_pass_until(*state_.next_due + 1ms);
    }
    turn(3s);
    turn(3s);
    if (state_.schedule.mode == Mode::kManual) {
      step("silver");
      step("gold");
    }
    well_ = well_ && state_.problems.empty();
    if (!well_) world_.say("  it does not come to rest");
  }

  bool well() const { return well_; }
  bool dead() const { return process_.dead(); }

 private:
  void turn(std::chrono::microseconds after) {
    if (dead()) return;
    world_.clock.advance(after);
    live_.turn();
  }

  // In `manual` the pipeline moves nothing but Bronze, whatever comes.
  void hear(const schedule::LiveEvent& event) {
    state_ = event.state;
    std::string line = fmt::format("  {} is {}", process_.name, state_.schedule.text());
    for (const auto* report : {&event.ingested, &event.refreshed}) {
      if (!*report) continue;
      line += report == &event.ingested ? ", took in" : ", refreshed";
      for (const auto& table : (*report)->tables) {
        line += fmt::format(" {} {}", table.table, refresh::outcome_name(table.outcome));
        if (table.version) line += fmt::format("@{}", *table.version);
      }
    }
    for (const auto& [of, problem] : state_.problems) line += "; " + of + ": " + problem.what;
    world_.say(line);
    if (event.refreshed && state_.schedule.mode == Mode::kManual) {
      world_.hold("the pipeline refreshed tables by itself, and its mode is manual");
    }
  }

  void switch_mode() {
    schedule::Schedule wanted;
    constexpr Mode kModes[] = {Mode::kContinuous, Mode::kScheduled, Mode::kManual, Mode::kManual};
    wanted.mode = kModes[world_.random.below(4)];
    if (wanted.mode == Mode::kScheduled && world_.random.below(2) == 0) {
      wanted.every = std::chrono::seconds(30 * (1 + world_.random.below(4)));
    } else if (wanted.mode == Mode::kScheduled) {
      wanted.cron = *schedule::Cron::parse("*/5 * * * *");
    }
    const Done written = schedule::write_schedule(process_.store, wanted);
    world_.say(fmt::format("  {} is told to be {}{}", process_.name, wanted.text(),
                           written ? "" : ", in vain"));
    if (written && state_.schedule.mode == Mode::kManual && wanted.mode != Mode::kManual) {
      work_.leaves_manual();
    }
  }

  // By a person.
  void step(const std::string& layer) {
    if (dead()) return;
    const auto report = process_.pipeline.run({.as_of = world_.today(), .layer = layer});
    if (!report || !report->ok()) well_ = false;
    world_.say(fmt::format("  {} takes the step {}{}", process_.name, layer,
                           report ? "" : ": " + report.error().text()));
  }

  const LiveProcess& process_;
  World& world_;
  schedule::PipelineWork inner_;
  WatchedWork work_;
  schedule::Landing landing_;
  NobodyTells arrivals_;
  Utc zone_;
  schedule::Live live_;
  schedule::LiveState state_;
  bool well_ = true;
};

}  // namespace

bool run_live(const LiveProcess& process, bool quiet) {
  LiveRun live(process);
  const auto rounds = 2 + process.world.random.below(4);
  for (std::uint64_t i = 0; i < rounds && !live.dead(); ++i) live.round();
  if (quiet && !live.dead()) live.come_to_rest();
  return live.well() || !quiet;
}

}  // namespace claimlake::sim
