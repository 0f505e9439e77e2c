#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "checker.h"
#include "editions.h"
#include "planted.h"
#include "raw_files.h"
#include "store/memory_store.h"

namespace claimlake::sim {

// An environment that is complete, and who watches it.
struct Environment {
  std::string name;
  std::unique_ptr<store::Store> store;  // over the durable one
  std::unique_ptr<Checker> checker;
  std::set<std::size_t> acknowledged;  // contents
  std::size_t edition = 0;
};

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
  // Looks at every version that is new, of main and of the environment.
  void check() {
    hold(checker.check_versions());
    if (environment) {
      const std::string wrong = environment->checker->check_versions();
      if (!wrong.empty()) hold("in the environment: " + wrong);
    }
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
  std::unique_ptr<Environment> environment;         // that people work in beside main; may be null
  int environments = 0;                             // that people began to make
  std::size_t edition = 0;                          // the newest one of the pack
  std::set<std::size_t> acknowledged;               // contents
  std::string half_dropped;                         // a table that a person began to drop
  std::vector<std::function<std::int64_t()>> late;  // of lives that are over
  std::string story;
  std::string violation;
};

}  // namespace claimlake::sim
