#include "writer.h"

#include <fmt/format.h>

#include <utility>

#include "engine/engine.h"
#include "lake/table_statement.h"

namespace claimlake::model {
namespace {

using store::Fate;
using store::Operation;

const char* fate_name(Fate fate) {
  switch (fate) {
    case Fate::kFail:
      return "fails";
    case Fate::kDieBefore:
      return "dies before";
    case Fate::kDieAfter:
      return "dies after";
    case Fate::kLoseRequest:
      return "loses the request";
    case Fate::kLoseAnswer:
      return "loses the answer";
    case Fate::kLate:
      return "is late with";
    case Fate::kTwice:
      return "does twice";
    case Fate::kNormal:
      break;
  }
  return "does";
}

const char* operation_name(Operation operation) {
  constexpr const char* kNames[] = {"head",     "read",    "open",   "read_at", "list",
                                    "list_all", "folders", "create", "append",  "put_if_absent",
                                    "put",      "finish",  "remove"};
  return kNames[static_cast<std::size_t>(operation)];
}

}  // namespace

struct Writer::Process {
  std::unique_ptr<store::FaultyStore> store;
  std::unique_ptr<engine::Engine> engine;
  std::unique_ptr<lake::Lake> lake;
  std::unique_ptr<engine::Session> session;
};

Writer::Writer(std::string name, store::Store& store, SimClock& clock, Random& random,
               std::function<void(const std::string&)> say)
    : name_(std::move(name)), store_(store), clock_(clock), random_(random), say_(std::move(say)) {}
Writer::~Writer() = default;

void Writer::restart() {
  if (!process_) return;
  auto store = std::move(process_->store);
  process_->session.reset();
  process_->engine.reset();
  process_.reset();
  past_stores_.push_back(std::move(store));
}

void Writer::land_late() {
  for (const auto& store : past_stores_) store->land_late();
  if (process_) process_->store->land_late();
}

bool Writer::is_here(const std::optional<Place>& place, bool commit) const {
  if (!place) return false;
  return place->at_commit ? commit && place->number == commits_ : place->number == operations_;
}

Fate Writer::next(Operation operation, std::string_view path) {
  if (!running_) return Fate::kNormal;
  clock_.advance(std::chrono::microseconds(1 + random_.below(2'000)));
  const bool commit =
      operation == Operation::kPutIfAbsent && path.find("_delta_log/") != std::string_view::npos;
  const bool pause = is_here(fortune_.pause_at, commit);
  const bool fault = is_here(fortune_.fault_at, commit);
  ++operations_;
  commits_ += commit ? 1 : 0;
  if (pause) {
    say_(fmt::format("-- {} pauses before {} {}", name_, operation_name(operation), path));
    fortune_.meanwhile();
    say_(fmt::format("-- {} goes on", name_));
  }
  if (!fault) return Fate::kNormal;
  fault_fired_ = true;
  died_ = fortune_.fault == Fate::kDieBefore || fortune_.fault == Fate::kDieAfter;
  say_(fmt::format("-- {} {} {} {}", name_, fate_name(fortune_.fault), operation_name(operation),
                   path));
  return fortune_.fault;
}

Answer Writer::run(const Statement& statement, const std::string& run, Fortune fortune) {
  if (!process_) {
    process_ = std::make_unique<Process>();
    store::FaultPlan& plan = *this;
    process_->store = std::make_unique<store::FaultyStore>(store_, plan);
    auto engine = engine::open_engine({.threads = 1, .spill_folder = "", .random = &random_},
                                      *process_->store, clock_);
    CHECK(engine.has_value(), engine ? "" : engine.error().text());
    process_->engine = *std::move(engine);
    lake::LakeContext context{*process_->store, clock_, random_, process_->engine->parquet_io(),
                              name_};
    if (random_.below(2) == 0) context.large_table_rows = 0;  // a MERGE reads it as a large one
    process_->lake = std::make_unique<lake::Lake>(context);
    process_->engine->attach(*process_->lake);
    process_->session = *process_->engine->session({.access = engine::Access::kInternal});
  }
  fortune_ = std::move(fortune);
  operations_ = commits_ = 0;
  fault_fired_ = died_ = false;
  running_ = true;
  Answer answer;
  const auto parsed = lake::parse_table_statement(statement.sql());
  if (!parsed) {
    answer.error = parsed.error();
  } else if (!*parsed) {
    answer.error = Error{Fault::kCorrupt, "this is taken for no statement about a table"};
  } else {
    const auto table =
        lake::run_table_statement(*process_->lake, *process_->session, **parsed, run);
    if (!table) answer.error = table.error();
  }
  running_ = false;
  answer.died = died_;
  answer.fault_fired = fault_fired_;
  if (died_) restart();
  return answer;
}

}  // namespace claimlake::model
