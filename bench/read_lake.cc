#include "read_lake.h"

#include "store/local_store.h"

namespace claimlake::bench {

Result<std::unique_ptr<ReadLake>> ReadLake::open(const std::string& folder, int threads) {
  auto opened = std::make_unique<ReadLake>();
  TRY(opened->store, store::open_local(folder));
  engine::EngineConfig config;
  config.memory_bytes = kMemoryBytes;
  config.threads = threads;
  config.count_progress = false;
  TRY(opened->engine, engine::open_engine(config, *opened->store, opened->clock));
  opened->forget();
  TRY(opened->session, opened->engine->session({}));
  return opened;
}

void ReadLake::forget() {
  auto anew = std::make_unique<lake::Lake>(
      lake::LakeContext{*store, clock, random, engine->parquet_io(), "bench"});
  engine->attach(*anew);
  lake = std::move(anew);
}

}  // namespace claimlake::bench
