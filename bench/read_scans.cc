// Full scans through our catalog beside read_parquet over the same files: one process, one
// libduckdb, the same threads and memory, in turn.
//
//   read_scans LAKE RUNS THREADS TABLE...        prints one JSON line per run
//
// The aggregates are cheap and need every value of their columns, so that the scan is what is
// timed; no statistics can answer them.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <duckdb.hpp>

#include "base/text.h"
#include "delta/partition_path.h"
#include "read_lake.h"

namespace claimlake::bench {
namespace {

// Columns of the narrow scans: a query of a report reads about so many.
constexpr std::size_t kFew = 3;

// Reads every value of `column`.
std::string aggregate_of(const engine::ColumnInfo& column) {
  const std::string name = sql_identifier(column.name);
  if (column.type.ends_with("]")) return fmt::format("sum(len({}))", name);
  if (column.type == "VARCHAR") return fmt::format("sum(strlen({}))", name);
  if (column.type == "BOOLEAN") return fmt::format("count_if({})", name);
  if (column.type == "DATE" || column.type.starts_with("TIMESTAMP")) {
    return fmt::format("sum(epoch_us({}))", name);
  }
  return fmt::format("sum({})", name);
}

// One DuckDB as anybody has it: its own file system, nothing of ours.
class BareDuckDb {
 public:
  explicit BareDuckDb(int threads) {
    duckdb::DBConfig config;
    config.SetOptionByName("threads", duckdb::Value::BIGINT(threads));
    config.SetOptionByName("memory_limit", duckdb::Value(std::to_string(kMemoryBytes) + "B"));
    database_ = std::make_unique<duckdb::DuckDB>(nullptr, &config);
    connection_ = std::make_unique<duckdb::Connection>(*database_);
  }
  Result<std::string> first_row(const std::string& sql) {
    const auto result = connection_->Query(sql);
    if (result->HasError()) return Error{Fault::kInvalidInput, result->GetError()};
    std::string row;
    for (duckdb::idx_t i = 0; i < result->ColumnCount(); ++i) {
      row += result->GetValue(i, 0).ToString() + "|";
    }
    return row;
  }

 private:
  std::unique_ptr<duckdb::DuckDB> database_;
  std::unique_ptr<duckdb::Connection> connection_;
};

Result<std::string> first_row(engine::Session& session, const std::string& sql) {
  TRY(const auto rows, session.query(sql));
  TRY(const auto table, engine::read_all(*rows));
  std::string row;
  for (const auto& cell : table.rows.at(0)) row += cell.value_or("NULL") + "|";
  return row;
}

// Sums of doubles depend on the order of the rows: their last digits may differ.
bool same_sums(const std::string& left, const std::string& right) {
  const auto lefts = split(left, '|');
  const auto rights = split(right, '|');
  return std::equal(lefts.begin(), lefts.end(), rights.begin(), rights.end(),
                    [](const std::string& a, const std::string& b) {
                      if (a == b) return true;
                      double x = 0, y = 0;
                      std::from_chars(a.data(), a.data() + a.size(), x);
                      std::from_chars(b.data(), b.data() + b.size(), y);
                      return std::abs(x - y) < 1e-9 * std::abs(x);
                    });
}

struct Table {
  std::string name;
  std::string files;  // read_parquet([...])
  std::int64_t bytes = 0;
  std::size_t file_count = 0;
  std::vector<std::string> aggregates;  // one per column, the plain numbers and dates first
};

Result<Table> table_of(ReadLake& lake, const std::string& name) {
  TRY(const auto table_name, lake::TableName::parse(name));
  TRY(const auto version, lake.lake->table(table_name.schema, table_name.table, {}));
  Table table{name, "", version.snapshot->files_bytes(), version.snapshot->files().size(), {}};
  std::vector<std::string> paths;
  for (const auto& file : version.snapshot->files()) {
    paths.push_back(
        sql_string(lake.store->root() + "/" + version.path + "/" + delta::decode_path(file.path)));
  }
  table.files = fmt::format("read_parquet([{}])", fmt::join(paths, ", "));
  TRY(const auto columns, lake.session->describe("SELECT * FROM lake." + name));
  for (const auto& column : columns) {
    const bool plain = column.type.starts_with("DECIMAL") || column.type == "DATE" ||
                       column.type == "BIGINT" || column.type == "DOUBLE";
    table.aggregates.insert(plain ? table.aggregates.begin() : table.aggregates.end(),
                            aggregate_of(column));
  }
  return table;
}

Done measure(ReadLake& lake, BareDuckDb& bare, const Table& table, std::string_view columns,
             const std::vector<std::string>& aggregates, int runs) {
  const std::string select = fmt::format("SELECT {} FROM ", fmt::join(aggregates, ", "));
  for (int run = 0; run <= runs; ++run) {
    std::string ours, theirs;
    const auto read_ours = [&]() -> Done {
      TRY(ours, first_row(*lake.session, select + "lake." + table.name));
      return done();
    };
    const auto read_theirs = [&]() -> Done {
      TRY(theirs, bare.first_row(select + table.files));
      return done();
    };
    double ours_ms = 0, theirs_ms = 0;
    // Whoever is first in one round is second in the next.
    if (run % 2 == 0) {
      TRY(ours_ms, milliseconds_of(read_ours));
    }
    TRY(theirs_ms, milliseconds_of(read_theirs));
    if (run % 2 == 1) {
      TRY(ours_ms, milliseconds_of(read_ours));
    }
    if (run == 0 && !same_sums(ours, theirs)) {
      std::fprintf(stderr, "%s: the sums differ:\n  %s\n  %s\n", table.name.c_str(), ours.c_str(),
                   theirs.c_str());
    }
    if (run == 0) continue;  // warms the page cache
    for (const auto& [side, ms] : {std::pair{"catalog", ours_ms}, {"read_parquet", theirs_ms}}) {
      fmt::print(
          R"({{"bench":"read_scan","table":"{}","columns":"{}","files":{},"mib":{},"side":"{}","ms":{:.2f}}})"
          "\n",
          table.name, columns, table.file_count, table.bytes >> 20, side, ms);
    }
  }
  return done();
}

Done run(const std::string& folder, int runs, int threads, const std::vector<std::string>& names) {
  TRY(const auto lake, ReadLake::open(folder, threads));
  BareDuckDb bare(threads);
  for (const std::string& name : names) {
    TRY(const Table table, table_of(*lake, name));
    const auto few = std::min(kFew, table.aggregates.size());
    TRY_DONE(measure(*lake, bare, table, "few",
                     {table.aggregates.begin(), table.aggregates.begin() + few}, runs));
    TRY_DONE(measure(*lake, bare, table, "all", table.aggregates, runs));
  }
  return done();
}

}  // namespace
}  // namespace claimlake::bench

int main(int argc, char** argv) {
  if (argc < 5) {
    std::fputs("usage: read_scans LAKE RUNS THREADS TABLE...\n", stderr);
    return 2;
  }
  const auto ran = claimlake::bench::run(argv[1], std::atoi(argv[2]), std::atoi(argv[3]),
                                         std::vector<std::string>(argv + 4, argv + argc));
  if (!ran) std::fprintf(stderr, "%s\n", ran.error().text().c_str());
  return ran ? 0 : 1;
}
