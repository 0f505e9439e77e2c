#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "checker.h"
#include "editions.h"
#include "fortune.h"
#include "planted.h"
#include "raw_files.h"
#include "refresh/pipeline.h"
#include "store/faulty_store.h"
#include "store/memory_store.h"
#include "turns.h"

namespace claimlake::sim {

// Outlasts the processes: time, chance, the durable store, the raw files, and those who watch.
struct World {
  // `plant`: a bug that all processes have.
  World(std::uint64_t seed, const Editions& the_editions, Plant the_plant = Plant::kNone)
      : editions(the_editions),
        plant(the_plant),
        random(seed),
        clock(Timestamp(std::chrono::hours(24 * 365 * 50 + 9))),
        first_day(today()),
        store(clock),
        raw(store, clock, random),
        checker(store, clock, checker_random, raw, editions) {}

  void say(const std::string& line) { story += line + "\n"; }
  // Keeps the first thing that is wrong.
  void hold(const std::string& wrong) {
    if (violation.empty()) violation = wrong;
  }
  Date today() const { return std::chrono::floor<std::chrono::days>(clock.now()); }
  void let_pass_until(Timestamp then) {
    if (then > clock.now()) clock.advance(then - clock.now());
    say("  it is now " + to_text(clock.now()));
  }
  // All that dead processes have asked for arrives.
  void land_late() {
    for (const auto& land : late) land();
  }

  const Editions& editions;
  const Plant plant;
  SeededRandom random;
  SeededRandom checker_random{1};
  SimClock clock;
  const Date first_day;
  store::MemoryStore store;
  RawFiles raw;
  Checker checker;
  std::size_t edition = 0;                          // the newest one of the pack
  std::set<std::size_t> acknowledged;               // contents
  std::string half_dropped;                         // a table that a person began to drop
  std::vector<std::function<std::int64_t()>> late;  // of lives that are over
  std::string story;
  std::string violation;
};

// A policy that claims name, and that arrives in Step::kParent only.
inline constexpr const char* kLostParent = "P9";

// One process over the world's store, from its start to its death or end.
class Life final : private store::FaultPlan {
 public:
  Life(World& world, std::string name, Fortune fortune);

  // `turns` may be null: no other process runs.
  void live(Turns* turns = nullptr, int me = 0);

  std::int64_t operations() const { return operations_; }
  const std::string& died_at() const { return died_at_; }  // the operation; empty: it did not
  bool paused() const { return paused_; }
  // True if every step succeeded.
  bool succeeded() const { return succeeded_; }
  // True if run() had nothing to do.
  bool idle() const { return idle_; }
  std::int64_t land_late() { return store_.land_late(); }

 private:
  struct Process {
    engine::Engine& engine;
    lake::Lake& lake;
    refresh::Pipeline& pipeline;
    const pack::Pack& pack;
    store::Store& store;
  };

  store::Fate next(store::Operation operation, std::string_view path) override;
  bool arrives(std::string_view path) override;
  store::Fate fault(store::Operation operation);
  void surprise();
  Done work();
  Done step(const Process& process, Step step);
  Done ingest(refresh::Pipeline& pipeline);
  Done run(refresh::Pipeline& pipeline);
  Done say_statement(const Process& process);
  Done live_pipeline(const Process& process);
  Done say_sql(engine::Engine& engine, lake::Lake& lake, const std::string& sql);
  Done drop(engine::Engine& engine, lake::Lake& lake);
  void turn_day();
  void end_month();
  void tell(const std::string& what, const refresh::RunReport& report);

  World& world_;
  const std::string name_;
  const Fortune fortune_;
  const Edition& edition_;
  SeededRandom random_;
  Turns* turns_ = nullptr;
  int me_ = 0;
  std::int64_t operations_ = 0;
  std::string died_at_;
  bool paused_ = false;
  bool succeeded_ = true;
  bool idle_ = true;
  store::FaultyStore store_;
};

const char* operation_name(store::Operation operation);

}  // namespace claimlake::sim
