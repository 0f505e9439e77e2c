#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/progress.h"
#include "engine/cells_for_test.h"
#include "lake/table_statement.h"
#include "pack/key_mapping.h"
#include "pack/sql_text.h"
#include "refresh/ops.h"
#include "refresh/table_refresh.h"
#include "store/memory_store.h"

namespace claimlake::refresh {

// A lake in memory with what a refresh of its tables needs, and statements as people write them.
struct MemoryLake {
  using Columns = std::vector<pack::ColumnDoc>;

  explicit MemoryLake(Timestamp now = {}, std::string index_folder = "")
      : clock(now), index_folder(std::move(index_folder)) {
    open();
  }

  // As a new process would: nothing that was read is still known.
  void open() {
    session.reset();
    ops.reset();
    lake.reset();
    auto opened = engine::open_engine({.memory_bytes = memory_bytes,
                                       .threads = 1,
                                       .spill_folder = "",
                                       .index_folder = index_folder,
                                       .random = &random},
                                      store, clock);
    ASSERT_TRUE(opened) << opened.error().text();
    engine = *std::move(opened);
    lake = std::make_unique<lake::Lake>(
        lake::LakeContext{store, clock, random, engine->parquet_io(), "tester"});
    engine->attach(*lake);
    session = *engine->session({.access = engine::Access::kInternal});
    ops = std::make_unique<Ops>(*lake, clock);
    ASSERT_TRUE(ops->prepare());
  }

  void say(const std::string& sql) const {
    const auto statement = lake::parse_table_statement(sql);
    ASSERT_TRUE(statement && *statement) << sql;
    const auto answer = lake::run_table_statement(*lake, *session, **statement, "somebody");
    ASSERT_TRUE(answer) << sql << "\n" << answer.error().text();
  }
  // All cells, each followed by a blank; or the error's text.
  std::string rows(const std::string& query) const { return engine::cells(*session, query); }
  delta::LogVersion version(const std::string& table) const {
    return (*lake->snapshot(*lake::TableName::parse(table)))->version();
  }

  // A model over `inputs`, by name; without a key it is of kind full.
  pack::Model model(const std::string& name, std::vector<std::string> key, const std::string& sql,
                    Columns columns, const std::map<std::string, Columns>& inputs) const {
    pack::Model out;
    out.name = name;
    out.schema = name.substr(0, name.find('.'));
    out.table = name.substr(name.find('.') + 1);
    out.header.kind = key.empty() ? pack::Kind::kFull : pack::Kind::kKeyed;
    out.header.key = std::move(key);
    out.sql = sql;
    out.columns = std::move(columns);
    out.hash = "1";
    for (const auto& [input, of_input] : inputs) out.inputs.push_back(input);
    if (out.header.key.empty()) return out;
    const auto tokens = pack::tokenize(sql);
    auto mapping = pack::key_mapping(
        out, pack::table_references(*tokens),
        [&](const std::string& table) { return &inputs.at(table); }, *session);
    EXPECT_TRUE(mapping) << mapping.error().text();
    if (mapping) out.mapping = std::make_shared<pack::KeyMapping>(*std::move(mapping));
    return out;
  }

  struct Refreshing {
    double by_key_share = 0;
    bool force = false;
    Date as_of{};
    std::string run = "run";
    bool fails = false;  // the table
  };
  TableReport refresh(const pack::Model& model, const Refreshing& how) {
    NoProgress progress;
    const auto report = refresh_table({*lake, *session, *ops, clock, progress, Cancel(), how.run,
                                       how.as_of, how.force, how.by_key_share},
                                      model);
    EXPECT_TRUE(report) << report.error().text();
    if (!report) return {};
    if (!how.fails) {
      EXPECT_EQ(report->message, "");
    }
    return *report;
  }

  SimClock clock;  // it stands, so that no way is dearer than the other
  const std::string index_folder;
  std::int64_t memory_bytes = std::int64_t{4} << 30;  // from the next open() on
  SeededRandom random{1};
  store::MemoryStore store{clock};
  std::unique_ptr<engine::Engine> engine;
  std::unique_ptr<lake::Lake> lake;
  std::unique_ptr<engine::Session> session;
  std::unique_ptr<Ops> ops;
};

}  // namespace claimlake::refresh
