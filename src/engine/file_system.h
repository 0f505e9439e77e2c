#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/guarded.h"
#include "base/random.h"
#include "store/store.h"

namespace duckdb {
class FileSystem;
}

namespace claimlake::engine {

// The files of one write_parquet call into `folder`. While it is in the SessionState, a file that
// DuckDB opens for writing as <folder>/<column=value>/<any name> becomes
// <folder>/<partition folder as Delta has it>/part-<uuid><suffix> in the store, with names from our
// own source of randomness. Thread-safe.
class WriteJob {
 public:
  WriteJob(store::Store& store, Random& random, std::string folder, std::string suffix);
  // Removes what was written, but for the files that keep() named.
  ~WriteJob();
  void keep(std::vector<std::string> paths) { kept_ = std::move(paths); }

  // The store path for DuckDB's path `requested`; the same for the same request.
  std::string path_for(std::string_view requested);

 private:
  struct File {
    std::string requested;
    std::string path;
  };
  store::Store& store_;
  Random& random_;
  const std::string folder_;
  const std::string suffix_;
  Guarded<std::vector<File>> files_;
  std::vector<std::string> kept_;
};

// Marks an OpenFileInfo that the catalog made, so that a reader of files by name is told apart
// from a scan of a table, and DuckDB may keep what it read of these immutable files.
inline constexpr const char* kCatalogFileKey = "claimlake_file";

// "lake://<path>" is the object <path> of `store`, which outlives the result.
std::unique_ptr<duckdb::FileSystem> make_lake_file_system(store::Store& store);

}  // namespace claimlake::engine
