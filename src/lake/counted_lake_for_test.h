#pragma once

#include <memory>
#include <set>
#include <string>

#include "engine/engine.h"
#include "lake/lake.h"
#include "store/counting_store.h"

namespace claimlake::lake {

// A lake as a process has it that has just opened it: nothing is known yet, and what it asks of the
// store is counted.
struct CountedLake {
  CountedLake(store::Store& inner, const Clock& clock, Random& random, int threads = 2,
              std::int64_t bytes = std::int64_t{256} << 20, const std::string& index_folder = "")
      : store(inner),
        engine(*engine::open_engine({.threads = threads,
                                     .spill_folder = "",
                                     .table_bytes = bytes,
                                     .index_folder = index_folder,
                                     .random = &random},
                                    store, clock)),
        lake({store, clock, random, engine->parquet_io(), "tester", bytes}) {
    engine->attach(lake);
    session = *engine->session({.access = engine::Access::kInternal});
  }

  // All cells, each followed by a blank; or the error's text.
  std::string rows(const std::string& sql) {
    const auto rows = session->query(sql);
    if (!rows) return rows.error().text();
    const auto table = engine::read_all(**rows, 10'000);
    if (!table) return table.error().text();
    std::string out;
    for (const auto& row : table->rows) {
      for (const auto& cell : row) out += cell.value_or("-") + " ";
    }
    return out;
  }
  std::int64_t requests() const {
    const store::StoreCounts counts = store.counts();
    return counts.heads + counts.reads + counts.opens + counts.lists;
  }
  // The tables whose logs were looked into since the last reset of the store.
  std::set<std::string> tables_opened() const {
    std::set<std::string> tables;
    for (const std::string& path : store.counts().opened) {
      const auto log = path.find("/_delta_log/");
      if (log != std::string::npos) tables.insert(path.substr(0, log));
    }
    return tables;
  }
  // The data files that were opened since then.
  std::set<std::string> files_opened() const {
    std::set<std::string> files;
    for (const std::string& path : store.counts().opened) {
      if (path.ends_with(".parquet") && path.find("/_delta_log/") == std::string::npos) {
        files.insert(path);
      }
    }
    return files;
  }

  store::CountingStore store;
  std::unique_ptr<engine::Engine> engine;
  Lake lake;
  std::unique_ptr<engine::Session> session;
};

}  // namespace claimlake::lake
