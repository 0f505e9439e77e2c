#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "check/findings.h"
#include "check/parquet_files.h"
#include "check/table_schema.h"
#include "check/vectors.h"

namespace claimlake::check {

// The values of a statistics text by their path ({"minValues", "a", "b"}), numbers with all the
// digits that stand there; nulls and lists are left out. Absent if it is no JSON object.
using StatsValues = std::map<std::vector<std::string>, std::string>;
std::optional<StatsValues> read_stats(std::string_view text);

// Holds the statistics of files against their rows. One query for each file reads the columns that
// have any. What a finding says names columns, never values: those may be personal data.
class Statistics {
 public:
  Statistics(ParquetFiles& parquet, Vectors& vectors, const TableSchema& schema, Findings& findings)
      : parquet_(parquet), vectors_(vectors), schema_(schema), findings_(findings) {}  // outlive

  // The file is there and its footer can be read. Errors: those of the store and the engine.
  Done check(const delta::AddFile& add, const std::string& path);

 private:
  struct Column {
    const Leaf* leaf;
    std::string expression;  // its value in a row
    std::string type;        // in SQL
    std::optional<std::string> least, greatest;
    std::optional<std::int64_t> nulls;
  };
  struct Counts {
    std::int64_t rows = 0;
    std::int64_t values = 0;
  };
  Result<std::vector<Column>> columns_of(const StatsValues& stats, const std::string& path);
  Result<bool> keep_deleted(const delta::AddFile& add);
  void judge(const Column& column, const engine::Rows& rows, std::size_t first, std::int64_t count,
             bool tight, const std::string& path);
  void judge_nulls(const Column& column, const Counts& counts, bool tight,
                   std::optional<std::int64_t> records, const std::string& path);

  ParquetFiles& parquet_;
  Vectors& vectors_;
  const TableSchema& schema_;
  Findings& findings_;
  std::optional<std::int64_t> records_;  // numRecords of the file that is checked
};

}  // namespace claimlake::check
