// sim_test --from=N --seeds=M   histories N..N+M-1
// sim_test --seed=N             one of them alone, with its story
// sim_test --deaths=I/N         dies before every N-th store operation of one history, from I on
// sim_test --pauses=I/N         another process goes first there
// sim_test --orders=M           M sets of files, each in three orders
// sim_test --modes=M            M histories of a pipeline that runs by itself, in changing modes
// sim_test --for=10m            histories from --from on for so long
// sim_test --plants=M           each planted bug must be noticed within M histories
// sim_test --plant=NAME ...     histories of processes that have this bug
#include <fmt/format.h>

#include <charconv>
#include <cstdio>
#include <map>
#include <optional>
#include <string_view>

#include "base/clock.h"
#include "base/log.h"
#include "editions.h"
#include "planted.h"
#include "simulation.h"

namespace claimlake::sim {
namespace {

struct Arguments {
  std::int64_t from = 1;
  std::int64_t seeds = 20;
  bool story = false;
  Plant plant = Plant::kNone;
  std::int64_t plants = 0;
  std::int64_t orders = 0;
  std::int64_t modes = 0;
  std::optional<std::chrono::seconds> duration;
  // The first operation and the step.
  std::optional<std::pair<std::int64_t, std::int64_t>> deaths, pauses;
};

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// "90s", "10m", "2h"
std::optional<std::chrono::seconds> duration(std::string_view text) {
  if (text.empty()) return std::nullopt;
  const auto value = number(text.substr(0, text.size() - 1));
  if (!value) return std::nullopt;
  if (text.back() == 's') return std::chrono::seconds(*value);
  if (text.back() == 'm') return std::chrono::minutes(*value);
  if (text.back() == 'h') return std::chrono::hours(*value);
  return std::nullopt;
}

std::optional<Arguments> read_arguments(int count, char** values) {
  Arguments arguments;
  for (int i = 1; i < count; ++i) {
    std::string argument = values[i];
    // "--for 10m" is "--for=10m".
    if (argument.find('=') == std::string::npos && i + 1 < count) {
      argument += "=" + std::string(values[++i]);
    }
    const std::size_t equals = argument.find('=');
    const std::string name = argument.substr(0, equals);
    const std::string value = equals == std::string::npos ? "" : argument.substr(equals + 1);
    const auto whole = number(value);
    if (name == "--seed" && whole) {
      arguments.from = *whole;
      arguments.seeds = 1;
      arguments.story = true;
    } else if (name == "--from" && whole) {
      arguments.from = *whole;
    } else if (name == "--seeds" && whole) {
      arguments.seeds = *whole;
    } else if (name == "--plants" && whole) {
      arguments.plants = *whole;
    } else if (name == "--orders" && whole) {
      arguments.orders = *whole;
    } else if (name == "--modes" && whole) {
      arguments.modes = *whole;
    } else if (name == "--plant" && plant_of(value)) {
      arguments.plant = *plant_of(value);
    } else if (name == "--for" && duration(value)) {
      arguments.duration = duration(value);
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

class Tests {
 public:
  explicit Tests(const Arguments& arguments) : arguments_(arguments) {}

  void add(const Outcome& outcome, const std::string& replay) {
    for (const auto& [operation, deaths] : outcome.deaths) deaths_[operation] += deaths;
    operations_ += outcome.operations;
    const bool held = outcome.violation.empty();
    ++(held ? passed_ : failed_);
    if (arguments_.story || !held) {
      fmt::print("{}", outcome.story);
    }
    if (!held) fmt::print("FAILED: {}\n  again: {}\n", outcome.violation, replay);
    std::fflush(stdout);
  }

  int finish() const {
    std::string deaths;
    for (const auto& [operation, count] : deaths_)
      deaths += fmt::format(" {} {}", operation, count);
    fmt::print("{} store operations; deaths at:{}\n", operations_, deaths);
    fmt::print("{} passed, {} failed\n", passed_, failed_);
    return failed_ == 0 ? 0 : 1;
  }

 private:
  const Arguments arguments_;
  int passed_ = 0, failed_ = 0;
  std::int64_t operations_ = 0;
  std::map<std::string, int> deaths_;
};

// Each bug is noticed, and how soon.
int run_plants(const Arguments& arguments, const Editions& editions) {
  int missed = 0;
  for (const auto& [plant, name] : plants()) {
    std::string violation;
    std::int64_t seed = arguments.from;
    for (; seed < arguments.from + arguments.plants && violation.empty(); ++seed) {
      const auto number = static_cast<std::uint64_t>(seed);
      const bool of_modes = plant == Plant::kForgetsWaiting;
      violation =
          (of_modes ? switch_modes(number, editions, plant) : simulate(number, editions, plant))
              .violation;
    }
    if (violation.empty()) {
      ++missed;
      fmt::print("FAILED: {} is not noticed in {} histories\n", name, arguments.plants);
    } else {
      fmt::print("{} is noticed by history {}: {}\n", name, seed - 1,
                 violation.substr(0, violation.find('\n')));
    }
    std::fflush(stdout);
  }
  fmt::print("{} passed, {} failed\n", plants().size() - static_cast<std::size_t>(missed), missed);
  return missed == 0 ? 0 : 1;
}

// Deaths, or pauses, at every so many operations of one history.
int run_steps(const Arguments& arguments, const Editions& editions) {
  const bool deaths = arguments.deaths.has_value();
  const auto& [first, step] = deaths ? *arguments.deaths : *arguments.pauses;
  Tests tests(arguments);
  for (std::int64_t at = first;; at += step) {
    const Outcome outcome = deaths ? die_at(at, editions) : pause_at(at, editions);
    tests.add(outcome, fmt::format("sim_test --{}={}/1000000", deaths ? "deaths" : "pauses", at));
    if (outcome.deaths.empty() && !outcome.paused) break;
  }
  return tests.finish();
}

int run(const Arguments& arguments) {
  const auto editions = load_editions();
  if (!editions) {
    fmt::print("FAILED: {}\n", editions.error().text());
    return 1;
  }
  if (arguments.plants > 0) return run_plants(arguments, *editions);
  if (arguments.deaths || arguments.pauses) return run_steps(arguments, *editions);
  Tests tests(arguments);
  const bool orders = arguments.orders > 0;
  const bool modes = arguments.modes > 0;
  const SystemClock clock;
  const auto start = clock.steady_now();
  const auto goes_on = [&](std::int64_t seed) {
    if (arguments.duration) return clock.steady_now() - start < *arguments.duration;
    return seed < arguments.from + (orders  ? arguments.orders
                                    : modes ? arguments.modes
                                            : arguments.seeds);
  };
  for (std::int64_t seed = arguments.from; goes_on(seed); ++seed) {
    const auto number = static_cast<std::uint64_t>(seed);
    const Outcome outcome = orders  ? in_any_order(number, *editions)
                            : modes ? switch_modes(number, *editions, arguments.plant)
                                    : simulate(number, *editions, arguments.plant);
    tests.add(outcome, orders  ? fmt::format("sim_test --from={} --orders=1", seed)
                       : modes ? fmt::format("sim_test --modes=1 --seed={}", seed)
                               : fmt::format("sim_test --seed={}", seed));
  }
  return tests.finish();
}

}  // namespace
}  // namespace claimlake::sim

int main(int count, char** values) {
  const auto arguments = claimlake::sim::read_arguments(count, values);
  if (!arguments) {
    fmt::print(stderr,
               "usage: sim_test [--from=N] [--seeds=M | --for=10m | --orders=M] [--seed=N] "
               "[--modes=M] [--deaths=I/N] [--pauses=I/N] [--plants=M] [--plant=NAME]\n");
    return 2;
  }
  claimlake::set_log_level(claimlake::LogLevel::kError);
  return claimlake::sim::run(*arguments);
}
