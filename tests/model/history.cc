#include "history.h"

#include <fmt/format.h>

#include <array>

#include "checker.h"
#include "draw.h"

namespace claimlake::model {
namespace {

using namespace std::chrono_literals;
using store::Fate;

class History {
 public:
  explicit History(std::uint64_t seed)
      : seed_(seed),
        random_(seed),
        store_(clock_),
        checker_(store_, clock_, checker_random_),
        writers_{writer("a"), writer("b"), writer("c")} {}

  void step(int number) {
    SeededRandom random(seed_ * 1'000 + static_cast<std::uint64_t>(number));
    Draw draw(random);
    number_ = number;
    const auto kind = draw.below(100);
    if (kind < 5) {
      Writer& writer = *writers_[draw.below(writers_.size())];
      say("-- " + writer.name() + " starts anew");
      writer.restart();
    } else if (kind < 10) {
      much_later(24h * static_cast<int>(1 + draw.below(10)));
    } else {
      statements(draw);
    }
  }

  // All that is on its way arrives; then everything is looked at once more.
  void finish() {
    if (!broken()) much_later(1h);
    if (!broken()) hold(checker_.check_all());
  }

  bool broken() const { return !outcome_.violation.empty(); }
  Outcome outcome() {
    outcome_.versions = checker_.newest_version() + 1;
    return std::move(outcome_);
  }

 private:
  std::unique_ptr<Writer> writer(const char* name) {
    return std::make_unique<Writer>(name, store_, clock_, random_,
                                    [this](const std::string& line) { say(line); });
  }
  void say(const std::string& line) { outcome_.story += line + "\n"; }
  void hold(std::string wrong) {
    if (!broken()) outcome_.violation = std::move(wrong);
  }

  // No request takes that long.
  void much_later(std::chrono::hours hours) {
    for (const auto& writer : writers_) writer->land_late();
    say(fmt::format("-- {} hours pass", hours.count()));
    hold(checker_.all_arrived());
    clock_.advance(hours);
  }

  static Place place(Draw& draw) {
    if (!draw.one_in(3)) return {.at_commit = true, .number = draw.one_in(4) ? 1 : 0};
    return {.at_commit = false, .number = static_cast<std::int64_t>(draw.below(40))};
  }

  static Fortune fortune(Draw& draw) {
    Fortune out;
    if (!draw.one_in(3)) return out;
    constexpr Fate kFates[] = {Fate::kFail,        Fate::kDieBefore,  Fate::kDieAfter,
                               Fate::kLoseRequest, Fate::kLoseAnswer, Fate::kLate,
                               Fate::kTwice};
    out.fault = kFates[draw.below(std::size(kFates))];
    out.fault_at = place(draw);
    return out;
  }

  // One statement, or more: in the midst of it another writer goes first, and in the midst of that
  // the third.
  void statements(Draw& draw) {
    std::vector<Writer*> free;
    for (const auto& writer : writers_) free.push_back(writer.get());
    statement(draw, std::move(free));
  }

  void statement(Draw& draw, std::vector<Writer*> free) {
    const auto chosen = free.begin() + static_cast<std::ptrdiff_t>(draw.below(free.size()));
    Writer& writer = **chosen;
    free.erase(chosen);
    Fortune with = fortune(draw);
    const StatementPtr first = draw.any(checker_.newest(), checker_.newest_version());
    if (!free.empty() && draw.one_in(2)) {
      with.pause_at = place(draw);
      with.meanwhile = [&, free] {
        const auto count = 1 + draw.below(2);
        for (std::uint64_t i = 0; i < count && !broken(); ++i) statement(draw, free);
      };
    }
    run(writer, first, std::move(with));
  }

  void run(Writer& writer, const StatementPtr& statement, Fortune with) {
    clock_.advance(1s);
    const std::string name = fmt::format("{}-{}", number_, ++issued_);
    ++outcome_.statements;
    say(fmt::format("{};  -- {} {}", statement->sql(), writer.name(), name));
    checker_.start(name, statement);
    const Answer answer = writer.run(*statement, name, std::move(with));
    if (answer.error) say(fmt::format("-- {}: {}", name, answer.error->message));
    if (answer.died) ++outcome_.deaths;
    if (answer.error && answer.error->fault == Fault::kConflict) ++outcome_.conflicts;
    const std::string wrong = checker_.end(name, answer);
    if (!wrong.empty()) hold(fmt::format("{} ({}): {}", name, statement->sql(), wrong));
  }

  const std::uint64_t seed_;
  Outcome outcome_;
  int number_ = 0;
  int issued_ = 0;
  SimClock clock_{Timestamp{1767954660s}};
  SeededRandom random_;
  SeededRandom checker_random_{1};
  store::MemoryStore store_;
  Checker checker_;
  std::array<std::unique_ptr<Writer>, 3> writers_;
};

}  // namespace

Outcome run_history(std::uint64_t seed, const std::set<int>& left_out) {
  History history(seed);
  for (int step = 0; step < kSteps && !history.broken(); ++step) {
    if (!left_out.contains(step)) history.step(step);
  }
  history.finish();
  return history.outcome();
}

Outcome shorten(std::uint64_t seed) {
  std::set<int> left_out;
  Outcome shortest = run_history(seed);
  for (int step = kSteps - 1; step >= 0; --step) {
    left_out.insert(step);
    Outcome outcome = run_history(seed, left_out);
    if (outcome.violation.empty()) {
      left_out.erase(step);
    } else {
      shortest = std::move(outcome);
    }
  }
  return shortest;
}

}  // namespace claimlake::model
