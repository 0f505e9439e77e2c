#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/cancel.h"
#include "base/result.h"
#include "store/store.h"

namespace claimlake::bronze {

// True if `path` matches `pattern`: '*' stands for any characters except '/', '?' for one of them.
bool matches_pattern(std::string_view pattern, std::string_view path);

// One raw file: where it is and which bytes it holds.
struct RawFile {
  std::string path;  // in the raw store
  std::string name;  // relative to the raw folder: what _source_file says
  std::int64_t size = 0;
  Timestamp modified_at{};
  std::string sha256;  // of its bytes, 64 lower-case hex digits; the file's identity
};

// True for what is on its way or not meant: a part of `path` that begins with '.' or '_', or a
// name that ends in .tmp or .part.
bool is_temporary_name(std::string_view path);

// The files below `folder` that match one of `patterns` (relative to the folder), ascending by
// name, without sha256. Temporary names are passed over.
Result<std::vector<RawFile>> find_raw_files(const store::Store& store, const std::string& folder,
                                            const std::vector<std::string>& patterns);

// SHA-256 of the file's bytes. Errors: kUnavailable if the file changes while it is read (size or
// time of change differ afterwards), kCancelled, kNotFound.
Result<std::string> content_hash(const store::Store& store, const RawFile& file,
                                 const Cancel& cancel);

// kConflict if the file is not what it was when `file` was made.
Done check_unchanged(const store::Store& store, const RawFile& file);

}  // namespace claimlake::bronze
