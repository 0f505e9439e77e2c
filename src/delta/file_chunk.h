#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/guarded.h"
#include "delta/action.h"
#include "delta/stats_reader.h"

namespace claimlake::delta {

// The identity of a file in the log: its path, byte for byte, and its deletion vector.
std::uint64_t file_key_hash(std::string_view path, std::string_view vector_id);

// Up to kMaxFiles AddFiles that never move. Several versions of a table share a chunk, each
// knowing a prefix of it. Only who knows all of it may append, and only one of them (claim),
// so readers need no lock: what they know never changes.
class FileChunk {
 public:
  static constexpr std::size_t kMaxFiles = 2048;
  explicit FileChunk(std::size_t capacity);
  FileChunk(const FileChunk&) = delete;
  FileChunk& operator=(const FileChunk&) = delete;

  // True if the chunk has exactly `known` files and room: then the caller alone may append one.
  bool claim(std::size_t known);
  void append(AddFile&& file, std::uint64_t hash, std::int64_t rows);

  const AddFile& file(std::size_t i) const { return files_.data()[i]; }
  // numRecords, or -1.
  std::int64_t rows(std::size_t i) const { return rows_.data()[i]; }
  const std::uint64_t* hashes() const { return hashes_.data(); }
  // False only if no file of the chunk has this hash. A small filter says so for nearly all that
  // are not there, so that looking for a file touches one word of a chunk and not all its hashes.
  bool may_hold(std::uint64_t hash) const;
  // Calls `use` with what each of the first `known` files says about `column`; parsed on first
  // use and kept for all versions that share the chunk.
  void column_stats(std::string_view column, std::size_t known,
                    const std::function<void(std::size_t, const ColumnStatsEntry&)>& use) const;
  // What it takes, roughly.
  std::int64_t memory_bytes() const;

 private:
  std::atomic<std::size_t> used_ = 0;
  std::atomic<std::int64_t> text_bytes_ = 0;  // outside of the entries themselves
  std::vector<AddFile> files_;                // reserved once; grows only in append
  std::vector<std::uint64_t> hashes_;
  std::vector<std::int64_t> rows_;
  // Atomic: who knows a part of the chunk reads it while another one appends.
  std::vector<std::atomic<std::uint64_t>> filter_;
  mutable Guarded<std::map<std::string, std::vector<ColumnStatsEntry>, std::less<>>> stats_;
  mutable std::atomic<std::size_t> stats_entries_ = 0;  // asked for without waiting for the lock
};

}  // namespace claimlake::delta
