#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/text.h"
#include "delta/log.h"
#include "engine/engine.h"
#include "store/local_store.h"

namespace claimlake {

// The unpacked golden tables behind one engine, as schema `golden` of catalog `lake`. A table is
// any folder; its name is its path below the root, in lower case.
class GoldenLake final : public engine::TableDirectory {
 public:
  // Empty if the golden data is not there.
  static std::unique_ptr<GoldenLake> open() {
    if (!std::filesystem::is_directory(GOLDEN_DATA "/tables")) return nullptr;
    return std::unique_ptr<GoldenLake>(new GoldenLake());  // NOLINT: the constructor is private
  }

  // Names of the tables in folder `group` ("tables", "features"), ascending.
  std::vector<std::string> names(const std::string& group) const {
    auto folders = store_->list_folders(group);
    return folders ? *folders : std::vector<std::string>();
  }
  bool has(const std::string& folder) const {
    return std::filesystem::is_directory(GOLDEN_DATA "/" + folder);
  }
  delta::Log log(const std::string& folder) {
    return delta::Log({*store_, engine_->parquet_io(), clock_, random_}, folder);
  }
  engine::Engine& engine() { return *engine_; }
  store::Store& store() { return *store_; }
  // Makes the table in `folder` visible as lake.golden."NAME", NAME being `folder` in lower case.
  void show(const std::string& folder) { folders_[to_lower(folder)] = folder; }

  std::vector<std::string> schemas() override { return {"golden"}; }
  std::vector<std::string> tables(std::string_view) override {
    std::vector<std::string> out;
    for (const auto& [name, folder] : folders_) out.push_back(name);
    return out;
  }
  Result<engine::TableVersion> table(std::string_view, std::string_view name,
                                     const engine::At& at) override {
    const auto folder = folders_.find(std::string(name));
    if (folder == folders_.end()) return Error{Fault::kNotFound, "no such golden table"};
    const delta::Log table_log = log(folder->second);
    auto snapshot = at.version ? table_log.snapshot_at(*at.version) : table_log.snapshot();
    if (!snapshot) return std::move(snapshot).error();
    return engine::TableVersion{*snapshot, folder->second};
  }
  // Versions only, no times.
  Result<engine::TableChanges> changes(std::string_view, std::string_view name,
                                       const engine::At& from, const engine::At& to) override {
    const std::string& folder = folders_.at(std::string(name));
    TRY(auto rows, log(folder).changes(from.version.value_or(0), to.version.value_or(0)));
    return engine::TableChanges{std::move(rows), folder};
  }
  Result<engine::TableChanges> difference(std::string_view schema, std::string_view name,
                                          const engine::At& from, const engine::At& to) override {
    TRY(const auto before, table(schema, name, from));
    TRY(const auto after, table(schema, name, to));
    TRY(auto rows, delta::difference(*store_, after.path, *before.snapshot, *after.snapshot));
    return engine::TableChanges{std::move(rows), after.path};
  }
  std::map<std::string, engine::ViewDefinition> views(std::string_view) override { return {}; }
  std::map<std::string, engine::FunctionDefinition> functions(std::string_view) override {
    return {};
  }

 private:
  GoldenLake() : store_(*store::open_local(GOLDEN_DATA)) {
    auto opened =
        engine::open_engine({.memory_bytes = std::int64_t{1} << 30, .threads = 2}, *store_, clock_);
    CHECK(opened.has_value(), "the engine opens");
    engine_ = *std::move(opened);
    engine_->attach(*this);
  }

  SystemClock clock_;
  SeededRandom random_{1};
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<engine::Engine> engine_;
  std::map<std::string, std::string> folders_;
};

// One for all tests: opening the engine takes a while. It ends with the last test, for an engine
// must not outlive main(): what DuckDB keeps for each thread is gone by then, and where there had
// been a second engine its end found the heap in ruins now and then.
class GoldenEnvironment final : public testing::Environment {
 public:
  void TearDown() override { lake_.reset(); }
  GoldenLake* lake() {
    if (!opened_) lake_ = GoldenLake::open();
    opened_ = true;
    return lake_.get();
  }

 private:
  bool opened_ = false;
  std::unique_ptr<GoldenLake> lake_;
};
inline GoldenEnvironment& golden_environment() {
  static GoldenEnvironment& environment = static_cast<GoldenEnvironment&>(
      *testing::AddGlobalTestEnvironment(std::make_unique<GoldenEnvironment>().release()));
  return environment;
}
inline GoldenEnvironment& golden_environment_from_the_start = golden_environment();
inline GoldenLake* golden_lake() { return golden_environment().lake(); }

}  // namespace claimlake

#define SKIP_WITHOUT_GOLDEN_DATA()                                                   \
  if (golden_lake() == nullptr)                                                      \
  GTEST_SKIP() << "The golden tables are not here. They belong into golden/ of the " \
                  "folder 'shared' beside the checkout, or of CLAIMLAKE_SHARED."
