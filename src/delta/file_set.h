#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "delta/action.h"
#include "delta/file_chunk.h"
#include "delta/file_index.h"
#include "delta/shared_list.h"

namespace claimlake::delta {

// The live files of one version. Immutable and cheap to copy: versions share their chunks, so the
// next version costs what its commit changed, not what the table holds.
class FileSet {
 public:
  std::size_t size() const { return size_; }
  std::int64_t bytes() const { return bytes_; }
  // Rows without the deleted ones; absent if a file has no numRecords.
  std::optional<std::int64_t> row_count() const;

  // Calls use(const AddFile&, std::int64_t rows_or_minus_one) for each live file.
  template <class Use>
  void for_each(Use&& use) const {
    for (std::size_t p = 0; p < parts_.size(); ++p) {
      const Part& part = parts_[p];
      for (std::size_t i = 0; i < part.used; ++i) {
        if (part.alive(i)) use(part.chunk->file(i), part.chunk->rows(i));
      }
    }
  }
  // Appends what the statistics of the live files say about `column`, in for_each order.
  void column_stats(std::string_view column, std::vector<ColumnStatsEntry>& out) const;
  // What the chunks take, roughly, whoever else has them.
  std::int64_t memory_bytes() const;

 private:
  friend class FileSetBuilder;
  using DeadBits = std::array<std::uint64_t, FileChunk::kMaxFiles / 64>;
  struct Part {
    std::shared_ptr<FileChunk> chunk;
    std::size_t used = 0;                  // entries of the chunk that this version knows
    std::size_t live = 0;                  // of them, not removed
    std::shared_ptr<const DeadBits> dead;  // null: all are alive
    bool alive(std::size_t i) const { return !dead || !((*dead)[i / 64] >> (i % 64) & 1); }
  };
  SharedList<Part> parts_;
  std::size_t size_ = 0;
  std::int64_t bytes_ = 0;
  std::int64_t rows_ = 0;
  std::size_t files_without_rows_ = 0;
};

// Makes the next version of a FileSet. One thread; `base` stays as it is.
class FileSetBuilder {
 public:
  explicit FileSetBuilder(FileSet base);
  ~FileSetBuilder();

  // Adds a file; one of the same path and deletion vector is replaced.
  void add(AddFile&& file);
  // Adds a file that is known not to be there yet (a checkpoint's).
  void add_new(AddFile&& file);
  // False if there is no such file: that is legal, for example after log cleanup.
  bool remove(std::string_view path, const std::optional<DeletionVector>& deletion_vector);
  FileSet finish() &&;

 private:
  bool find(std::string_view path, std::string_view vector_id, std::uint64_t hash, FilePlace& at);
  void build_index();
  void kill(FilePlace at);
  void append(AddFile&& file, std::uint64_t hash, std::int64_t rows);
  void count(const AddFile& file, std::int64_t rows, int sign);
  void compact();

  FileSet set_;
  std::vector<std::shared_ptr<FileSet::DeadBits>> own_dead_;  // by part; null: shared still
  std::size_t searches_ = 0;
  // Hash to place, made when so many files are looked for that asking all chunks each time would
  // cost more.
  std::optional<FileIndex> index_;
};

}  // namespace claimlake::delta
