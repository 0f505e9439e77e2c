#include "log_lake.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "store/local_store.h"

namespace claimlake::bench {
namespace {

constexpr std::int64_t kMemoryBytes = std::int64_t{4} << 30;

engine::WrittenFile absent_file(const lake::TableName& table, std::int64_t number) {
  engine::WrittenFile file;
  file.path = fmt::format("{}/part-{:08}-0a1b2c3d-0000-4000-8000-{:012}.zstd.parquet",
                          table.folder(), number, number);
  file.size = 40'000;
  file.rows = 1'000;
  file.stats_json =
      fmt::format(R"({{"numRecords":1000,"minValues":{{"id":{},"name":"row {:09}","amount":0.50}},)"
                  R"("maxValues":{{"id":{},"name":"row {:09}","amount":99.50}},)"
                  R"("nullCount":{{"id":0,"name":0,"amount":0}}}})",
                  number * 1'000, number * 1'000, number * 1'000 + 999, number * 1'000 + 999);
  return file;
}

}  // namespace

Result<std::unique_ptr<LogLake>> LogLake::open(const std::string& folder) {
  auto opened = std::make_unique<LogLake>();
  TRY(opened->store, store::open_local(folder));
  engine::EngineConfig config;
  config.memory_bytes = kMemoryBytes;
  config.count_progress = false;
  TRY(opened->engine, engine::open_engine(config, *opened->store, opened->clock));
  opened->lake = std::make_unique<lake::Lake>(lake::LakeContext{
      *opened->store, opened->clock, opened->random, opened->engine->parquet_io(), "bench"});
  opened->engine->attach(*opened->lake);
  TRY(opened->session, opened->engine->session({.access = engine::Access::kInternal}));
  return opened;
}

double LogLake::ms_since(std::chrono::steady_clock::time_point start) const {
  return std::chrono::duration<double, std::milli>(clock.steady_now() - start).count();
}

Done LogLake::create(const lake::TableName& table) {
  TRY(const auto schema,
      engine::delta_schema({{"id", "BIGINT"}, {"name", "VARCHAR"}, {"amount", "DECIMAL(18,2)"}}));
  TRY_DONE(lake->create(table, schema, {}, {}, ""));
  return done();
}

Result<AppendCost> LogLake::append(const lake::TableName& table, std::int64_t id) {
  AppendCost cost;
  const std::string select = fmt::format(
      "SELECT CAST({} AS BIGINT) AS id, 'row {}' AS name, CAST({}.{:02} AS DECIMAL(18,2)) AS "
      "amount",
      id, id, id / 100, id % 100);
  auto start = clock.steady_now();
  lake::WriteRequest request;
  TRY(request.base, lake->snapshot(table));
  cost.refresh_ms = ms_since(start);
  start = clock.steady_now();
  TRY(request.staged, lake->stage(*session, table, select));
  cost.stage_ms = ms_since(start);
  cost.file_bytes = request.staged.bytes();
  start = clock.steady_now();
  TRY(const auto committed, lake->commit(std::move(request)));
  cost.commit_ms = ms_since(start);
  cost.version = committed->version();
  return cost;
}

Done LogLake::add_files(const lake::TableName& table, std::int64_t first, std::int64_t count) {
  lake::WriteRequest request;
  TRY(request.base, lake->snapshot(table));
  request.staged.table = table;
  request.staged.schema = request.base->schema();
  for (std::int64_t i = first; i < first + count; ++i) {
    request.staged.files.push_back(absent_file(table, i));
  }
  TRY_DONE(lake->commit(std::move(request)));
  return done();
}

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

double mean(const std::vector<double>& values) {
  if (values.empty()) return 0;
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

}  // namespace claimlake::bench
