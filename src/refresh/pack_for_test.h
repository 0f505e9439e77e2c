#pragma once

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/progress.h"
#include "engine/cells_for_test.h"
#include "lake/table_statement.h"
#include "pack/pack.h"
#include "refresh/pipeline.h"
#include "refresh/stale.h"
#include "store/faulty_store.h"
#include "store/memory_store.h"
#include "store/temporary_folder_for_test.h"

namespace claimlake::refresh {

// The files of a small pack, which a test may change: claims and policies in Bronze, claims whose
// policy must be known in Silver, a table of plans in Gold.
class PackFiles {
 public:
  PackFiles() {
    write("pack.yml", "name: pack\ntitle: T\ntime_zone: UTC\n");
    write("0_sources/claims.yml",
          "source: claims\ntable: bronze.claims\nfiles: [claims*.jsonl]\nrequired: [id]\n"
          "columns: {id: string, policy: string, amount: bigint}\n");
    write("1_bronze/claims.sql",
          header("kind: append") + "SELECT id, policy, amount, _source_file FROM raw.claims\n");
    write("2_silver/claims.sql",
          header("kind: keyed\nkey: id") + "SELECT id, policy, amount FROM bronze.claims\n");
    write("3_gold/policies.sql",
          header("kind: keyed\nkey: policy\naggregation: customer") +
              "SELECT policy, -- key\n CAST(SUM(amount) AS BIGINT) AS amount -- all [USD]\n"
              "FROM silver.claims GROUP BY policy\n");
  }
  static std::string header(const std::string& lines) {
    return "/* claimlake\ndescription: D.\n" + lines + "\n*/\n";
  }
  void write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name, std::ios::binary) << text;
  }
  // Returns what was in it.
  std::string take_away(const std::string& name) const {
    std::ifstream in(folder_ / name, std::ios::binary);
    std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    std::filesystem::remove(folder_ / name);
    return text;
  }
  Result<pack::Pack> load(engine::Engine& engine) const {
    return pack::load_pack(folder_.string(), engine);
  }

 private:
  const store::TemporaryFolder temporary_;
  const std::filesystem::path folder_ = std::filesystem::path(temporary_.path()) / "pack";
};

// One process over a lake, with the pack as it stands in the files when it starts.
class PipelineProcess {
 public:
  PipelineProcess(const PackFiles& files, store::Store& store, SimClock& clock, Random& random)
      : clock_(clock) {
    engine_ =
        *engine::open_engine({.threads = 1, .spill_folder = "", .random = &random}, store, clock);
    lake_.emplace(lake::LakeContext{store, clock, random, engine_->parquet_io(), "tester"});
    engine_->attach(*lake_);
    auto pack = files.load(*engine_);
    EXPECT_TRUE(pack) << pack.error().text();
    if (pack) pack_ = *std::move(pack);
    PipelineContext context{*lake_, *engine_, pack_, clock, random};
    context.by_key_share = 1;
    context.built_by = built_by(*lake_, pack_);
    pipeline_.emplace(context, progress_, Cancel());
    session_ = *engine_->session({.access = engine::Access::kInternal});
  }

  // The reports by table.
  std::map<std::string, TableReport> ingest() {
    EXPECT_TRUE(pipeline_->prepare());
    return reports(pipeline_->ingest({&lake_->context().store, "raw", ""}));
  }
  std::map<std::string, TableReport> run(const RunOptions& options = {}) {
    EXPECT_TRUE(pipeline_->prepare());
    clock_.advance(std::chrono::seconds(1));
    return reports(pipeline_->run(options));
  }
  void keep_up() {
    const auto kept = pipeline_->keep_up();
    EXPECT_TRUE(kept) << kept.error().text();
  }
  lake::Lake& lake() { return *lake_; }
  // Both, and keeps what goes wrong.
  void try_all() {
    const auto keep = [this](const Result<RunReport>& run) {
      if (!run) said += run.error().text() + "\n";
      if (!run) return;
      for (const TableReport& table : run->tables) said += table.message + "\n";
    };
    const Done prepared = pipeline_->prepare();
    if (!prepared) said += prepared.error().text() + "\n";
    keep(pipeline_->ingest({&lake_->context().store, "raw", ""}));
    keep(pipeline_->run({}));
  }
  std::string said;
  // "" or the error's text.
  std::string say(const std::string& sql) {
    clock_.advance(std::chrono::seconds(1));
    const auto statement = lake::parse_table_statement(sql);
    if (!statement || !*statement) return "cannot be read: " + sql;
    const auto answer = lake::run_table_statement(*lake_, *session_, **statement, "somebody");
    return answer ? "" : answer.error().text();
  }
  // The cells of all rows.
  std::string rows(const std::string& query) { return engine::cells(*session_, query); }
  StaleList stale() {
    const auto list = StaleTables(*lake_, *engine_, pack_).look();
    EXPECT_TRUE(list) << list.error().text();
    return list ? **list : StaleList();
  }
  std::string claims() { return rows("SELECT id, policy, amount FROM silver.claims ORDER BY ALL"); }
  std::string policies() { return rows("SELECT policy, amount FROM gold.policies ORDER BY ALL"); }

 private:
  static std::map<std::string, TableReport> reports(const Result<RunReport>& run) {
    std::map<std::string, TableReport> out;
    EXPECT_TRUE(run) << run.error().text();
    if (run) {
      for (const TableReport& table : run->tables) out[table.table] = table;
    }
    return out;
  }

  SimClock& clock_;
  NoProgress progress_;
  std::unique_ptr<engine::Engine> engine_;
  std::optional<lake::Lake> lake_;
  pack::Pack pack_;
  std::optional<Pipeline> pipeline_;
  std::unique_ptr<engine::Session> session_;
};

}  // namespace claimlake::refresh
