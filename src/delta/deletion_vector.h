#pragma once

#include <string>
#include <string_view>

#include "base/random.h"
#include "base/result.h"
#include "delta/action.h"
#include "delta/row_set.h"
#include "store/store.h"

namespace claimlake::delta {

// Deletion vectors as files and in the log: docs/formats/deletion_vector.md.

// The path in the store of the file that holds `vector`, of the table at `table_path`; "" if it is
// inline. Errors: kCorrupt (what the log says is no vector), kInvalidInput (not in this store).
Result<std::string> deletion_vector_path(const DeletionVector& vector, std::string_view table_path,
                                         std::string_view store_root);

// The rows that `vector` takes away. Errors: as above; kCorrupt (damaged, or another number of rows
// than the log says), kNotFound (no such file), kUnavailable. `where` names the file.
Result<RowSet> read_deletion_vector(const store::Store& store, std::string_view table_path,
                                    const DeletionVector& vector);

// Collects the vectors of one commit in one file, so that a change of many files costs one put.
// One thread.
class DeletionVectorFile {
 public:
  // The file will be a new one in the folder of the table.
  DeletionVectorFile(std::string_view table_path, Random& random);
  // What an add action says of the vector. `rows` is not empty.
  DeletionVector add(const RowSet& rows);
  // Writes the file, durable when this returns; no file if nothing was added.
  Done write(store::Store& store) const;
  // In the store.
  const std::string& path() const { return path_; }
  std::int64_t size() const { return static_cast<std::int64_t>(bytes_.size()); }
  bool empty() const { return count_ == 0; }

 private:
  std::string id_;  // the UUID in Z85
  std::string path_;
  std::string bytes_;
  int count_ = 0;
};

}  // namespace claimlake::delta
