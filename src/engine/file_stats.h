#pragma once

#include <duckdb/common/types.hpp>
#include <string>
#include <vector>

#include "engine/engine.h"

namespace duckdb {
class Value;
}

namespace claimlake::engine {

struct ResultColumn {
  std::string name;
  duckdb::LogicalType type;
};

// The statistics of one file as AddFile wants them, from what COPY ... (RETURN_STATS) says of its
// columns: MAP(quoted column path -> MAP(name of the figure -> text)).
std::string stats_json(const std::vector<ResultColumn>& columns, const WriteOptions& options,
                       std::int64_t rows, const duckdb::Value& statistics);

}  // namespace claimlake::engine
