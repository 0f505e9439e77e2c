#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "delta/action.h"

namespace claimlake::delta {

// A partition value passes three layers, and each escapes in its own way, once:
//   partitionValues in the log  raw                     a:b
//   folder in the store         Hive-escaped            p=a%3Ab
//   add.path in the log         that, URI-encoded       p=a%253Ab

// The name of a partition's folder, column by column: "day=2026-01-09/kind=a%2Fb". A null or
// empty value is __HIVE_DEFAULT_PARTITION__ here, and only here.
std::string partition_folder(const std::vector<std::string>& columns,
                             const PartitionValues& values);

// A path in the store, relative to the table's folder, as add.path has it.
std::string encode_path(std::string_view path);

// The path that add.path stands for. A '%' that starts no escape stands for itself, as other
// engines read it.
std::string decode_path(std::string_view path);

// The path in the store of a path as the log has it (add.path, the "p" of a deletion vector): below
// `table_path` if it is relative. `store_root`: Store::root(), which absolute paths start with, or
// with that of main where the store is that of an environment (store/environment.h).
// Errors: kInvalidInput, a file that is not in this store.
Result<std::string> path_in_store(std::string_view log_path, std::string_view table_path,
                                  std::string_view store_root);

}  // namespace claimlake::delta
