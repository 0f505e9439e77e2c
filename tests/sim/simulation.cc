#include "simulation.h"

#include <fmt/format.h>

#include <memory>
#include <numeric>
#include <thread>
#include <vector>

#include "life.h"
#include "store/environment.h"

namespace claimlake::sim {
namespace {

class Simulation {
 public:
  Simulation(std::uint64_t seed, const Editions& editions, Plant plant = Plant::kNone)
      : world_(seed, editions, plant) {}

  World& world() { return world_; }
  bool broken() const { return !world_.violation.empty(); }

  // One process alone.
  Life& live(Fortune fortune) {
    Life& life = born(std::move(fortune));
    life.live();
    over(life);
    check();
    return life;
  }

  // Two processes at once, step by step as the seed decides.
  void race(Fortune first, Fortune second) {
    // From turn about at every operation to one long pause of one of the two.
    constexpr int kStrides[] = {1, 4, 20, 120, kNever};
    const int stride = kStrides[world_.random.below(4)];
    race({stride, kStrides[world_.random.below(5)]}, std::move(first), std::move(second));
  }

  // The first one pauses where its fortune says, and the second one runs to its end.
  void pause(Fortune first, Fortune second) {
    race({kNever, kNever}, std::move(first), std::move(second));
  }

  // No faults any more: one ingest and one run bring everything up to date.
  void settle() {
    world_.land_late();
    world_.late.clear();
    world_.say(" all is well");
    // Far from midnight, so that the day does not turn meanwhile.
    world_.let_pass_until(Timestamp(world_.today() + std::chrono::days(1)) +
                          std::chrono::hours(12));
    settle_environment();
    if (!world_.half_dropped.empty()) live({.steps = {Step::kDrop}});
    const Fortune calm{.steps = {Step::kIngest, Step::kRun}};
    if (!live(calm).succeeded()) world_.hold("without faults, ingest and run do not succeed");
    check_settled();
  }

  // A process alone, without faults, runs the pipeline by itself through several modes, and brings
  // it to rest by what the last mode asks for.
  void quiet() {
    if (broken()) return;
    world_.land_late();
    world_.late.clear();
    world_.say(" a quiet point");
    world_.let_pass_until(Timestamp(world_.today() + std::chrono::days(1)) +
                          std::chrono::hours(12));
    if (!live({.steps = {Step::kLive}, .quiet = true}).succeeded()) {
      world_.hold("without faults, the pipeline does not come to rest");
    }
    check_settled();
  }

  // After settle(): a second ingest and run change nothing.
  void rest() {
    if (broken()) return;
    const auto before = world_.checker.refreshed_versions();
    const Life& again = live({.steps = {Step::kIngest, Step::kRun}});
    if (!again.idle() || world_.checker.refreshed_versions() != before) {
      world_.hold("a run after which nothing arrived makes new versions");
    }
    check_settled();
  }

  Outcome outcome() {
    outcome_.violation = world_.violation;
    outcome_.story = world_.story;
    return std::move(outcome_);
  }

 private:
  static constexpr int kNever = 1'000'000'000;

  // The environment is brought up to date, and then dropped: nothing of it is left.
  void settle_environment() {
    if (broken() || world_.environments == 0) return;
    if (world_.environment) {
      const Fortune calm{.steps = {Step::kIngest, Step::kRun}, .in_environment = true};
      const auto before = world_.checker.refreshed_versions();
      if (!live(calm).succeeded()) world_.hold("without faults, the environment is not up to date");
      if (world_.checker.refreshed_versions() != before) {
        world_.hold("main moved by what was done in the environment");
      }
      if (broken()) return;
      const Environment& in = *world_.environment;
      const std::string wrong =
          in.checker->check_settled(world_.editions[in.edition], to_text(world_.today()));
      if (!wrong.empty()) world_.hold("in the environment: " + wrong);
    }
    if (broken()) return;
    if (!live({.steps = {Step::kDropEnvironment}}).succeeded()) {
      world_.hold("without faults, the environment is not dropped");
    }
    const auto left = world_.store.list_all(store::kEnvironmentsFolder);
    CHECK(left.has_value(), "the durable store answers");
    if (!left->empty())
      world_.hold("the environment is dropped, and left is " + left->front().path);
  }

  Life& born(Fortune fortune) {
    const std::string name = fmt::format("p{}", lives_.size() + 1);
    lives_.push_back(std::make_unique<Life>(world_, name, std::move(fortune)));
    return *lives_.back();
  }

  void race(std::vector<int> strides, Fortune first, Fortune second) {
    Life& one = born(std::move(first));
    Life& other = born(std::move(second));
    Turns turns(std::move(strides), world_.random);
    std::thread thread([&] { other.live(&turns, 1); });
    one.live(&turns, 0);
    thread.join();
    over(one);
    over(other);
    check();
  }

  void over(Life& life) {
    outcome_.paused = outcome_.paused || life.paused();
    if (!life.died_at().empty()) ++outcome_.deaths[life.died_at()];
    outcome_.operations += life.operations();
    world_.late.emplace_back([&life] { return life.land_late(); });
  }

  void check_settled() {
    if (broken()) return;
    world_.hold(
        world_.checker.check_settled(world_.editions[world_.edition], to_text(world_.today())));
  }

  void check() {
    if (!broken()) world_.check();
    if (!broken()) world_.hold(world_.checker.check_taken(world_.acknowledged));
    if (!broken() && world_.environment) {
      world_.hold(world_.environment->checker->check_taken(world_.environment->acknowledged));
    }
  }

  World world_;
  std::vector<std::unique_ptr<Life>> lives_;
  Outcome outcome_;
};

Fortune draw_fortune(Random& random, int faults_per_mille, bool alone) {
  Fortune fortune;
  fortune.faults_per_mille = faults_per_mille;
  fortune.surprises_per_mille = static_cast<int>(random.below(3)) * 4;
  fortune.old_edition = random.below(4) == 0;
  const auto rounds = 1 + random.below(2);
  for (std::uint64_t i = 0; i < rounds; ++i) {
    if (random.below(5) != 0) fortune.steps.push_back(Step::kIngest);
    if (random.below(2) == 0) fortune.steps.push_back(Step::kPerson);
    if (random.below(3) == 0) fortune.steps.push_back(Step::kWaive);
    if (random.below(5) != 0) fortune.steps.push_back(Step::kRun);
    if (random.below(2) == 0) fortune.steps.push_back(Step::kArrival);
    if (random.below(8) == 0) fortune.steps.push_back(Step::kMidnight);
    if (alone && random.below(6) == 0) fortune.steps.push_back(Step::kMonthEnd);
  }
  if (fortune.steps.empty()) fortune.steps.push_back(Step::kRun);
  if (random.below(3) != 0) {
    fortune.kill_at = static_cast<std::int64_t>(random.below(300 * rounds));
    fortune.kill_after = random.below(2) == 0;
  } else if (random.below(3) == 0) {
    fortune.full_at = static_cast<std::int64_t>(random.below(300 * rounds));
  }
  return fortune;
}

// A person drops a Bronze table, and perhaps does not come to the end of it.
Fortune draw_drop(Random& random) {
  Fortune fortune{.steps = {Step::kDrop}};
  if (random.below(2) == 0) fortune.kill_at = static_cast<std::int64_t>(random.below(40));
  return fortune;
}

// A person makes the environment, works in it, vacuums main meanwhile, or drops it.
void try_out(Simulation& simulation, int faults) {
  World& world = simulation.world();
  Random& random = world.random;
  if (!world.environment) {
    if (!world.half_dropped.empty()) return;
    world.say(" a person makes an environment");
    Fortune fortune{.steps = {Step::kMakeEnvironment}};
    const auto ill = random.below(4);
    if (ill == 0) fortune.faults_per_mille = faults;
    if (ill == 1) fortune.kill_at = static_cast<std::int64_t>(random.below(200));
    simulation.live(std::move(fortune));
    if (!world.environment) return;
  }
  const auto what = random.below(6);
  if (what == 0) {
    world.say(" the environment is dropped");
    Fortune fortune{.steps = {Step::kDropEnvironment}, .faults_per_mille = faults};
    if (random.below(2) == 0) fortune.kill_at = static_cast<std::int64_t>(random.below(40));
    simulation.live(std::move(fortune));
    return;
  }
  if (what == 1) {
    world.say(" main is vacuumed, a month later");
    simulation.live({.steps = {Step::kIngest, Step::kRun, Step::kMonthEnd, Step::kVacuum}});
    return;
  }
  if (random.below(2) == 0) {
    Environment& in = *world.environment;
    in.edition = random.below(world.editions.size());
    world.say(
        fmt::format(" the pack in the environment is now: {}", world.editions[in.edition].what));
  }
  Fortune fortune = draw_fortune(random, faults, what == 2);
  fortune.in_environment = true;
  if (what == 2) {
    world.say(" one process in the environment");
    simulation.live(std::move(fortune));
  } else {
    world.say(" two processes, the first one in the environment");
    simulation.race(std::move(fortune), draw_fortune(random, faults, false));
  }
}

void first_files(World& world) {
  world.say(" arrives " + world.raw.arrive(Source::kPolicies, {"P1", "P2"}));
  world.say(" arrives " + world.raw.arrive(Source::kClaims, {"C1", "C2"}, "P1"));
  world.say(" arrives " + world.raw.arrive(Source::kClaims, {"C100", "C101"}, kLostParent));
  for (int i = 0; i < 6; ++i) world.say(" arrives " + world.raw.arrive());
}

}  // namespace

Outcome simulate(std::uint64_t seed, const Editions& editions, Plant plant) {
  Simulation simulation(seed, editions, plant);
  World& world = simulation.world();
  Random& random = world.random;
  constexpr int kFaults[] = {0, 10, 40, 120};
  const int faults = kFaults[random.below(4)];
  const auto first_files = 2 + random.below(3);
  for (std::uint64_t i = 0; i < first_files; ++i) world.say(" arrives " + world.raw.arrive());
  const bool tries_out = random.below(4) == 0;  // in an environment
  if (tries_out || random.below(2) == 0) {      // the tables are there: keys can be followed
    if (tries_out) world.say(" arrives " + world.raw.arrive(Source::kClaims, {"C1", "C2"}, "P1"));
    world.say(" a calm beginning");
    simulation.live({.steps = {Step::kIngest, Step::kRun}});
  }
  const auto acts = 2 + random.below(2) + (tries_out ? 1 : 0);
  for (std::uint64_t act = 0; act < acts && !simulation.broken(); ++act) {
    if (random.below(2) == 0) world.say(" arrives " + world.raw.arrive());
    if (random.below(4) == 0) {
      world.edition = random.below(editions.size());
      world.say(fmt::format(" the pack is now: {}", editions[world.edition].what));
    }
    if (tries_out) {
      try_out(simulation, faults);
      if (simulation.broken() || random.below(2) == 0) continue;
    }
    if (act > 0 && random.below(8) == 0 && world.environments == 0) {
      world.land_late();
      world.say(" a table is dropped");
      simulation.live(draw_drop(random));
    }
    if (random.below(2) == 0) {
      world.say(" two processes");
      Fortune first = draw_fortune(random, faults, false);
      simulation.race(std::move(first), draw_fortune(random, faults, false));
    } else {
      world.say(" one process");
      simulation.live(draw_fortune(random, faults, true));
    }
  }
  if (!simulation.broken()) simulation.settle();
  simulation.rest();
  return simulation.outcome();
}

Outcome switch_modes(std::uint64_t seed, const Editions& editions, Plant plant) {
  Simulation simulation(seed, editions, plant);
  World& world = simulation.world();
  Random& random = world.random;
  constexpr int kFaults[] = {0, 10, 40};
  const int faults = kFaults[random.below(3)];
  first_files(world);
  const auto acts = 1 + random.below(2);
  for (std::uint64_t act = 0; act < acts && !simulation.broken(); ++act) {
    Fortune fortune = draw_fortune(random, faults, false);
    fortune.steps = {Step::kLive};
    if (random.below(3) == 0) {
      world.say(" the pipeline runs by itself, and another process works, too");
      simulation.race(std::move(fortune), draw_fortune(random, faults, false));
    } else {
      world.say(" the pipeline runs by itself");
      simulation.live(std::move(fortune));
    }
    simulation.quiet();
  }
  simulation.rest();
  return simulation.outcome();
}

Outcome die_at(std::int64_t number, const Editions& editions) {
  Simulation simulation(7, editions);
  World& world = simulation.world();
  first_files(world);
  Fortune fortune{.steps = {Step::kIngest, Step::kRun, Step::kArrival, Step::kArrival,
                            Step::kIngest, Step::kRun},
                  .kill_at = number};
  simulation.live(std::move(fortune));
  world.say(" arrives " + world.raw.arrive(Source::kPolicies, {kLostParent}));
  if (!simulation.broken()) simulation.settle();
  return simulation.outcome();
}

Outcome pause_at(std::int64_t number, const Editions& editions) {
  Simulation simulation(8, editions);
  World& world = simulation.world();
  first_files(world);
  const std::vector<Step> steps = {Step::kIngest, Step::kRun};
  simulation.live({.steps = steps});
  for (int i = 0; i < 3; ++i) world.say(" arrives " + world.raw.arrive());
  simulation.pause({.steps = steps, .pause_at = number},
                   {.steps = {Step::kParent, Step::kIngest, Step::kRun}});
  if (!simulation.broken()) simulation.settle();
  return simulation.outcome();
}

Outcome in_any_order(std::uint64_t seed, const Editions& editions) {
  World drawn(seed, editions);  // nobody lives there
  first_files(drawn);
  const auto more = 2 + drawn.random.below(3);
  for (std::uint64_t i = 0; i < more; ++i) drawn.raw.arrive();
  std::vector<std::size_t> contents(drawn.raw.contents().size());
  std::iota(contents.begin(), contents.end(), 0);
  const Timestamp last = drawn.clock.now() + std::chrono::days(400);
  std::string expected;
  for (int orders = 0;; ++orders) {
    Simulation simulation(drawn.random.next(), editions);
    World& world = simulation.world();
    for (const std::size_t content : contents) {
      world.say(" arrives " + world.raw.arrive_as(drawn.raw, content));
      const auto then = orders == 0 ? 0 : world.random.below(4);
      if (then == 1) simulation.live({.steps = {Step::kIngest, Step::kRun}});
      if (then == 2) simulation.live({.steps = {Step::kIngest, Step::kMonthEnd, Step::kRun}});
    }
    world.let_pass_until(last);
    if (!simulation.broken()) simulation.settle();
    const std::string found = simulation.broken() ? "" : world.checker.visible();
    if (orders == 0) expected = found;
    if (found != expected) {
      world.hold("in order:\n" + expected + "in another order:\n" + found);
    }
    if (orders == 2 || simulation.broken()) return simulation.outcome();
    for (std::size_t i = contents.size(); i > 1; --i) {
      std::swap(contents[i - 1], contents[drawn.random.below(i)]);
    }
  }
}

}  // namespace claimlake::sim
