#include "engine/instance.h"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include <duckdb.hpp>
#include <duckdb/main/settings.hpp>

#include "base/text.h"
#include "engine/catalog.h"
#include "engine/change_tables.h"
#include "engine/curve.h"
#include "engine/file_layout.h"
#include "engine/file_system.h"
#include "engine/limit_files.h"
#include "engine/scratch.h"
#include "engine/table_scan.h"

namespace claimlake::engine {
namespace {

// The headers and the library must be of exactly one version: classes change between patches.
constexpr std::string_view kSourceId = "069cc9f9b5";

void run(duckdb::Connection& connection, const std::string& sql) {
  const auto result = connection.Query(sql);
  if (result->HasError()) result->ThrowError();
}

// Of each thread's memory a part cannot spill: column readers, a row group that is being written.
// With less than this for each, a query over a wide table fails that one thread would finish.
constexpr std::int64_t kMemoryPerThread = std::int64_t{400} << 20;

int threads(const EngineConfig& config) {
  if (config.threads > 0) return config.threads;
  const std::int64_t cores = std::max(1U, std::thread::hardware_concurrency());
  return static_cast<int>(
      std::clamp(config.memory_bytes / kMemoryPerThread, std::int64_t{1}, cores));
}

void start_settings(const EngineConfig& config, const std::string& spill,
                    duckdb::DBConfig& settings) {
  for (const char* off : {"autoinstall_known_extensions", "autoload_known_extensions",
                          "allow_community_extensions", "allow_persistent_secrets"}) {
    settings.SetOptionByName(off, duckdb::Value::BOOLEAN(false));
  }
  settings.SetOptionByName("temp_directory", duckdb::Value(spill));
  settings.SetOptionByName("memory_limit",
                           duckdb::Value(std::to_string(config.memory_bytes) + "B"));
  settings.SetOptionByName("threads", duckdb::Value::BIGINT(threads(config)));
}

// After this nothing but lake:// and the spill folder can be opened, and nobody can undo it.
void lock_down(duckdb::Connection& connection, const std::string& spill) {
  run(connection, "SET GLOBAL TimeZone = 'UTC'");
  run(connection, "SET GLOBAL Calendar = 'gregorian'");
  // Files never change; what is kept of them counts as memory used and makes room for what is not.
  run(connection, "SET GLOBAL parquet_metadata_cache = true");
  std::string allowed = fmt::format("'{}'", kLakeScheme);
  if (!spill.empty()) allowed += ", " + sql_string(spill);
  run(connection, fmt::format("SET allowed_directories = [{}]", allowed));
  run(connection, "SET enable_external_access = false");
  run(connection, "SET lock_configuration = true");
}

}  // namespace

Instance::Instance(const EngineConfig& config, std::unique_ptr<SpillFolder> spill,
                   store::Store& store, DirectorySlot& slot)
    : count_progress_(config.count_progress), spill_(std::move(spill)) {
  const std::string spill_path = spill_ ? spill_->path() : "";
  duckdb::DBConfig settings;
  start_settings(config, spill_path, settings);
  database_ = std::make_unique<duckdb::DuckDB>(nullptr, &settings);
  duckdb::FileSystem::GetFileSystem(*database_->instance)
      .RegisterSubSystem(
          duckdb::unique_ptr<duckdb::FileSystem>(make_lake_file_system(store).release()));
  register_lake_catalog(*database_->instance, store, slot, config.table_bytes);
  register_change_tables(*database_->instance);
  register_scratch(*database_->instance);
  register_curve(*database_->instance);
  duckdb::DBConfig::GetConfig(*database_->instance)
      .AddExtensionOption(kVariantSetting, "whether groups of value and metadata are variants",
                          duckdb::LogicalType::BOOLEAN, duckdb::Value::BOOLEAN(false));
  register_layout_format(*database_->instance);
  register_limit_files(*database_->instance);
  duckdb::Connection connection(*database_);
  run(connection, fmt::format("ATTACH '' AS lake (TYPE {})", kCatalogType));
  lock_down(connection, spill_path);
}

Instance::~Instance() = default;

std::unique_ptr<duckdb::Connection> Instance::connect() {
  auto connection = std::make_unique<duckdb::Connection>(*database_);
  duckdb::ClientConfig& config = connection->context->config;
  config.use_replacement_scans = false;          // FROM 'file.csv' names a table, never a file
  config.enable_progress_bar = count_progress_;  // counts progress, prints nothing
  config.print_progress_bar = false;
  config.user_settings.SetUserSetting(duckdb::ErrorsAsJSONSetting::SettingIndex,
                                      duckdb::Value::BOOLEAN(true));  // with their position
  config.wait_time = 0;
  return connection;
}

Instances::Instances(EngineConfig config, store::Store& store, Random& random)
    : config_(std::move(config)),
      store_(store),
      random_(random),
      key_index_(config_.index_bytes, config_.index_folder, store.root()) {}

Result<std::shared_ptr<Instance>> Instances::current() {
  const std::lock_guard lock(mutex_);
  if (instance_ && !instance_->dead()) return instance_;
  if (std::string_view(duckdb::DuckDB::SourceID()) != kSourceId) {
    return Error{Fault::kUnavailable,
                 fmt::format("libduckdb.so is of version {}, this program needs 1.5.6 ({})",
                             duckdb::DuckDB::LibraryVersion(), kSourceId),
                 "", "run tools/fetch_duckdb.sh and build again"};
  }
  std::unique_ptr<SpillFolder> spill;
  if (!config_.spill_folder.empty()) {
    TRY(spill, SpillFolder::make(config_.spill_folder));
  }
  try {
    instance_ = std::make_shared<Instance>(config_, std::move(spill), store_, slot_);
  } catch (const std::exception& exception) {
    return Error{Fault::kUnavailable,
                 "Cannot open the SQL engine: " + duckdb::ErrorData(exception).RawMessage()};
  }
  return instance_;
}

std::string engine_version() {
  const std::string version = duckdb::DuckDB::LibraryVersion();  // "v1.5.6"
  return version.starts_with('v') ? version.substr(1) : version;
}

}  // namespace claimlake::engine
