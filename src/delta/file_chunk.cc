#include "delta/file_chunk.h"

namespace claimlake::delta {

std::uint64_t file_key_hash(std::string_view path, std::string_view vector_id) {
  const std::hash<std::string_view> hash;
  return vector_id.empty() ? hash(path) : hash(path) * 31 + hash(vector_id) + 1;
}

FileChunk::FileChunk(std::size_t capacity) {
  files_.reserve(capacity);
  hashes_.reserve(capacity);
  rows_.reserve(capacity);
}

bool FileChunk::claim(std::size_t known) {
  std::size_t expected = known;
  return known < files_.capacity() && used_.compare_exchange_strong(expected, known + 1);
}

// Nobody reads the new entry before the one who claimed it has published its version.
void FileChunk::append(AddFile&& file, std::uint64_t hash, std::int64_t rows) {
  files_.push_back(std::move(file));
  hashes_.push_back(hash);
  rows_.push_back(rows);
}

void FileChunk::column_stats(
    std::string_view column, std::size_t known,
    const std::function<void(std::size_t, const ColumnStatsEntry&)>& use) const {
  stats_.with([&](auto& columns) {
    auto entries = columns.find(column);
    if (entries == columns.end()) entries = columns.emplace(column, 0).first;
    StatsReader reader(column);
    for (std::size_t i = entries->second.size(); i < known; ++i) {
      entries->second.push_back(reader.read(file(i).stats_json));
    }
    for (std::size_t i = 0; i < known; ++i) use(i, entries->second[i]);
  });
}

}  // namespace claimlake::delta
