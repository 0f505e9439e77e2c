#pragma once

#include <duckdb/common/types/column/column_data_collection.hpp>
#include <duckdb/function/copy_function.hpp>
#include <string>

namespace claimlake::engine {

// What a Parquet file is made of.
struct ParquetFormat {
  duckdb::vector<std::string> names;
  duckdb::vector<duckdb::LogicalType> types;
  duckdb::case_insensitive_map_t<duckdb::vector<duckdb::Value>> options;  // as COPY takes them
};

// One Parquet file, written by DuckDB's writer in the calling thread and without a query. COPY
// plans, optimises and hands tasks to its threads before it writes, which takes longer than
// writing a few rows. Lives within one transaction of `context`, which outlives it. Throws what
// DuckDB throws; destroyed before finish(), it leaves nothing behind.
class ParquetFile {
 public:
  ParquetFile(duckdb::ClientContext& context, const std::string& url, const ParquetFormat& format);
  // Writes the rows as one row group.
  void add(duckdb::unique_ptr<duckdb::ColumnDataCollection> rows);
  // Makes the file durable. Figures are those of COPY ... (RETURN_STATS).
  duckdb::CopyFunctionFileStatistics finish();

 private:
  duckdb::ClientContext& context_;
  const duckdb::CopyFunction& writer_;  // of the catalog, which outlives all connections
  duckdb::CopyFunctionFileStatistics statistics_;
  duckdb::unique_ptr<duckdb::FunctionData> format_;
  duckdb::unique_ptr<duckdb::GlobalFunctionData> file_;
};

}  // namespace claimlake::engine
