// sim_test --from=N --seeds=M   histories N..N+M-1
// sim_test --seed=N             one of them alone, with its story
// sim_test --deaths=I/N         dies before every N-th store operation of one history, from I on
// sim_test --pauses=I/N         another process goes first there
// sim_test --until-failure ...  succeeds only if one of the histories fails (the planted bug)
#include <fmt/format.h>

#include <charconv>
#include <cstdio>
#include <map>
#include <optional>
#include <string_view>

#include "base/log.h"
#include "engine/engine.h"
#include "pack/pack.h"
#include "simulation.h"
#include "store/memory_store.h"

namespace claimlake::sim {
namespace {

struct Arguments {
  std::int64_t from = 1;
  std::int64_t seeds = 20;
  bool story = false;
  bool until_failure = false;
  // The first operation and the step.
  std::optional<std::pair<std::int64_t, std::int64_t>> deaths, pauses;
};

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<Arguments> read_arguments(int count, char** values) {
  Arguments arguments;
  for (int i = 1; i < count; ++i) {
    const std::string_view argument = values[i];
    const std::size_t equals = argument.find('=');
    const std::string_view name = argument.substr(0, equals);
    const std::string_view value =
        equals == std::string_view::npos ? "" : argument.substr(equals + 1);
    const auto whole = number(value);
    if (name == "--until-failure") {
      arguments.until_failure = true;
    } else if (name == "--seed" && whole) {
      arguments.from = *whole;
      arguments.seeds = 1;
      arguments.story = true;
    } else if (name == "--from" && whole) {
      arguments.from = *whole;
    } else if (name == "--seeds" && whole) {
      arguments.seeds = *whole;
    } else if (const std::size_t slash = value.find('/');
               (name == "--deaths" || name == "--pauses") && slash != std::string_view::npos) {
      const auto first = number(value.substr(0, slash)), step = number(value.substr(slash + 1));
      if (!first || !step || *step < 1) return std::nullopt;
      (name == "--deaths" ? arguments.deaths : arguments.pauses) = {*first, *step};
    } else {
      return std::nullopt;
    }
  }
  return arguments;
}

Result<pack::Pack> load() {
  const SystemClock clock;
  store::MemoryStore nothing;
  TRY(const auto engine, engine::open_engine({.threads = 1}, nothing, clock));
  return pack::load_pack(SIM_PACK, *engine);
}

class Tests {
 public:
  explicit Tests(const Arguments& arguments) : arguments_(arguments) {}

  // True if all held.
  bool add(const Outcome& outcome, const std::string& replay) {
    for (const auto& [operation, deaths] : outcome.deaths) deaths_[operation] += deaths;
    operations_ += outcome.operations;
    const bool held = outcome.violation.empty();
    ++(held ? passed_ : failed_);
    if (arguments_.story || (!held && !arguments_.until_failure)) {
      fmt::print("{}", outcome.story);
    }
    if (!held) fmt::print("FAILED: {}\n  again: {}\n", outcome.violation, replay);
    std::fflush(stdout);
    return held;
  }

  int finish() const {
    std::string deaths;
    for (const auto& [operation, count] : deaths_)
      deaths += fmt::format(" {} {}", operation, count);
    fmt::print("{} store operations; deaths at:{}\n", operations_, deaths);
    if (arguments_.until_failure) {
      fmt::print("{}\n", failed_ > 0 ? "ok: the simulation noticed, 1 passed, 0 failed"
                                     : "FAILED: the simulation notices nothing");
      return failed_ > 0 ? 0 : 1;
    }
    fmt::print("{} passed, {} failed\n", passed_, failed_);
    return failed_ == 0 ? 0 : 1;
  }

 private:
  const Arguments arguments_;
  int passed_ = 0, failed_ = 0;
  std::int64_t operations_ = 0;
  std::map<std::string, int> deaths_;
};

int run(const Arguments& arguments) {
  const auto pack = load();
  if (!pack) {
    fmt::print("FAILED: {}\n", pack.error().text());
    return 1;
  }
  Tests tests(arguments);
  if (const auto& steps = arguments.deaths ? arguments.deaths : arguments.pauses) {
    const bool deaths = arguments.deaths.has_value();
    for (std::int64_t at = steps->first;; at += steps->second) {
      const Outcome outcome = deaths ? die_at(at, *pack) : pause_at(at, *pack);
      tests.add(outcome, fmt::format("sim_test --{}={}/1000000", deaths ? "deaths" : "pauses", at));
      if (outcome.deaths.empty() && !outcome.paused) break;
    }
    return tests.finish();
  }
  for (std::int64_t seed = arguments.from; seed < arguments.from + arguments.seeds; ++seed) {
    const Outcome outcome = simulate(static_cast<std::uint64_t>(seed), *pack);
    const bool held = tests.add(outcome, fmt::format("sim_test --seed={}", seed));
    if (!held && arguments.until_failure) break;
  }
  return tests.finish();
}

}  // namespace
}  // namespace claimlake::sim

int main(int count, char** values) {
  const auto arguments = claimlake::sim::read_arguments(count, values);
  if (!arguments) {
    fmt::print(stderr,
               "usage: sim_test [--from=N] [--seeds=M] [--seed=N] [--deaths=I/N] [--pauses=I/N] "
               "[--until-failure]\n");
    return 2;
  }
  claimlake::set_log_level(claimlake::LogLevel::kError);
  return claimlake::sim::run(*arguments);
}
