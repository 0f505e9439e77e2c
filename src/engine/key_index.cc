#include "engine/key_index.h"

#include <algorithm>

namespace claimlake::engine {

void FileKeys::find(std::uint64_t hash, std::vector<std::uint32_t>& out) const {
  const auto [first, last] = std::equal_range(hashes.begin(), hashes.end(), hash);
  for (auto at = first; at != last; ++at) out.push_back(rows[std::size_t(at - hashes.begin())]);
}

std::int64_t FileKeys::memory_bytes() const {
  // And what names it, and the places in lists.
  constexpr std::size_t kAround = 400;
  return static_cast<std::int64_t>(hashes.capacity() * sizeof(std::uint64_t) +
                                   rows.capacity() * sizeof(std::uint32_t) + kAround);
}

std::shared_ptr<const FileKeys> KeyIndex::find(const std::string& file,
                                               const std::string& columns) {
  return held_.with([&](Files& files) -> std::shared_ptr<const FileKeys> {
    const auto* found =
        files.find({file, columns}, [](const auto& keys) { return keys->memory_bytes(); });
    return found ? *found : nullptr;
  });
}

void KeyIndex::put(const std::string& file, const std::string& columns,
                   std::shared_ptr<const FileKeys> keys) {
  held_.with([&](Files& files) {
    const std::int64_t size = keys->memory_bytes();
    files.put({file, columns}, std::move(keys), size);
  });
}

}  // namespace claimlake::engine
