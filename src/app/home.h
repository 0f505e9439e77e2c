#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "app/config.h"
#include "app/environments.h"
#include "app/lake_place.h"
#include "app/lineage_sink.h"
#include "base/cancel.h"
#include "base/progress.h"
#include "base/random.h"
#include "engine/engine.h"
#include "lake/lake.h"
#include "pack/pack.h"
#include "refresh/pipeline.h"

namespace claimlake::app {

// What the command line says over claimlake.yml.
struct Overrides {
  std::optional<std::int64_t> memory_bytes;
  std::optional<int> threads;
  std::optional<int> port;
  std::optional<std::string> address;
  std::string environment;          // "": main, the lake itself
  bool is_new_environment = false;  // it has no tables yet, and is not complete
  std::string packs_folder;         // of a new one
};

// A lake's folder or bucket, opened: store, engine, tables and pack, in the order in which they are
// made. The folder holds raw/, the layers, claimlake.yml, and .claimlake/ (marker, spill).
class Home {
 public:
  // Makes `folder` a lake: marker, claimlake.yml, raw/. Errors: kConflict if it is one already,
  // kInvalidInput if it is not empty.
  static Done create(const std::string& folder, const std::string& pack, Random& random);
  static bool is_lake(const std::string& folder);
  // Deletes the lake with all it holds. Errors: kInvalidInput if `folder` is not a lake.
  static Done erase(const std::string& folder);

  // Errors: kNotFound (no lake, no environment there), kConflict (the environment is being made or
  // dropped), kInvalidInput (configuration, pack), kUnavailable.
  static Result<std::unique_ptr<Home>> open(const std::string& folder, const Overrides& overrides);

  const Config& config() const { return config_; }
  // The lake's folder or URL.
  const std::string& folder() const { return place_.name; }
  // A folder of this machine for what belongs to the lake only today.
  const std::string& work_folder() const { return place_.work_folder; }
  const SystemClock& clock() const { return clock_; }
  Random& random() { return random_; }
  // Of the environment.
  store::Store& store() { return environment_store_ ? *environment_store_ : *store_; }
  const std::string& environment() const { return environment_.name; }  // "" is main
  engine::Engine& engine() { return *engine_; }
  lake::Lake& lake() { return *lake_; }
  const pack::Pack& pack() const { return pack_; }

  // A pipeline with the pack's tables in place: those that are absent are made.
  Result<std::unique_ptr<refresh::Pipeline>> pipeline(Progress& progress, Cancel cancel);
  // Says that the process goes on while others may edit models (refresh::RunOptions::yield). Call
  // it once, before there are other threads.
  void goes_on();
  // Today in the pack's time zone.
  Result<Date> today();

 private:
  LineageSink::Context lineage_context();
  Home(LakePlace place, Config config);
  Done enter_environment(const Overrides& overrides);

  LakePlace place_;
  Config config_;
  SystemClock clock_;
  SystemRandom random_;
  std::unique_ptr<store::Store> store_;
  Environment environment_;
  std::unique_ptr<EnvironmentUse> environment_use_;
  std::unique_ptr<store::Store> environment_store_;  // over store_
  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<lake::Lake> lake_;
  pack::Pack pack_;
  refresh::BuiltBy built_by_;
  std::atomic<bool> definitions_kept_ = false;
  std::mutex lineage_made_;
  std::unique_ptr<LineageSink> lineage_;  // last: works on all of the above; null: nobody asks
};

// The folder that holds the packs: as configured, or packs/ beside or above the program.
// Errors: kNotFound, naming where it was looked for.
Result<std::string> packs_folder(const Config& config);

}  // namespace claimlake::app
