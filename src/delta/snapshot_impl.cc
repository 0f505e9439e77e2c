#include "delta/snapshot_impl.h"

#include "base/check.h"
#include "delta/properties.h"
#include "delta/txn_list.h"

namespace claimlake::delta {
namespace {

std::int64_t to_ms(Timestamp time) {
  return std::chrono::floor<std::chrono::milliseconds>(time).time_since_epoch().count();
}

}  // namespace

SnapshotImpl::SnapshotImpl(TableState state, Timestamp now) : state_(std::move(state)) {
  const auto retention = read_properties(state_.metadata->configuration).txn_retention;
  if (retention) txns_since_ms_ = to_ms(now - *retention);
}

void SnapshotImpl::list_files() const {
  std::call_once(listed_, [this] {
    files_.reserve(state_.files.size());
    rows_.reserve(state_.files.size());
    state_.files.for_each([this](const AddFile& file, std::int64_t rows) {
      files_.push_back(&file);
      rows_.push_back(rows);
    });
  });
}

FileList SnapshotImpl::files() const {
  list_files();
  return FileList(files_);
}

std::optional<std::int64_t> SnapshotImpl::row_count(std::size_t index) const {
  list_files();
  CHECK(index < rows_.size(), "no file of that index");
  if (rows_[index] < 0) return std::nullopt;
  return rows_[index];
}

// The newest position is found first and only then asked whether it still counts: expiring while
// the log is replayed would bring an older position back to life.
std::optional<std::int64_t> SnapshotImpl::txn(std::string_view app_id) const {
  const Txn* newest = state_.txns.find(app_id);
  if (newest == nullptr || !keeps(*newest)) return std::nullopt;
  return newest->version;
}

bool SnapshotImpl::keeps(const Txn& txn) const {
  return !txns_since_ms_ || !txn.last_updated_ms || *txn.last_updated_ms > *txns_since_ms_;
}

const std::string* SnapshotImpl::domain(std::string_view name) const {
  if (!state_.domains) return nullptr;
  const auto found = state_.domains->find(std::string(name));
  return found == state_.domains->end() ? nullptr : &found->second.configuration;
}

const ColumnStats& SnapshotImpl::column_stats(std::string_view column) const {
  const ColumnStats* kept = stats_.with([&](auto& columns) {
    auto found = columns.find(column);
    if (found == columns.end()) {
      auto stats = std::make_unique<ColumnStats>();
      state_.files.column_stats(column, stats->entries);
      found = columns.emplace(column, std::move(stats)).first;
      ++stats_columns_;
    }
    return static_cast<const ColumnStats*>(found->second.get());
  });
  return *kept;  // never dropped while the snapshot lives
}

std::int64_t SnapshotImpl::memory_bytes() const {
  constexpr std::size_t kItself = 4096;  // schema, properties, lists of features
  const std::size_t per_file = sizeof(const AddFile*) + sizeof(std::int64_t);
  return state_.files.memory_bytes() +
         static_cast<std::int64_t>(kItself +
                                   state_.files.size() *
                                       (per_file + stats_columns_ * sizeof(ColumnStatsEntry)));
}

std::vector<Txn> txns_of(const Snapshot& table) {
  const auto* impl = dynamic_cast<const SnapshotImpl*>(&table);
  CHECK(impl != nullptr, "a Log gives snapshots of one kind");
  std::vector<Txn> txns;
  impl->state().txns.for_each([&](const Txn& txn) {
    if (impl->keeps(txn)) txns.push_back(txn);
  });
  return txns;
}

}  // namespace claimlake::delta
