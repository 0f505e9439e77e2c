#include "engine/file_keys.h"

#include <algorithm>

namespace claimlake::engine {

Done HeldKeys::find(const std::vector<std::uint64_t>& wanted, std::size_t rows_max,
                    std::vector<std::uint32_t>& out) const {
  for (const std::uint64_t hash : wanted) {
    const auto [first, last] = std::equal_range(hashes.begin(), hashes.end(), hash);
    for (auto at = first; at != last; ++at) {
      out.push_back(rows[std::size_t(at - hashes.begin())]);
      if (out.size() > rows_max) return done();
    }
  }
  return done();
}

std::int64_t HeldKeys::memory_bytes() const {
  constexpr std::size_t kAround = 400;  // and what names it, and the places in lists
  return static_cast<std::int64_t>(hashes.capacity() * sizeof(std::uint64_t) +
                                   rows.capacity() * sizeof(std::uint32_t) + kAround);
}

}  // namespace claimlake::engine
