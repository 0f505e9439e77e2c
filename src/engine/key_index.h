#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/guarded.h"
#include "base/held.h"

namespace claimlake::engine {

// Where in one data file which values of some columns stand: the hash of the values and the number
// of the row, ascending by hash. Rows that deletion vectors take away are there too, so what it
// says is a function of the file alone, which never changes.
struct FileKeys {
  std::vector<std::uint64_t> hashes;
  std::vector<std::uint32_t> rows;  // beside each hash

  // Adds the numbers of the rows whose hash is `hash` to `out`.
  void find(std::uint64_t hash, std::vector<std::uint32_t>& out) const;
  std::int64_t memory_bytes() const;
};

// Key indexes of data files, made when they are first asked for. All of it is derived: what does
// not fit into the budget is let go and made again. Thread-safe.
class KeyIndex {
 public:
  explicit KeyIndex(std::int64_t budget_bytes) : held_(Files(budget_bytes)) {}

  // `file`: its address; `columns`: as the index calls them. Null: not known.
  std::shared_ptr<const FileKeys> find(const std::string& file, const std::string& columns);
  void put(const std::string& file, const std::string& columns,
           std::shared_ptr<const FileKeys> keys);

 private:
  using Files = Held<std::pair<std::string, std::string>, std::shared_ptr<const FileKeys>>;
  Guarded<Files> held_;
};

}  // namespace claimlake::engine
