#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "delta/column_mapping.h"

namespace claimlake::engine {

// One Parquet file written by Session::write_parquet.
struct WrittenFile {
  std::string path;  // in the store
  std::int64_t size = 0;
  std::int64_t rows = 0;
  delta::PartitionValues partition_values;  // raw, as AddFile wants them
  std::string stats_json;  // as AddFile wants it: numRecords, minValues, maxValues, nullCount
};

// How Session::write_parquet writes.
struct WriteOptions {
  std::string folder;  // table folder in the store; files go below it
  std::vector<std::string> partition_columns;
  int stats_columns = 32;  // delta.dataSkippingNumIndexedCols
  // Columns that have statistics wherever they stand.
  std::vector<std::string> stats_always = {};
  std::int64_t target_file_bytes = std::int64_t{128} << 20;
  // If they are mapped: the select's columns are found here by name, and stand in files, statistics
  // and partition values under their physical names, with their ids.
  delta::StoredColumns stored = {};
};

}  // namespace claimlake::engine
