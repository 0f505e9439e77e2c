#include "life.h"

#include <fmt/format.h>

#include "app/environments.h"
#include "base/progress.h"
#include "lake/table_statement.h"
#include "live_pipeline.h"
#include "person.h"
#include "store/environment.h"

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

std::size_t edition_of(const World& world, const Fortune& fortune) {
  if (fortune.in_environment) return world.environment->edition;
  return fortune.old_edition && world.edition > 0 ? world.edition - 1 : world.edition;
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
      edition_(world.editions[edition_of(world, fortune_)]),
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
  const bool elsewhere = !folder_.empty() && !path.starts_with(folder_ + "/");
  if (elsewhere && changes(operation)) {
    world_.hold(fmt::format("who works in the environment changes {} of main: {}", path,
                            operation_name(operation)));
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
  const bool full = fortune_.full_at >= 0 && number >= fortune_.full_at;
  const bool takes_space = operation >= Operation::kCreate && operation != Operation::kRemove;
  const Fate fate = full && takes_space ? Fate::kFail : fault(operation);
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
    world_.check();
  } else if (kind == 1 && world_.random.below(3) == 0) {
    turn_day();
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
  PlantedStore planted_store(store_, world_.plant);
  if (fortune_.steps.front() == Step::kMakeEnvironment) return make_environment(planted_store);
  if (fortune_.steps.front() == Step::kDropEnvironment) return drop_environment(planted_store);
  std::unique_ptr<store::Store> of_environment;
  if (fortune_.in_environment) {
    const std::string& name = world_.environment->name;
    folder_ = store::environment_folder(name);
    TRY_DONE(app::read_environment(planted_store, name));
    of_environment = store::make_environment_store(planted_store, name);
  }
  store::Store& store = of_environment ? *of_environment : planted_store;
  TRY(const auto engine,
      engine::open_engine({.threads = 1, .random = &random_}, store, world_.clock));
  lake::Lake lake({store, world_.clock, random_, engine->parquet_io(), name_});
  engine->attach(lake);
  if (fortune_.steps.front() == Step::kDrop) return drop(*engine, lake);
  NoProgress progress;
  pack::Pack pack = planted(edition_.pack, world_.editions.front().pack, world_.plant);
  // Some publish the tables of a run together, and take turns with those that do not.
  if (name_.back() % 3 == 0) pack.publish = pack::Publish::kTogether;
  refresh::PipelineContext context{lake, *engine, pack, world_.clock, random_};
  // Most processes go by key where they can, some where it seems cheaper, and some know nothing of
  // that; all take turns on the same tables.
  constexpr double kShares[] = {0, 0.2, 1, 1, 1, 1};
  context.by_key_share = kShares[random_.below(6)];
  refresh::Pipeline pipeline(context, progress, Cancel());
  const Done prepared = pipeline.prepare();
  if (!prepared) return prepared;
  for (const Step each : fortune_.steps) {
    const Done done = step({*engine, lake, pipeline, pack, store}, each);
    if (store_.dead()) return Error{Fault::kCancelled, "dead"};
    if (!done) {
      succeeded_ = false;
      world_.say(fmt::format("  {} fails: {}", name_, done.error().text()));
    }
  }
  return done();
}

Done Life::step(const Process& process, Step step) {
  switch (step) {
    case Step::kIngest:
      return ingest(process.pipeline);
    case Step::kRun:
      return run(process.pipeline);
    case Step::kArrival:
      world_.say("  arrives " + world_.raw.arrive());
      return done();
    case Step::kParent:
      world_.say("  arrives " + world_.raw.arrive(Source::kPolicies, {kLostParent}));
      return done();
    case Step::kPerson:
      return say_statement(process);
    case Step::kLive:
      return live_pipeline(process);
    case Step::kMidnight:
      turn_day();
      return done();
    case Step::kMonthEnd:
      end_month();
      return done();
    case Step::kWaive:
      return say_waiver(process);
    case Step::kVacuum:
      return vacuum(process);
    case Step::kDrop:
    case Step::kMakeEnvironment:
    case Step::kDropEnvironment:
      break;  // work() has done it
  }
  return done();
}

Done Life::say_statement(const Process& process) {
  const auto newest = [&](const std::string& table) -> std::optional<delta::LogVersion> {
    const auto name = lake::TableName::parse(table);
    const auto snapshot = process.lake.snapshot_if_any(*name);
    if (!snapshot || *snapshot == nullptr) return std::nullopt;
    return (*snapshot)->version();
  };
  return say_sql(process.engine, process.lake,
                 draw_statement(world_.random, world_.today(), newest));
}

Done Life::live_pipeline(const Process& process) {
  const LiveProcess live{world_,
                         name_,
                         process.store,
                         process.lake,
                         process.pack,
                         process.pipeline,
                         [this] { return store_.dead(); },
                         [&] {
                           const bool waives = world_.random.below(3) == 0;
                           const Done said = waives ? say_waiver(process) : say_statement(process);
                           if (!said) world_.say("  in vain: " + said.error().message);
                         }};
  succeeded_ = run_live(live, fortune_.quiet) && succeeded_;
  return done();
}

Done Life::say_sql(engine::Engine& engine, lake::Lake& lake, const std::string& sql) {
  TRY(const auto session, engine.session({.access = engine::Access::kInternal}));
  TRY(const auto statement, lake::parse_table_statement(sql));
  CHECK(statement.has_value(), sql);
  world_.say(fmt::format("  {} says {}", name_, sql));
  TRY_DONE(lake::run_table_statement(lake, *session, *statement, kPerson));
  return done();
}

// What the pack builds cannot be dropped by those who know the pack.
Done Life::drop(engine::Engine& engine, lake::Lake& lake) {
  if (world_.half_dropped.empty()) {
    world_.half_dropped = world_.random.below(2) == 0 ? "bronze.claims" : "bronze.policies";
  }
  const bool claims = world_.half_dropped == "bronze.claims";
  world_.checker.drops(world_.half_dropped);
  std::erase_if(world_.acknowledged, [&](std::size_t content) {
    return (world_.raw.contents()[content].source == Source::kClaims) == claims;
  });
  TRY_DONE(say_sql(engine, lake, "DROP TABLE IF EXISTS " + world_.half_dropped));
  world_.half_dropped.clear();
  world_.checker.dropped();
  return done();
}

void Life::turn_day() {
  world_.let_pass_until(Timestamp(world_.today() + std::chrono::days(1)) + std::chrono::seconds(1));
}

// Then old versions may be vacuumed away, and old entries of the log be cleaned up; so all is
// looked at before. No request is on its way for so long.
void Life::end_month() {
  world_.land_late();
  land_late();
  world_.check();
  const std::chrono::year_month_day today(world_.today());
  const auto next = today.year() / today.month() / 1 + std::chrono::months(1);
  world_.let_pass_until(Timestamp(Date(next)) + std::chrono::seconds(1));
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
        (fortune_.in_environment ? world_.environment->acknowledged : world_.acknowledged)
            .insert(index);
      }
    }
  }
  succeeded_ = succeeded_ && report.ok();
  return done();
}

Done Life::run(refresh::Pipeline& pipeline) {
  const bool first_day = world_.plant == Plant::kStaysOnFirstDay;
  TRY(const auto report, pipeline.run({.as_of = first_day ? world_.first_day : world_.today()}));
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
