#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>

#include "check/clean_for_test.h"
#include "engine/cells_for_test.h"
#include "engine/engine.h"
#include "lake/table_statement.h"
#include "store/memory_store.h"

namespace claimlake::lake {

// A lake in memory, and statements as people write them.
class StatementLake {
 protected:
  StatementLake() {
    engine_ = *engine::open_engine({.threads = 2, .spill_folder = "", .random = &random_}, store_,
                                   clock_);
    lake_.emplace(LakeContext{store_, clock_, random_, engine_->parquet_io(), "tester"});
    engine_->attach(*lake_);
    session_ = *engine_->session({.access = engine::Access::kInternal});
  }

  // "" or the error's text.
  std::string run(const std::string& sql) {
    const auto statement = parse_table_statement(sql);
    if (!statement) return statement.error().text();
    if (!*statement) return "this is no statement about a table";
    const auto answer = run_table_statement(*lake_, *session_, **statement, "run-1");
    return answer ? "" : answer.error().text();
  }
  delta::SnapshotPtr newest(const std::string& table = "t") {
    return *lake_->snapshot({"gold", table});
  }
  std::string rows(const std::string& sql) { return engine::cells(*session_, sql, "-"); }

  SimClock clock_;
  SeededRandom random_{7};
  store::MemoryStore store_{clock_};
  std::unique_ptr<engine::Engine> engine_;
  std::optional<Lake> lake_;
  std::unique_ptr<engine::Session> session_;
};

// The same as the fixture of a test, at whose end the tables keep to the protocol.
template <class Test>
class StatementTestOf : public Test, protected StatementLake {
 protected:
  void TearDown() override {
    check::expect_tables_keep_to_the_protocol(store_, *engine_, clock_, random_);
  }
};
using StatementTest = StatementTestOf<testing::Test>;

}  // namespace claimlake::lake
