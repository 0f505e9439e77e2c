#pragma once

#include <string>
#include <vector>

#include "base/cancel.h"
#include "delta/schema.h"
#include "lake/lake.h"

namespace claimlake::lake {

// CONVERT TO DELTA parquet.`PLACE` [NO STATISTICS] [PARTITIONED BY (a DATE, ...)].
struct ConvertTable {
  std::string place;                     // a folder of the store, with its root or without
  std::vector<delta::Field> partitions;  // as the folders are nested
  bool statistics = true;
};

// Makes a folder of Parquet files a Delta table, as one version: no file is written anew, moved or
// renamed. The columns are those of all files together; values of partitions come from names of
// folders, "day=2026-01-31". `session`: kInternal, reads the files.
// Errors: kInvalidInput (a file that is no Parquet file or does not fit the others, which one;
// folders that do not fit PARTITIONED BY; a Delta table already), kNotFound (no files).
Done convert_table(Lake& lake, engine::Session& session, const ConvertTable& convert,
                   const std::string& run, const Cancel& cancel);

}  // namespace claimlake::lake
