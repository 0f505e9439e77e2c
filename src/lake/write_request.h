#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "delta/snapshot.h"
#include "engine/written_file.h"
#include "lake/table_name.h"

namespace claimlake::lake {

// Parquet files that are written and durable, but that no version shows yet.
struct Staged {
  TableName table;
  delta::Schema schema;  // of the select; with ids and physical names if the table maps its columns
  std::vector<std::string> partition_columns;
  std::vector<engine::WrittenFile> files;

  std::int64_t rows() const;
  std::int64_t bytes() const;
};

// Rows that are staged in an order of their own (engine/curve.h), by files.
struct RowOrder {
  std::vector<delta::FieldPath> curve = {};
  std::int64_t row_group_rows = 0;  // unless the table says it; 0: as is best for reading
};

// For tables in which single rows are looked up: that reads the whole row group of each, and in
// groups of this size it costs half of what it does in those of 122,880 (docs/decisions/0008).
inline constexpr std::int64_t kLookUpRowGroupRows = 16'384;
inline constexpr const char* kRowGroupRowsProperty = "claimlake.rowGroupRows";

enum class WriteMode {
  kAppend,             // adds rows; the columns must be the table's (or fewer)
  kOverwrite,          // replaces all rows; columns and partitioning may change
  kReplacePartitions,  // replaces the rows of the partitions named in the request
};

// One version to be committed. A table that does not exist is created by it.
struct WriteRequest {
  Staged staged;
  WriteMode mode = WriteMode::kAppend;
  // kReplacePartitions: each entry is column -> value for some of the partition columns.
  std::vector<delta::PartitionValues> replace;
  // Adds columns that the rows have and the table has not. Without it they are an error.
  bool add_columns = false;
  std::vector<delta::Txn> positions;  // committed together with the rows
  bool names_version = false;  // they say which version this makes: the one after `base` or none
  std::map<std::string, std::string> properties;   // for a table that is created
  std::string description;                         // likewise
  std::map<std::string, std::string> column_docs;  // likewise, by column
  std::vector<delta::FieldPath> clustering;        // likewise; in the names of the table
  // By column, for a table that is created or replaced whole; those that it has stay. What personal
  // columns hold is kept out of the statistics (docs/formats/layout.md).
  std::map<std::string, std::vector<std::string>> column_tags;
  std::string run;                                // id of the run that writes
  std::string operation;                          // in the history; "": as `mode` is called there
  std::map<std::string, std::string> parameters;  // said in the history, plain text
  // The version that the rows were computed against; a later one may be a conflict.
  delta::SnapshotPtr base;
};

}  // namespace claimlake::lake
