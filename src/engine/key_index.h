#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/guarded.h"
#include "base/held.h"
#include "engine/file_keys.h"
#include "engine/key_file.h"
#include "engine/table_directory.h"

namespace claimlake::engine {

// The key indexes of data files: of files that are not small in a folder of this machine, the
// others in memory. All of it is derived: it may be deleted at any time, by anybody, and is made
// again. Several processes may use one folder. Thread-safe.
class KeyIndex {
 public:
  // A file of fewer rows is read sooner than its index is found.
  static constexpr std::int64_t kRowsOnDisk = 1'000;

  // `folder`: "" = all in memory. `root`: of the store.
  KeyIndex(std::int64_t budget_bytes, std::string folder, std::string root);

  // What an index is of: a data file, and columns with their types.
  struct Of {
    std::string id;    // a digest of all of it
    std::string path;  // of the file that holds it, or would; "" if it is kept in memory
  };
  // `file`: its number in `version`.
  Result<Of> of(const TableVersion& version, std::size_t file,
                const std::vector<std::string>& columns) const;

  // Null: it must be made.
  std::shared_ptr<const FileKeys> find(const Of& of);
  void put(const Of& of, std::shared_ptr<const FileKeys> keys);
  // It turned out to be damaged.
  void drop(const Of& of);

  // The files of `version` whose indexes belong on disk and are not there.
  Result<std::vector<std::size_t>> missing(const TableVersion& version,
                                           const std::vector<std::string>& columns);

  struct Size {
    std::int64_t files = 0;
    std::int64_t bytes = 0;
  };
  // What is kept on disk of the table in folder `table` of the store.
  Size size(const std::string& table) const;
  // Folders of tables of which something is there.
  std::vector<std::string> tables() const;
  // Removes the indexes of data files of the table that this version has not.
  void keep_only(const TableVersion& version);
  // Removes all of a table that is gone.
  void forget(const std::string& table);

 private:
  std::string folder_of(const std::string& table) const;
  void remove(const std::string& path);
  Result<std::string> data_file(const TableVersion& version, std::size_t file) const;

  using Keys = Held<std::string, std::shared_ptr<const FileKeys>>;
  const std::string folder_;
  const std::string root_;
  Guarded<Keys> in_memory_;  // by id
  Guarded<Keys> open_;       // files that were used last, by path
};

}  // namespace claimlake::engine
