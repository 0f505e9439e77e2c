// model_test --from=N --seeds=M   histories N..N+M-1; one that fails is shown, made shorter
// model_test --seed=N             one of them alone, with its story
// model_test --until-failure ...  succeeds only if one of the histories fails (the planted bug)
#include <fmt/format.h>

#include <charconv>
#include <cstdio>
#include <string_view>

#include "base/log.h"
#include "history.h"

namespace claimlake::model {
namespace {

struct Arguments {
  std::uint64_t from = 1;
  std::uint64_t seeds = 20;
  bool story = false;
  bool until_failure = false;
};

bool read_arguments(int count, char** values, Arguments& out) {
  for (int i = 1; i < count; ++i) {
    const std::string_view argument = values[i];
    const std::size_t equals = std::min(argument.find('='), argument.size());
    const std::string_view name = argument.substr(0, equals);
    if (name == "--until-failure") {
      out.until_failure = true;
      continue;
    }
    if (equals == argument.size()) return false;
    std::uint64_t value = 0;
    const auto read =
        std::from_chars(&argument[equals] + 1, argument.data() + argument.size(), value);
    if (read.ec != std::errc() || read.ptr != argument.data() + argument.size()) return false;
    if (name == "--seed") {
      out.from = value;
      out.seeds = 1;
      out.story = true;
    } else if (name == "--from") {
      out.from = value;
    } else if (name == "--seeds") {
      out.seeds = value;
    } else {
      return false;
    }
  }
  return true;
}

int run(const Arguments& arguments) {
  Outcome sum;
  int passed = 0, failed = 0;
  for (std::uint64_t seed = arguments.from; seed < arguments.from + arguments.seeds; ++seed) {
    Outcome outcome = run_history(seed);
    sum.statements += outcome.statements;
    sum.versions += outcome.versions;
    sum.conflicts += outcome.conflicts;
    sum.deaths += outcome.deaths;
    const bool held = outcome.violation.empty();
    ++(held ? passed : failed);
    if (!held && !arguments.until_failure && !arguments.story) outcome = shorten(seed);
    if (arguments.story || (!held && !arguments.until_failure)) fmt::print("{}", outcome.story);
    if (!held) fmt::print("FAILED: {}\n  again: model_test --seed={}\n", outcome.violation, seed);
    std::fflush(stdout);
    if (!held && arguments.until_failure) break;
  }
  fmt::print("{} statements, {} versions, {} conflicts, {} deaths\n", sum.statements, sum.versions,
             sum.conflicts, sum.deaths);
  if (arguments.until_failure) {
    fmt::print("{}\n", failed > 0 ? "ok: the model noticed, 1 passed, 0 failed"
                                  : "FAILED: the model notices nothing");
    return failed > 0 ? 0 : 1;
  }
  fmt::print("{} passed, {} failed\n", passed, failed);
  return failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace claimlake::model

int main(int count, char** values) {
  claimlake::model::Arguments arguments;
  if (!claimlake::model::read_arguments(count, values, arguments)) {
    fmt::print(stderr, "usage: model_test [--from=N] [--seeds=M] [--seed=N] [--until-failure]\n");
    return 2;
  }
  claimlake::set_log_level(claimlake::LogLevel::kError);
  return claimlake::model::run(arguments);
}
