#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lake/lake.h"
#include "statement.h"
#include "store/faulty_store.h"
#include "store/memory_store.h"

namespace claimlake::model {

// A place in what a statement does to the store.
struct Place {
  bool at_commit = false;   // counts only puts into the log
  std::int64_t number = 0;  // from 0 on
};

// What happens to one statement on its way.
struct Fortune {
  // Here another writer goes first.
  std::optional<Place> pause_at;
  std::function<void()> meanwhile;
  // Here something goes wrong.
  std::optional<Place> fault_at;
  store::Fate fault = store::Fate::kNormal;
};

struct Answer {
  std::optional<Error> error;
  std::string text;
  bool died = false;
  bool fault_fired = false;
};

// One process that writes to the table: an engine and a Lake over its own view of the store. After
// its death it starts again by itself. `store`, `clock`, `random` outlive it.
class Writer final : private store::FaultPlan {
 public:
  Writer(std::string name, store::Store& store, SimClock& clock, Random& random,
         std::function<void(const std::string&)> say);
  ~Writer() override;

  Answer run(const Statement& statement, const std::string& run, Fortune fortune);
  // What it knows is forgotten.
  void restart();
  // Requests that are still on their way arrive; also those of processes that are dead.
  void land_late();
  const std::string& name() const { return name_; }
  bool running() const { return running_; }

 private:
  struct Process;

  store::Fate next(store::Operation operation, std::string_view path) override;
  bool arrives(std::string_view) override { return random_.below(4) == 0; }
  bool is_here(const std::optional<Place>& place, bool commit) const;

  const std::string name_;
  store::Store& store_;
  SimClock& clock_;
  Random& random_;
  const std::function<void(const std::string&)> say_;
  Fortune fortune_;
  bool running_ = false;
  bool fault_fired_ = false;
  bool died_ = false;
  std::int64_t operations_ = 0;
  std::int64_t commits_ = 0;
  std::unique_ptr<Process> process_;
  std::vector<std::unique_ptr<store::FaultyStore>> past_stores_;  // their late requests remain
};

}  // namespace claimlake::model
