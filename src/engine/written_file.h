#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "delta/column_mapping.h"
#include "delta/stats_columns.h"

namespace claimlake::engine {

// One Parquet file written by Session::write_parquet.
struct WrittenFile {
  std::string path;  // in the store
  std::int64_t size = 0;
  std::int64_t rows = 0;
  delta::PartitionValues partition_values;  // raw, as AddFile wants them
  std::string stats_json;  // as AddFile wants it: numRecords, minValues, maxValues, nullCount
  std::map<std::string, std::string> tags = {};  // likewise, as the rest
  std::string clustering_provider = {};
};

// How Session::write_parquet writes.
struct WriteOptions {
  std::string folder;  // table folder in the store; files go below it
  std::vector<std::string> partition_columns;
  delta::StatsColumns stats = {};
  std::int64_t target_file_bytes = std::int64_t{128} << 20;
  // A file is ended between two row groups only. 0: of the size that is best for reading.
  std::int64_t row_group_rows = 0;
  // Columns of the select, nested ones by their path: rows that are near each other in all of them
  // come into one file (curve.h). The select is run twice and must give the same rows.
  std::vector<std::vector<std::string>> curve = {};
  // If they are mapped: the select's columns are found here by name, and stand in files, statistics
  // and partition values under their physical names, with their ids.
  delta::StoredColumns stored = {};
};

}  // namespace claimlake::engine
