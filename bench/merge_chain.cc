// A chain of changes to one large table: TPC-H lineitem, key (l_orderkey, l_linenumber).
//
//   merge_chain LAKE [SINGLES] [vectors|rewriting]
//
// LAKE/chain holds the data that the peers' chain_data.py makes: base/*.parquet, append.parquet,
// upsert.parquet, singles.parquet. The steps and statements are those of the peers' merge_chain.py:
// create; append; upsert; the same again (noop); delete and update by a range of ship dates;
// upserts of one row each. Prints one JSON line per step: seconds around the whole statement, bytes
// read and written below the program's cache, rows changed, the greatest resident memory during the
// step. `check` names the figures that all engines share.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "base/text.h"
#include "engine/change_statement.h"
#include "lake/change.h"
#include "lake/lake.h"
#include "store/counting_store.h"
#include "store/local_store.h"

namespace claimlake::bench {
namespace {

constexpr const char* kOn =
    "t.l_orderkey = s.l_orderkey AND t.l_linenumber = s.l_linenumber WHEN MATCHED THEN UPDATE SET "
    "* "
    "WHEN NOT MATCHED THEN INSERT *";

// The greatest resident memory since the last call of start_peak(), in MiB. Linux counts it.
void start_peak() { std::ofstream("/proc/self/clear_refs") << "5"; }

std::int64_t peak_mib() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::atoll(line.c_str() + 6) / 1024;
  }
  return 0;
}

class Chain {
 public:
  static Result<std::unique_ptr<Chain>> open(const std::string& folder) {
    auto chain = std::make_unique<Chain>();
    TRY(chain->local_, store::open_local(folder));
    chain->store_ = std::make_unique<store::CountingStore>(*chain->local_);
    TRY(chain->engine_, engine::open_engine({.memory_bytes = std::int64_t{1'500} << 20,
                                             .spill_folder = folder + "/spill",
                                             .random = &chain->random_},
                                            *chain->store_, chain->clock_));
    chain->lake_ = std::make_unique<lake::Lake>(lake::LakeContext{
        *chain->store_, chain->clock_, chain->random_, chain->engine_->parquet_io(), "bench"});
    chain->engine_->attach(*chain->lake_);
    TRY(chain->session_, chain->engine_->session({.access = engine::Access::kInternal}));
    return chain;
  }

  Done create(bool vectors) {
    std::string files;
    TRY(const auto objects, store_->list_all("chain/base"));
    for (const auto& object : objects) {
      files += (files.empty() ? "" : ", ") + sql_string("lake://" + object.path);
    }
    return timed("create", [&]() -> Result<std::int64_t> {
      lake::WriteRequest request;
      TRY(request.staged, lake_->stage(*session_, {"bench", "lineitem"},
                                       "SELECT * FROM read_parquet([" + files + "])"));
      if (vectors) request.properties["delta.enableDeletionVectors"] = "true";
      const std::int64_t rows = request.staged.rows();
      TRY_DONE(lake_->commit(std::move(request)));
      return rows;
    });
  }

  Done change(const std::string& step, lake::ChangeReport* out, std::string source,
              engine::ChangeStatement statement) {
    return timed(step, [&]() -> Result<std::int64_t> {
      if (!source.empty()) statement.source = std::move(source);
      TRY(const auto report, lake::change_rows(*lake_, *session_, statement, {.run = "bench"}));
      if (out != nullptr) *out = report;
      return report.rows_inserted + report.rows_updated + report.rows_deleted;
    });
  }

  // People may not name files in SQL; the bench puts them into the statement that was read.
  Done statement(const std::string& step, const std::string& sql, const std::string& source = {}) {
    TRY(const auto read, engine::parse_change(sql));
    return change(step, nullptr, source, *read);
  }

  Result<std::string> check() {
    TRY(const auto rows,
        session_->query("SELECT count(*), sum(l_quantity), sum(l_extendedprice), count(CASE WHEN "
                        "l_comment IN ('changed', 'single', 'updated') THEN 1 END) FROM "
                        "bench.lineitem"));
    TRY(const auto table, engine::read_all(*rows));
    std::string out;
    for (const auto& cell : table.rows[0]) out += (out.empty() ? "" : " ") + cell.value_or("null");
    return out;
  }

 private:
  template <class Work>
  Done timed(const std::string& step, const Work& work) {
    store_->reset();
    start_peak();
    const auto start = clock_.steady_now();
    TRY(const std::int64_t rows, work());
    const auto seconds = std::chrono::duration<double>(clock_.steady_now() - start).count();
    const auto counts = store_->counts();
    fmt::print(
        "{{\"step\": \"{}\", \"seconds\": {:.3f}, \"rows\": {}, \"mb_read\": {:.1f}, "
        "\"mb_written\": {:.1f}, \"writes\": {}, \"peak_mib\": {}}}\n",
        step, seconds, rows, static_cast<double>(counts.bytes_read) / 1e6,
        static_cast<double>(counts.bytes_written) / 1e6, counts.writes, peak_mib());
    std::fflush(stdout);
    return done();
  }

  SystemClock clock_;
  SystemRandom random_;
  std::unique_ptr<store::Store> local_;
  std::unique_ptr<store::CountingStore> store_;
  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<lake::Lake> lake_;
  std::unique_ptr<engine::Session> session_;
};

Done run(const std::string& folder, int singles, bool vectors) {
  TRY(const auto chain, Chain::open(folder));
  const auto file = [](const char* name) {
    return fmt::format("SELECT * FROM read_parquet('lake://chain/{}')", name);
  };
  const auto from = [&](const std::string& select) { return "(" + select + ") AS s"; };
  const std::string merge =
      fmt::format("MERGE INTO bench.lineitem t USING (SELECT 1) s ON {}", kOn);
  TRY_DONE(chain->create(vectors));
  TRY_DONE(
      chain->statement("append", "INSERT INTO bench.lineitem SELECT 1", file("append.parquet")));
  TRY_DONE(chain->statement("upsert", merge, from(file("upsert.parquet"))));
  TRY_DONE(chain->statement("noop", merge, from(file("upsert.parquet"))));
  TRY_DONE(chain->statement("delete",
                            "DELETE FROM bench.lineitem WHERE l_shipdate BETWEEN DATE '1995-03-01' "
                            "AND DATE '1995-03-25'"));
  TRY_DONE(
      chain->statement("update",
                       "UPDATE bench.lineitem SET l_comment = 'updated' WHERE l_shipdate BETWEEN "
                       "DATE '1996-06-01' AND DATE '1996-06-25'"));
  for (int n = 0; n < singles; ++n) {
    TRY_DONE(chain->statement(
        "single", merge,
        from(fmt::format("SELECT * EXCLUDE (n) FROM read_parquet('lake://chain/singles.parquet') "
                         "WHERE n = {}",
                         n))));
  }
  TRY(const std::string figures, chain->check());
  fmt::print("{{\"step\": \"check\", \"figures\": \"{}\"}}\n", figures);
  return done();
}

}  // namespace
}  // namespace claimlake::bench

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fputs("usage: merge_chain LAKE [SINGLES] [vectors|rewriting]\n", stderr);
    return 2;
  }
  const int singles = argc > 2 ? std::atoi(argv[2]) : 50;
  const bool vectors = argc < 4 || std::string(argv[3]) == "vectors";
  const auto ran = claimlake::bench::run(argv[1], singles, vectors);
  if (ran) return 0;
  std::fprintf(stderr, "error: %s\n", ran.error().text().c_str());
  return 1;
}
