#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "base/progress.h"
#include "base/random.h"
#include "datagen/generate.h"
#include "engine/engine.h"
#include "lake/lake.h"
#include "net/http_client.h"
#include "pack/pack.h"
#include "records/records.h"
#include "refresh/pipeline.h"
#include "refresh/stale.h"
#include "serve/moved_clock_for_test.h"
#include "serve/server.h"
#include "store/memory_store.h"
#include "store/temporary_folder_for_test.h"

namespace claimlake::serve {

// A lake in memory with a server over it.
class LakeForTest {
 public:
  LakeForTest() {
    auto engine = engine::open_engine({.threads = 2, .random = &random_}, store_, clock_);
    EXPECT_TRUE(engine) << engine.error().text();
    engine_ = std::move(*engine);
    lake_ = std::make_unique<lake::Lake>(
        lake::LakeContext{store_, clock_, random_, engine_->parquet_io(), "test"});
    engine_->attach(*lake_);
    auto pack = pack::load_pack(CLAIMLAKE_SOURCE_FOLDER "/packs/pet", *engine_);
    EXPECT_TRUE(pack) << pack.error().text();
    pack_ = std::move(*pack);
    pipeline_ = std::make_unique<refresh::Pipeline>(
        refresh::PipelineContext{*lake_, *engine_, pack_, clock_, random_}, quiet_, Cancel());
    // Nobody runs the pipeline of this lake.
    control_ = std::make_unique<schedule::Control>(schedule::Control::Context{
        *lake_, *engine_, pack_, clock_, store_, "/nowhere/pipeline.lock",
        [this](refresh::RunOptions wanted, const Cancel&) {
          wanted.as_of = std::chrono::year(2026) / 1 / 9;
          return pipeline_->run(wanted);
        }});
    auto records = records::Records::open(records_folder_.path() + "/records.db", clock_, random_);
    EXPECT_TRUE(records) << records.error().text();
    records_ = std::move(*records);
    auto server = serve_at("127.0.0.1");
    EXPECT_TRUE(server) << server.error().text();
    server_ = std::move(*server);
  }

  // Fills the lake: generated files with some dirt, ingested, and all models run.
  void fill() {
    const Date as_of = std::chrono::year(2026) / 1 / 9;
    const auto generated =
        datagen::generate({.as_of = as_of, .dirty = 0.01, .folder = "raw", .threads = 2}, store_);
    ASSERT_TRUE(generated) << generated.error().text();
    const Done prepared = pipeline_->prepare();
    ASSERT_TRUE(prepared) << prepared.error().text();
    const auto ingested =
        pipeline_->ingest({.raw_store = &store_, .raw_folder = "raw", .only = ""});
    ASSERT_TRUE(ingested) << ingested.error().text();
    run(as_of);
  }

  void run(Date as_of, bool force = false) {
    const auto ran = pipeline_->run({.as_of = as_of, .tables = {}, .force = force});
    ASSERT_TRUE(ran) << ran.error().text();
    ASSERT_TRUE(ran->ok());
  }

  // As if a rule had refused the last refresh of `table`.
  void keep_back(const std::string& table) {
    refresh::RunReport report;
    report.run = "r1";
    report.started_at = clock_.now();
    report.tables.push_back({.table = table, .outcome = refresh::TableOutcome::kRefused});
    report.tables[0].message = "rule whole: 0 rows";
    report.tables[0].results.push_back(
        {.rule = "whole", .group = pack::RuleGroup::kSet, .outcome = quality::Outcome::kFail});
    const Done kept = refresh::keep_stale(*lake_, *engine_, report);
    ASSERT_TRUE(kept) << kept.error().text();
  }

  net::HttpClient client() {
    auto client = net::HttpClient::connect(server_->port(), std::chrono::seconds(60));
    EXPECT_TRUE(client);
    return std::move(*client);
  }
  // One GET on a connection of its own.
  net::Response get(std::string_view target, const net::Headers& headers = {}) {
    auto response = client().send("GET", target, headers);
    EXPECT_TRUE(response) << target << ": " << response.error().text();
    return response ? *response : net::Response{};
  }

  // A server over this lake, at any free port.
  Result<std::unique_ptr<Server>> serve_at(const std::string& address) {
    return Server::start({.address = address, .port = 0}, context());
  }
  ServeContext context() {
    return {*lake_, *engine_, pack_, clock_, *control_, "./lake", true, "0.1.0", records_.get()};
  }
  schedule::Control& control() { return *control_; }
  MovedClock& clock() { return clock_; }
  // A raw file that is taken into Bronze.
  void arrive(const std::string& name, const std::string& text) {
    ASSERT_TRUE(store_.put("raw/" + name, text));
    const auto taken = pipeline_->ingest({.raw_store = &store_, .raw_folder = "raw", .only = name});
    ASSERT_TRUE(taken) << taken.error().text();
    ASSERT_TRUE(taken->ok());
  }
  // All rows of a query as text.
  engine::TextTable sql(const std::string& query) {
    auto session = engine_->session({});
    EXPECT_TRUE(session);
    auto rows = (*session)->query(query);
    EXPECT_TRUE(rows) << query << ": " << rows.error().text();
    auto table = engine::read_all(**rows, 100'000);
    EXPECT_TRUE(table);
    return std::move(*table);
  }

 private:
  MovedClock clock_;
  SeededRandom random_{7};
  NoProgress quiet_;
  store::MemoryStore store_;
  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<lake::Lake> lake_;
  pack::Pack pack_;
  std::unique_ptr<refresh::Pipeline> pipeline_;
  std::unique_ptr<schedule::Control> control_;
  store::TemporaryFolder records_folder_;
  std::unique_ptr<records::Records> records_;
  std::unique_ptr<Server> server_;
};

}  // namespace claimlake::serve
