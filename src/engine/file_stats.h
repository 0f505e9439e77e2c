#pragma once

#include <duckdb/common/types.hpp>
#include <map>
#include <string>
#include <vector>

#include "engine/engine.h"

namespace duckdb {
struct CopyFunctionFileStatistics;
class Value;
}  // namespace duckdb

namespace claimlake::engine {

struct ResultColumn {
  std::string name;
  duckdb::LogicalType type;
};

// What DuckDB's Parquet writer says of the columns of one file: by quoted path ("a"."b"), then by
// the name of the figure ("min", "null_count", ...).
using ColumnFigures = std::map<std::string, std::map<std::string, std::string>>;
// `statistics`: a result of COPY ... (RETURN_STATS), MAP(path -> MAP(name -> text)).
ColumnFigures figures_of(const duckdb::Value& statistics);
ColumnFigures figures_of(const duckdb::CopyFunctionFileStatistics& statistics);

// The statistics of one file as AddFile wants them.
std::string stats_json(const std::vector<ResultColumn>& columns, const WriteOptions& options,
                       std::int64_t rows, const ColumnFigures& figures);

}  // namespace claimlake::engine
