#include "life.h"

#include <fmt/format.h>

#include "base/progress.h"

namespace claimlake::sim {
namespace {

using store::Fate;
using store::Operation;

bool changes(Operation operation) { return operation >= Operation::kPutIfAbsent; }

const char* fate_name(Fate fate) {
  switch (fate) {
    case Fate::kFail:
      return "fails";
    case Fate::kLoseRequest:
      return "is lost";
    case Fate::kLoseAnswer:
      return "loses its answer";
    case Fate::kLate:
      return "is late";
    case Fate::kTwice:
      return "happens twice";
    default:
      return "dies";
  }
}

}  // namespace

const char* operation_name(Operation operation) {
  constexpr const char* kNames[] = {"head",     "read",    "open",   "read_at", "list",
                                    "list_all", "folders", "create", "append",  "put_if_absent",
                                    "put",      "finish",  "remove"};
  return kNames[static_cast<std::size_t>(operation)];
}

Life::Life(World& world, std::string name, Fortune fortune)
    : world_(world),
      name_(std::move(name)),
      fortune_(std::move(fortune)),
      random_(world.random.next()),
      store_(world.store, *this) {}

// Only what the two processes share is touched here, and only one of them runs at a time; the
// checker and the raw files work on the store below this one.
Fate Life::next(Operation operation, std::string_view path) {
  if (turns_ != nullptr) turns_->yield(me_);
  if (turns_ != nullptr && operations_ == fortune_.pause_at) {
    paused_ = true;
    world_.say(fmt::format("  {} pauses before operation {}: {} {}", name_, operations_,
                           operation_name(operation), path));
    turns_->give_way(me_);
  }
  world_.clock.advance(std::chrono::microseconds(1 + world_.random.below(2'000)));
  if (static_cast<int>(world_.random.below(1'000)) < fortune_.surprises_per_mille) surprise();
  const std::int64_t number = operations_++;
  if (number == fortune_.kill_at) {
    died_at_ = operation_name(operation);
    world_.say(fmt::format("  {} dies {} operation {}: {} {}", name_,
                           fortune_.kill_after ? "after" : "before", number, died_at_, path));
    return fortune_.kill_after ? Fate::kDieAfter : Fate::kDieBefore;
  }
  const Fate fate = fault(operation);
  if (fate != Fate::kNormal) {
    world_.say(fmt::format("  {} operation {}: {} {} {}", name_, number, operation_name(operation),
                           path, fate_name(fate)));
  }
  return fate;
}

bool Life::arrives(std::string_view) { return world_.random.below(4) == 0; }

Fate Life::fault(Operation operation) {
  if (fortune_.faults_per_mille == 0) return Fate::kNormal;
  const auto rate = static_cast<std::uint64_t>(fortune_.faults_per_mille);
  if (!changes(operation)) {
    return world_.random.below(8'000) < rate ? Fate::kFail : Fate::kNormal;
  }
  if (world_.random.below(1'000) >= rate) return Fate::kNormal;
  constexpr Fate kFates[] = {Fate::kFail, Fate::kLoseRequest, Fate::kLoseAnswer, Fate::kLate,
                             Fate::kTwice};
  return kFates[world_.random.below(5)];
}

void Life::surprise() {
  const auto kind = world_.random.below(4);
  if (kind == 0) {
    world_.hold(world_.checker.check_versions());
  } else if (kind == 1 && !world_.late.empty()) {
    const std::int64_t landed = world_.late[world_.random.below(world_.late.size())]();
    if (landed > 0) world_.say(fmt::format("  {} requests of a dead process arrive", landed));
  } else {
    world_.say("  meanwhile arrives " + world_.raw.arrive());
  }
}

void Life::live(Turns* turns, int me) {
  turns_ = turns;
  me_ = me;
  if (turns_ != nullptr) turns_->begin(me_);
  const Done done = work();
  if (!done) {
    succeeded_ = false;
    world_.say(fmt::format("  {} ends: {}", name_, done.error().message));
  }
  if (turns_ != nullptr) turns_->end(me_);
  turns_ = nullptr;
}

Done Life::work() {
  TRY(const auto engine,
      engine::open_engine({.threads = 1, .random = &random_}, store_, world_.clock));
  lake::Lake lake({store_, world_.clock, random_, engine->parquet_io(), name_});
  engine->attach(lake);
  NoProgress progress;
  refresh::PipelineContext context{lake, *engine, world_.pack, world_.clock, random_};
  // Most processes go by key; some know nothing of that, and both take turns on the same tables.
  context.by_key_share = random_.below(4) == 0 ? 0 : 1;
  refresh::Pipeline pipeline(context, progress, Cancel());
  const Done prepared = pipeline.prepare();
  if (!prepared) return prepared;
  for (const Step each : fortune_.steps) {
    const Done done = step(pipeline, each);
    if (store_.dead()) return Error{Fault::kCancelled, "dead"};
    if (!done) {
      succeeded_ = false;
      world_.say(fmt::format("  {} fails: {}", name_, done.error().text()));
    }
  }
  return done();
}

Done Life::step(refresh::Pipeline& pipeline, Step step) {
  switch (step) {
    case Step::kIngest:
      return ingest(pipeline);
    case Step::kRun:
      return run(pipeline);
    case Step::kArrival:
      world_.say("  arrives " + world_.raw.arrive());
      return done();
    case Step::kParent:
      world_.say("  arrives " + world_.raw.arrive(Source::kPolicies, {kLostParent}));
      return done();
  }
  return done();
}

Done Life::ingest(refresh::Pipeline& pipeline) {
  const auto before = world_.raw.present();
  TRY(const auto report, pipeline.ingest({&store_, RawFiles::kFolder, ""}));
  tell("ingest", report);
  for (const refresh::TableReport& table : report.tables) {
    if (table.outcome != refresh::TableOutcome::kBuilt &&
        table.outcome != refresh::TableOutcome::kSkipped) {
      continue;
    }
    const Source source = table.table == "bronze.policies" ? Source::kPolicies : Source::kClaims;
    // A file that was there all the time is acknowledged by the report.
    for (const auto& [name, index] : before) {
      const bool unchanged = world_.raw.present().at(name) == index;
      if (unchanged && world_.raw.contents()[index].source == source) {
        world_.acknowledged.insert(index);
      }
    }
  }
  succeeded_ = succeeded_ && report.ok();
  return done();
}

Done Life::run(refresh::Pipeline& pipeline) {
  TRY(const auto report, pipeline.run({}));
  tell("run", report);
  succeeded_ = succeeded_ && report.ok();
  for (const refresh::TableReport& table : report.tables) {
    idle_ = idle_ && table.outcome == refresh::TableOutcome::kSkipped;
  }
  return done();
}

void Life::tell(const std::string& what, const refresh::RunReport& report) {
  std::string line = fmt::format("  {} {}:", name_, what);
  for (const refresh::TableReport& table : report.tables) {
    line += fmt::format(" {} {}", table.table, refresh::outcome_name(table.outcome));
    if (!table.way.empty()) line += fmt::format(" {}", table.way);
    if (table.version) line += fmt::format("@{}", *table.version);
    if (table.refused_rows > 0) line += fmt::format(" refused {}", table.refused_rows);
    if (!table.message.empty()) line += fmt::format(" ({})", table.message);
    line += ";";
  }
  world_.say(line);
}

}  // namespace claimlake::sim
