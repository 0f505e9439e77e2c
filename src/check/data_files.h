#pragma once

#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/cancel.h"
#include "base/progress.h"
#include "check/parquet_files.h"
#include "check/table_log.h"
#include "check/vectors.h"

namespace claimlake::check {

// Checks the files that the newest version names: they are there, have the size and the rows that
// the log says, and their deletion vectors hold.
class DataFiles {
 public:
  DataFiles(const store::Store& store, std::string table_path, ParquetFiles& parquet,
            Findings& findings)
      : store_(store),
        table_path_(std::move(table_path)),
        parquet_(parquet),
        findings_(findings),
        vectors_(store, table_path_, findings) {}  // store, parquet and findings outlive this

  // `with_rows`: also reads the rows, and holds the statistics against them.
  Done check(const TableLog& log, bool with_rows, Progress& progress, const Cancel& cancel);

  // The change files of one commit: those that VACUUM has left.
  Done check_changes(const std::vector<ChangeFile>& files);

 private:
  struct File {
    const delta::AddFile* add;
    std::string path;  // in the store
    std::optional<std::int64_t> rows;
  };
  Done list_sizes();
  // The size of the object; absent if it is not there.
  Result<std::optional<std::int64_t>> size_of(const std::string& path);
  Result<bool> check_presence(const delta::AddFile& add, std::string& path);
  Done read_footers(std::vector<File>& batch);
  Done check_types(const std::vector<File>& batch, const TableSchema& schema);
  Done check_records(const File& file);
  void check_row_ids(const TableState& state);

  const store::Store& store_;
  const std::string table_path_;
  ParquetFiles& parquet_;
  Findings& findings_;
  Vectors vectors_;
  std::unordered_map<std::string, std::int64_t> sizes_;  // of the objects in the table's folder
  bool listed_ = false;
};

}  // namespace claimlake::check
