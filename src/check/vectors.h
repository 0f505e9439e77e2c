#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/result.h"
#include "check/findings.h"
#include "delta/action.h"
#include "store/store.h"

namespace claimlake::check {

// Checks the deletion vectors of files: the descriptor, the bytes in their file, the rows in them.
class Vectors {
 public:
  Vectors(const store::Store& store, std::string table_path, Findings& findings)
      : store_(store), table_path_(std::move(table_path)), findings_(findings) {}  // outlive this

  // Checks the vector of `add`, whose data file has `rows` rows if that is known. True if its rows
  // can be told; they were handed to `use` as ranges then. Errors: those of the store.
  Result<bool> check(const delta::AddFile& add, std::optional<std::int64_t> rows,
                     const std::function<void(std::uint64_t first, std::uint64_t count)>& use = {});

 private:
  // The data of the vector; absent if it cannot be had, which was said then.
  Result<std::optional<std::string>> data_of(const delta::DeletionVector& vector,
                                             const std::string& file);
  Result<std::optional<std::string>> read_file(const delta::DeletionVector& vector,
                                               const std::string& path, const std::string& file);

  const store::Store& store_;
  const std::string table_path_;
  Findings& findings_;
};

}  // namespace claimlake::check
