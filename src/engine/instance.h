#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "engine/engine.h"
#include "engine/key_index.h"
#include "engine/spill_folder.h"
#include "store/store.h"

namespace duckdb {
class Connection;
class DuckDB;
class ErrorData;
}  // namespace duckdb

namespace claimlake::engine {

// Where the catalog finds the tables; filled by Engine::attach after the first instance is open.
struct DirectorySlot {
  std::atomic<TableDirectory*> directory{nullptr};
};

// One open DuckDB with our file system, catalog and settings. All that DuckDB knows can be made
// again: nothing lives in it that is not elsewhere. Thread-safe.
class Instance {
 public:
  // `spill` may be null: then it never spills.
  Instance(const EngineConfig& config, std::unique_ptr<SpillFolder> spill, store::Store& store,
           DirectorySlot& slot);
  ~Instance();
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;

  duckdb::DuckDB& database() { return *database_; }
  // A connection with the settings that all of ours share. Throws what DuckDB throws.
  std::unique_ptr<duckdb::Connection> connect();

  // After an internal error DuckDB refuses all work; then the next user opens a new instance.
  bool dead() const { return dead_.load(); }
  void mark_dead() { dead_.store(true); }

 private:
  const bool count_progress_;
  const std::unique_ptr<SpillFolder> spill_;  // outlives the database
  std::unique_ptr<duckdb::DuckDB> database_;
  std::atomic<bool> dead_{false};
};

// Holds the instance that is in use and replaces it after it died. Thread-safe.
class Instances {
 public:
  Instances(EngineConfig config, store::Store& store, Random& random);

  // Errors: kUnavailable (DuckDB cannot be opened; the library is of another version).
  Result<std::shared_ptr<Instance>> current();
  DirectorySlot& slot() { return slot_; }
  store::Store& store() { return store_; }
  Random& random() { return random_; }
  KeyIndex& key_index() { return key_index_; }

 private:
  const EngineConfig config_;
  store::Store& store_;
  Random& random_;
  DirectorySlot slot_;
  KeyIndex key_index_;
  std::mutex mutex_;
  std::shared_ptr<Instance> instance_;
};

// What DuckDB calls "lake://<path>" is the object <path> of the store.
inline constexpr std::string_view kLakeScheme = "lake://";
inline std::string lake_url(std::string_view path) { return std::string(kLakeScheme).append(path); }

// The error in our words: fault, message, line:column in `sql`, what to do. Marks `instance` dead
// if the error killed it.
Error to_error(const duckdb::ErrorData& error, std::string_view sql, Instance& instance);
// The same for the exception in flight; call it in a catch block only.
Error current_exception_error(std::string_view sql, Instance& instance);

}  // namespace claimlake::engine
