// Our side of the peers' read_pruned.py: the same cases, keys and repeats, one table.
//
//   read_lookups LAKE TABLE ROWS REPEATS kept|anew        prints one JSON line per case
//
// kept: as the server and the shell work: a snapshot is kept, and each query looks for new commits.
// anew: the lake forgets all snapshots before each call, so that the call reads the table's log
// from its beginning, as delta-rs and DuckDB's delta_scan do.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>

#include "read_lake.h"

namespace claimlake::bench {
namespace {

class Bench {
 public:
  Bench(std::string folder, std::string table, std::int64_t rows, int repeats, bool anew)
      : folder_(std::move(folder)),
        table_(std::move(table)),
        rows_(rows),
        repeats_(repeats),
        anew_(anew) {}

  Done run() {
    TRY(lake_, ReadLake::open(folder_, 0));
    TRY_DONE(make_keys());
    TRY_DONE(measure("open", [this](int) { return open_table(); }));
    TRY_DONE(measure("lookup id", [this](int i) {
      return read(fmt::format("SELECT * FROM {} WHERE id = {}", from(), key(i)), 1);
    }));
    TRY_DONE(measure("lookup uid", [this](int i) {
      return read(fmt::format("SELECT * FROM {} WHERE uid = '{}'", from(), uids_[i]), 1);
    }));
    TRY_DONE(measure("limit 10",
                     [this](int) { return read("SELECT * FROM " + from() + " LIMIT 10", 10); }));
    return measure("count", [this](int) { return read("SELECT count(*) FROM " + from(), 1); });
  }

 private:
  // The keys of read_pruned.py.
  std::int64_t key(int i) const { return (1'234'567 + i * std::int64_t{1'000'003}) % rows_; }
  std::string from() const { return "lake." + table_; }

  Done make_keys() {
    for (int i = 0; i <= repeats_; ++i) {
      TRY(const auto rows, lake_->session->query(fmt::format("SELECT md5('{}')", key(i))));
      TRY(const auto table, engine::read_all(*rows));
      uids_.push_back(*table.rows.at(0).at(0));
    }
    return done();
  }

  Done open_table() {
    TRY(const auto name, lake::TableName::parse(table_));
    TRY_DONE(lake_->lake->table(name.schema, name.table, {}));
    return done();
  }

  Done read(const std::string& sql, std::size_t expected) {
    TRY(const auto rows, lake_->session->query(sql));
    TRY(const auto table, engine::read_all(*rows));
    if (table.rows.size() == expected) return done();
    return Error{Fault::kInvalidInput, fmt::format("{} rows of: {}", table.rows.size(), sql)};
  }

  Done measure(const char* name, const std::function<Done(int)>& work) {
    std::vector<double> ms;
    for (int i = 0; i <= repeats_; ++i) {
      if (anew_) lake_->forget();
      TRY(const double taken, milliseconds_of([&] { return work(i); }));
      ms.push_back(taken);
    }
    const double first = ms.front();
    std::sort(ms.begin() + 1, ms.end());
    std::int64_t files_read = 0;
    for (const auto& scan : lake_->session->scan_reports()) files_read += scan.files_read;
    fmt::print(R"({{"bench":"read_lookup","engine":"claimlake-{}","case":"{}","first_ms":{:.2f},)"
               R"("median_ms":{:.2f},"min_ms":{:.2f},"max_ms":{:.2f},"files_read":{}}})"
               "\n",
               anew_ ? "anew" : "kept", name, first, ms[1 + (ms.size() - 2) / 2], ms[1], ms.back(),
               files_read);
    std::fflush(stdout);
    return done();
  }

  const std::string folder_, table_;
  const std::int64_t rows_;
  const int repeats_;
  const bool anew_;
  std::vector<std::string> uids_;
  std::unique_ptr<ReadLake> lake_;
};

}  // namespace
}  // namespace claimlake::bench

int main(int argc, char** argv) {
  const std::string mode = argc == 6 ? argv[5] : "";
  if (mode != "kept" && mode != "anew") {
    std::fputs("usage: read_lookups LAKE TABLE ROWS REPEATS kept|anew\n", stderr);
    return 2;
  }
  const auto ran = claimlake::bench::Bench(argv[1], argv[2], std::atoll(argv[3]),
                                           std::atoi(argv[4]), mode == "anew")
                       .run();
  if (!ran) std::fprintf(stderr, "%s\n", ran.error().text().c_str());
  return ran ? 0 : 1;
}
