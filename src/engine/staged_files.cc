#include "engine/staged_files.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <set>

#include "delta/column_mapping.h"
#include "delta/partition_path.h"
#include "delta/stats_reader.h"

namespace claimlake::engine {
namespace {

class StagedSnapshot final : public delta::Snapshot {
 public:
  StagedSnapshot(const delta::Schema& schema, const std::vector<WrittenFile>& files)
      : schema_(schema) {
    std::set<std::string> partitions;
    for (const WrittenFile& file : files) {
      delta::AddFile add;
      add.path = delta::encode_path(file.path);
      add.partition_values = file.partition_values;
      add.size = file.size;
      add.stats_json = file.stats_json;
      for (const auto& [column, value] : file.partition_values) partitions.insert(column);
      files_.push_back(std::move(add));
      rows_.push_back(file.rows);
    }
    for (const delta::AddFile& file : files_) list_.push_back(&file);
    // Files of mapped columns say so by the columns' own metadata.
    bool mapped = false;
    for (const delta::Field& field : schema_.fields) {
      const std::string stored = delta::physical_name(field, delta::ColumnMapping::kName);
      mapped = mapped || delta::field_id(field).has_value();
      if (partitions.contains(stored)) metadata_.partition_columns.push_back(field.name);
    }
    if (!mapped) return;
    protocol_ = {2, 5, {}, {}};
    metadata_.configuration[delta::kColumnMappingMode] = "name";
  }

  delta::LogVersion version() const override { return 0; }
  Timestamp timestamp() const override { return {}; }
  const delta::Protocol& protocol() const override { return protocol_; }
  const delta::Metadata& metadata() const override { return metadata_; }
  const delta::Schema& schema() const override { return schema_; }
  delta::FileList files() const override { return delta::FileList(list_); }
  std::int64_t files_bytes() const override {
    std::int64_t bytes = 0;
    for (const delta::AddFile& file : files_) bytes += file.size;
    return bytes;
  }
  std::optional<std::int64_t> row_count() const override {
    std::int64_t rows = 0;
    for (const std::int64_t count : rows_) rows += count;
    return rows;
  }
  std::optional<std::int64_t> row_count(std::size_t index) const override { return rows_[index]; }
  std::optional<std::int64_t> txn(std::string_view) const override { return std::nullopt; }

  std::int64_t memory_bytes() const override {  // for one query, held by none
    return static_cast<std::int64_t>(files_.size() * sizeof(delta::AddFile));
  }
  const delta::ColumnStats& column_stats(std::string_view column) const override {
    const std::lock_guard lock(mutex_);
    const auto [found, is_new] = stats_.try_emplace(std::string(column));
    if (is_new) {
      delta::StatsReader reader(column);
      for (const delta::AddFile& file : files_) {
        found->second.entries.push_back(reader.read(file.stats_json));
      }
    }
    return found->second;
  }

 private:
  const delta::Schema schema_;
  delta::Protocol protocol_;
  delta::Metadata metadata_;
  std::vector<delta::AddFile> files_;
  std::vector<const delta::AddFile*> list_;
  std::vector<std::int64_t> rows_;
  mutable std::mutex mutex_;
  mutable std::map<std::string, delta::ColumnStats> stats_;  // std::map: references stay valid
};

}  // namespace

delta::SnapshotPtr staged_snapshot(const delta::Schema& schema,
                                   const std::vector<WrittenFile>& files) {
  return std::make_shared<StagedSnapshot>(schema, files);
}

}  // namespace claimlake::engine
