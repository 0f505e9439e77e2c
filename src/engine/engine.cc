#include "engine/engine.h"

#include "engine/delta_parquet.h"
#include "engine/instance.h"
#include "engine/session.h"
#include "engine/watchdog.h"

namespace claimlake::engine {
namespace {

class DuckEngine final : public Engine {
 public:
  DuckEngine(const EngineConfig& config, store::Store& store, const Clock& clock)
      : instances_(config, store, config.random ? *config.random : system_random_),
        parquet_io_(make_delta_parquet(instances_)),
        watchdog_(clock) {}

  Result<std::unique_ptr<Session>> session(const SessionConfig& config) override {
    return make_session(config, instances_, watchdog_);
  }
  delta::ParquetIo& parquet_io() override { return *parquet_io_; }
  KeyIndex& key_index() override { return instances_.key_index(); }
  void attach(TableDirectory& directory) override { instances_.slot().directory = &directory; }

  Instances& instances() { return instances_; }

 private:
  SystemRandom system_random_;
  Instances instances_;
  std::unique_ptr<delta::ParquetIo> parquet_io_;
  Watchdog watchdog_;  // last: it calls into sessions that use the above
};

}  // namespace

Result<std::unique_ptr<Engine>> open_engine(const EngineConfig& config, store::Store& store,
                                            const Clock& clock) {
  auto engine = std::make_unique<DuckEngine>(config, store, clock);
  TRY_DONE(engine->instances().current());
  return std::unique_ptr<Engine>(std::move(engine));
}

}  // namespace claimlake::engine
