#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/result.h"

namespace claimlake::engine {

// A key index: where in one data file which values of some columns stand, as the hash of the values
// and the number of the row. Rows that deletion vectors take away are there too, so what it says is
// a function of the file alone, which never changes.
class FileKeys {
 public:
  virtual ~FileKeys() = default;
  // Adds the numbers of the rows whose hash is among `hashes`, ascending, to `out`, and stops when
  // there are more than `rows_max` in it. On an error some may have been added.
  virtual Done find(const std::vector<std::uint64_t>& hashes, std::size_t rows_max,
                    std::vector<std::uint32_t>& out) const = 0;
  virtual std::int64_t memory_bytes() const = 0;
};

// In memory.
struct HeldKeys final : FileKeys {
  std::vector<std::uint64_t> hashes;  // ascending
  std::vector<std::uint32_t> rows;    // beside each hash

  Done find(const std::vector<std::uint64_t>& wanted, std::size_t rows_max,
            std::vector<std::uint32_t>& out) const override;
  std::int64_t memory_bytes() const override;
};

}  // namespace claimlake::engine
