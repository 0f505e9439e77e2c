#include "delta/file_chunk.h"

namespace claimlake::delta {
namespace {

// A file sets three bits of one word. With four files to a word, one search in about a hundred
// looks at the hashes in vain.
constexpr std::size_t kFilesPerWord = 4;

std::uint64_t filter_bits(std::uint64_t hash) {
  const auto bit = [hash](int shift) { return std::uint64_t{1} << (hash >> shift & 63); };
  return bit(0) | bit(6) | bit(12);
}
// What an entry takes beside itself. A node of a map is about as large as two texts.
std::int64_t text_bytes(const AddFile& file) {
  std::size_t bytes = file.path.capacity() + file.stats_json.capacity();
  for (const auto& [column, value] : file.partition_values) {
    bytes += 2 * sizeof(std::string) + column.size() + (value ? value->size() : 0);
  }
  for (const auto& [tag, value] : file.tags) {
    bytes += 2 * sizeof(std::string) + tag.size() + value.size();
  }
  return static_cast<std::int64_t>(bytes);
}

std::size_t filter_word(std::uint64_t hash, std::size_t words) { return (hash >> 20) % words; }

}  // namespace

std::uint64_t file_key_hash(std::string_view path, std::string_view vector_id) {
  const std::hash<std::string_view> hash;
  return vector_id.empty() ? hash(path) : hash(path) * 31 + hash(vector_id) + 1;
}

FileChunk::FileChunk(std::size_t capacity) : filter_(capacity / kFilesPerWord + 1) {
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
  text_bytes_.fetch_add(text_bytes(file), std::memory_order_relaxed);
  files_.push_back(std::move(file));
  hashes_.push_back(hash);
  rows_.push_back(rows);
  filter_[filter_word(hash, filter_.size())].fetch_or(filter_bits(hash), std::memory_order_relaxed);
}

bool FileChunk::may_hold(std::uint64_t hash) const {
  const std::uint64_t bits = filter_bits(hash);
  const auto& word = filter_[filter_word(hash, filter_.size())];
  return (word.load(std::memory_order_relaxed) & bits) == bits;
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
      ++stats_entries_;
    }
    for (std::size_t i = 0; i < known; ++i) use(i, entries->second[i]);
  });
}

std::int64_t FileChunk::memory_bytes() const {
  const std::size_t per_file = sizeof(AddFile) + sizeof(std::uint64_t) + sizeof(std::int64_t);
  return text_bytes_.load(std::memory_order_relaxed) +
         static_cast<std::int64_t>(files_.capacity() * per_file +
                                   stats_entries_ * sizeof(ColumnStatsEntry));
}

}  // namespace claimlake::delta
