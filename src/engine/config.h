#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "base/random.h"

namespace claimlake::engine {

struct EngineConfig {
  std::int64_t memory_bytes = std::int64_t{4} << 30;  // of all sessions together
  int threads = 0;           // 0: as many as the machine has and memory_bytes carries
  std::string spill_folder;  // on the local disk; made if absent; "" = the engine never spills
  // Whether Session::progress() knows anything. Keeping count costs up to a seventh of a query.
  bool count_progress = true;
  // Memory for what is kept of tables between queries: typed statistics, and the versions they are
  // of.
  std::int64_t table_bytes = std::int64_t{256} << 20;
  // Where key indexes (Session::rows_of) of files that are not small are kept between starts, on
  // the local disk; made when it is needed; "" = all are kept in memory.
  std::string index_folder = {};
  // Memory for those that are not kept there, which are made again where they do not fit.
  std::int64_t index_bytes = std::int64_t{512} << 20;
  Random* random = nullptr;  // names of files; outlives the engine; null: the system's
};

// Decides per session what SQL may do.
enum class Access {
  kReadOnly,  // SELECT, DESCRIBE, SHOW, EXPLAIN, SUMMARIZE, and nothing else: for people's queries
  kInternal,  // also temp tables and COPY into the store: for our own pipeline
};

struct SessionConfig {
  Access access = Access::kReadOnly;
  std::chrono::milliseconds time_limit{0};  // 0: none
  std::string default_schema;               // for names without a schema; "" = gold
};

}  // namespace claimlake::engine
