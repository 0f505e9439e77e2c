#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "base/random.h"
#include "engine/engine.h"
#include "lake/lake.h"
#include "store/store.h"

namespace claimlake::bench {

// A lake opened as the program opens it, without its pack.
struct ReadLake {
  static Result<std::unique_ptr<ReadLake>> open(const std::string& folder, int threads);

  // The tables are as if they had never been looked at. No query may be running.
  void forget();

  SystemClock clock;
  SystemRandom random;
  std::unique_ptr<store::Store> store;
  std::unique_ptr<engine::Engine> engine;
  std::unique_ptr<lake::Lake> lake;
  std::unique_ptr<engine::Session> session;  // as people get it: read-only
};

inline constexpr std::int64_t kMemoryBytes = std::int64_t{4} << 30;

// Milliseconds of `work`.
template <class Work>
Result<double> milliseconds_of(const Work& work) {
  const SystemClock clock;
  const auto start = clock.steady_now();
  TRY_DONE(work());
  return std::chrono::duration<double, std::milli>(clock.steady_now() - start).count();
}

}  // namespace claimlake::bench
