#include "engine/deleted_rows.h"

#include "delta/deletion_vector.h"

namespace claimlake::engine {
namespace {

// What a small vector takes beside its data: the maps and lists that hold it.
constexpr std::int64_t kOverheadBytes = 256;

}  // namespace

Result<std::shared_ptr<const delta::RowSet>> DeletedRows::of(std::size_t index) const {
  const delta::AddFile& file = snapshot_->files()[index];
  if (!file.deletion_vector) return std::shared_ptr<const delta::RowSet>();
  auto known = kept_.with([&](Kept& kept) {
    const auto found = kept.by_index.find(index);
    if (found == kept.by_index.end()) return std::shared_ptr<const delta::RowSet>();
    kept.entries.splice(kept.entries.begin(), kept.entries, found->second);
    return found->second->rows;
  });
  if (known) return known;
  // Not under the lock: reading takes as long as the store takes.
  auto read = delta::read_deletion_vector(store_, folder_, *file.deletion_vector);
  if (!read) {
    Error error = std::move(read).error().in("deletion vector of file " + file.path);
    if (error.fault == Fault::kNotFound) error.fault = Fault::kCorrupt;  // the log says it exists
    return std::move(error).then(
        "restore the file of the deletion vector, or the table to a version without it");
  }
  auto rows = std::make_shared<const delta::RowSet>(*std::move(read));
  keep({index, file.deletion_vector->size_in_bytes + kOverheadBytes, rows});
  return std::shared_ptr<const delta::RowSet>(std::move(rows));
}

void DeletedRows::keep(Entry entry) const {
  kept_.with([&](Kept& kept) {
    if (kept.by_index.contains(entry.index)) return;  // another thread has read it meanwhile
    kept.bytes += entry.bytes;
    kept.entries.push_front(std::move(entry));
    kept.by_index[kept.entries.front().index] = kept.entries.begin();
    while (kept.bytes > limit_bytes_) {
      kept.bytes -= kept.entries.back().bytes;
      kept.by_index.erase(kept.entries.back().index);
      kept.entries.pop_back();
    }
  });
}

std::int64_t DeletedRows::kept_bytes() const {
  return kept_.with([](const Kept& kept) { return kept.bytes; });
}

}  // namespace claimlake::engine
