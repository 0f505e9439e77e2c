#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "fortune.h"
#include "refresh/pipeline.h"
#include "store/faulty_store.h"
#include "turns.h"
#include "world.h"

namespace claimlake::sim {

// A policy that claims name, and that arrives in Step::kParent only.
inline constexpr const char* kLostParent = "P9";

// One process over the world's store, from its start to its death or end.
class Life final : private store::FaultPlan {
 public:
  Life(World& world, std::string name, Fortune fortune);

  // `turns` may be null: no other process runs.
  void live(Turns* turns = nullptr, int me = 0);

  std::int64_t operations() const { return operations_; }
  const std::string& died_at() const { return died_at_; }  // the operation; empty: it did not
  bool paused() const { return paused_; }
  // True if every step succeeded.
  bool succeeded() const { return succeeded_; }
  // True if run() had nothing to do.
  bool idle() const { return idle_; }
  std::int64_t land_late() { return store_.land_late(); }

 private:
  struct Process {
    engine::Engine& engine;
    lake::Lake& lake;
    refresh::Pipeline& pipeline;
    const pack::Pack& pack;
    store::Store& store;
  };

  store::Fate next(store::Operation operation, std::string_view path) override;
  bool arrives(std::string_view path) override;
  store::Fate fault(store::Operation operation);
  void surprise();
  Done work();
  Done step(const Process& process, Step step);
  Done ingest(refresh::Pipeline& pipeline);
  Done run(refresh::Pipeline& pipeline);
  Done say_statement(const Process& process);
  Done live_pipeline(const Process& process);
  Done say_sql(engine::Engine& engine, lake::Lake& lake, const std::string& sql);
  Done drop(engine::Engine& engine, lake::Lake& lake);
  Done say_waiver(const Process& process);
  Done waive(const Process& process, engine::Session& session, bool withdraws);
  Done vacuum(const Process& process);
  Done make_environment(store::Store& store);
  Done drop_environment(store::Store& store);
  void turn_day();
  void end_month();
  void tell(const std::string& what, const refresh::RunReport& report);

  World& world_;
  const std::string name_;
  const Fortune fortune_;
  const Edition& edition_;
  SeededRandom random_;
  Turns* turns_ = nullptr;
  int me_ = 0;
  std::string folder_;  // of the environment that this life works in: nothing else may it change
  std::int64_t operations_ = 0;
  std::string died_at_;
  bool paused_ = false;
  bool succeeded_ = true;
  bool idle_ = true;
  store::FaultyStore store_;
};

const char* operation_name(store::Operation operation);

}  // namespace claimlake::sim
