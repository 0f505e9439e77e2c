#include "delta/file_set.h"

#include <algorithm>

#include "delta/log_json.h"

namespace claimlake::delta {
namespace {

constexpr std::size_t kFirstChunk = 16;
// After so many searches in one builder an index of all files pays.
constexpr std::size_t kSearchesBeforeIndex = 512;
// Chunks with fewer than a quarter of their files alive are rewritten once this many files could
// be freed.
constexpr std::size_t kDeadBeforeCompacting = FileChunk::kMaxFiles;
// Versions that grow the same base apart leave small chunks; this many are made one.
constexpr std::size_t kSmallChunk = FileChunk::kMaxFiles / 4;
constexpr std::size_t kSmallBeforeCompacting = 16;

std::string vector_id_of(const std::optional<DeletionVector>& vector) {
  return vector ? vector->unique_id() : std::string();
}

}  // namespace

std::optional<std::int64_t> FileSet::row_count() const {
  if (files_without_rows_ > 0) return std::nullopt;
  return rows_;
}

void FileSet::column_stats(std::string_view column, std::vector<ColumnStatsEntry>& out) const {
  out.reserve(out.size() + size_);
  for (std::size_t p = 0; p < parts_.size(); ++p) {
    const Part& part = parts_[p];
    part.chunk->column_stats(column, part.used, [&](std::size_t i, const ColumnStatsEntry& entry) {
      if (part.alive(i)) out.push_back(entry);
    });
  }
}

std::int64_t FileSet::memory_bytes() const {
  std::int64_t bytes = 0;
  for (std::size_t p = 0; p < parts_.size(); ++p) bytes += parts_[p].chunk->memory_bytes();
  return bytes;
}

FileSetBuilder::FileSetBuilder(FileSet base)
    : set_(std::move(base)), own_dead_(set_.parts_.size()) {}
FileSetBuilder::~FileSetBuilder() = default;

void FileSetBuilder::add(AddFile&& file) {
  const std::string vector_id = vector_id_of(file.deletion_vector);
  const std::uint64_t hash = file_key_hash(file.path, vector_id);
  if (FilePlace at; find(file.path, vector_id, hash, at)) kill(at);
  const std::int64_t rows = num_records(file.stats_json).value_or(-1);
  append(std::move(file), hash, rows);
}

void FileSetBuilder::add_new(AddFile&& file) {
  const std::uint64_t hash = file_key_hash(file.path, vector_id_of(file.deletion_vector));
  const std::int64_t rows = num_records(file.stats_json).value_or(-1);
  append(std::move(file), hash, rows);
}

bool FileSetBuilder::remove(std::string_view path,
                            const std::optional<DeletionVector>& deletion_vector) {
  const std::string vector_id = vector_id_of(deletion_vector);
  FilePlace at;
  if (!find(path, vector_id, file_key_hash(path, vector_id), at)) return false;
  kill(at);
  return true;
}

bool FileSetBuilder::find(std::string_view path, std::string_view vector_id, std::uint64_t hash,
                          FilePlace& at) {
  const auto matches = [&](FilePlace place) {
    const FileSet::Part& part = set_.parts_[place.part];
    if (!part.alive(place.index)) return false;
    const AddFile& file = part.chunk->file(place.index);
    return file.path == path && vector_id_of(file.deletion_vector) == vector_id;
  };
  if (++searches_ > kSearchesBeforeIndex && !index_) build_index();
  if (index_) {
    const FilePlace* found = index_->find(hash, matches);
    if (found != nullptr) at = *found;
    return found != nullptr;
  }
  for (std::size_t p = 0; p < set_.parts_.size(); ++p) {
    if (!set_.parts_[p].chunk->may_hold(hash)) continue;
    const std::uint64_t* hashes = set_.parts_[p].chunk->hashes();
    const std::uint64_t* end = hashes + set_.parts_[p].used;
    for (const auto* h = std::find(hashes, end, hash); h != end; h = std::find(h + 1, end, hash)) {
      at = {static_cast<std::uint32_t>(p), static_cast<std::uint32_t>(h - hashes)};
      if (matches(at)) return true;
    }
  }
  return false;
}

void FileSetBuilder::build_index() {
  index_.emplace(set_.size_ * 2);
  for (std::uint32_t p = 0; p < set_.parts_.size(); ++p) {
    const FileSet::Part& part = set_.parts_[p];
    for (std::uint32_t i = 0; i < part.used; ++i) {
      if (part.alive(i)) index_->insert(part.chunk->hashes()[i], {p, i});
    }
  }
}

void FileSetBuilder::kill(FilePlace at) {
  FileSet::Part& part = set_.parts_.change(at.part);
  auto& own = own_dead_[at.part];
  if (!own) {
    own = std::make_shared<FileSet::DeadBits>(part.dead ? *part.dead : FileSet::DeadBits{});
    part.dead = own;
  }
  (*own)[at.index / 64] |= std::uint64_t{1} << (at.index % 64);
  --part.live;
  count(part.chunk->file(at.index), part.chunk->rows(at.index), -1);
}

void FileSetBuilder::count(const AddFile& file, std::int64_t rows, int sign) {
  set_.size_ += static_cast<std::size_t>(sign);
  set_.bytes_ += sign * file.size;
  if (rows < 0) {
    set_.files_without_rows_ += static_cast<std::size_t>(sign);
  } else {
    const std::int64_t deleted = file.deletion_vector ? file.deletion_vector->cardinality : 0;
    set_.rows_ += sign * (rows - deleted);
  }
}

void FileSetBuilder::append(AddFile&& file, std::uint64_t hash, std::int64_t rows) {
  count(file, rows, 1);
  auto& parts = set_.parts_;
  const auto claim_last = [&] {
    const FileSet::Part& last = parts[parts.size() - 1];
    return last.chunk->claim(last.used);
  };
  if (parts.size() == 0 || !claim_last()) {
    // The chunk is full, or another version has grown it first: start one of our own.
    const std::size_t capacity = std::clamp(set_.size_, kFirstChunk, FileChunk::kMaxFiles);
    parts.push_back({std::make_shared<FileChunk>(capacity)});
    own_dead_.emplace_back();
    CHECK(claim_last(), "a new chunk has room");
  }
  FileSet::Part& part = parts.change(parts.size() - 1);
  part.chunk->append(std::move(file), hash, rows);
  if (index_) {
    index_->insert(hash, {static_cast<std::uint32_t>(parts.size() - 1),
                          static_cast<std::uint32_t>(part.used)});
  }
  ++part.used;
  ++part.live;
}

// Drops chunks without live files, and rewrites sparse or small ones when that frees enough: each
// file is then copied once for at least three that were removed, or once for many commits.
void FileSetBuilder::compact() {
  const auto sparse = [](const FileSet::Part& part) {
    return part.live * 4 < part.used || part.live < kSmallChunk;
  };
  std::size_t dead = 0;
  std::size_t small = 0;
  bool empty = false;
  for (std::size_t p = 0; p < set_.parts_.size(); ++p) {
    const FileSet::Part& part = set_.parts_[p];
    empty = empty || part.live == 0;
    if (part.live == 0 || !sparse(part)) continue;
    dead += part.used - part.live;
    ++small;
  }
  const bool rewrite = dead >= kDeadBeforeCompacting || small >= kSmallBeforeCompacting;
  if (!rewrite && !empty) return;
  FileSetBuilder fresh((FileSet()));
  for (std::size_t p = 0; rewrite && p < set_.parts_.size(); ++p) {
    const FileSet::Part& part = set_.parts_[p];
    for (std::size_t i = 0; sparse(part) && i < part.used; ++i) {
      if (part.alive(i)) fresh.add_new(AddFile(part.chunk->file(i)));
    }
  }
  SharedList<FileSet::Part> kept = std::move(fresh.set_.parts_);
  for (std::size_t p = 0; p < set_.parts_.size(); ++p) {
    const FileSet::Part& part = set_.parts_[p];
    if (part.live > 0 && !(rewrite && sparse(part))) kept.push_back(part);
  }
  set_.parts_ = std::move(kept);
}

FileSet FileSetBuilder::finish() && {
  compact();
  return std::move(set_);
}

}  // namespace claimlake::delta
