#include "engine/file_facts.h"

#include <duckdb/storage/statistics/numeric_stats.hpp>
#include <duckdb/storage/storage_index.hpp>

#include "delta/stats.h"

namespace claimlake::engine {
namespace {

using duckdb::BaseStatistics;
using duckdb::idx_t;
using duckdb::LogicalTypeId;
using duckdb::StorageIndex;

// True for types whose bounds in the statistics are values, if they are tight. Others are cut or
// rounded there: text to a prefix, times to milliseconds, fractions to a double; and a NaN is in no
// bound at all.
bool states_values(const duckdb::LogicalType& type) {
  switch (type.id()) {
    case LogicalTypeId::TINYINT:
    case LogicalTypeId::SMALLINT:
    case LogicalTypeId::INTEGER:
    case LogicalTypeId::BIGINT:
    case LogicalTypeId::DATE:
      return true;
    default:
      return false;
  }
}

// True for types that DuckDB knows numeric statistics of, and whose bounds hold for all values.
bool has_statistics(const duckdb::LogicalType& type) {
  return BaseStatistics::GetStatsType(type) == duckdb::StatisticsType::NUMERIC_STATS &&
         type.id() != LogicalTypeId::FLOAT && type.id() != LogicalTypeId::DOUBLE &&
         type.id() != LogicalTypeId::BOOLEAN;
}

class FileFacts final : public duckdb::PartitionRowGroup {
 public:
  FileFacts(std::shared_ptr<const TableFiles> table, std::size_t number)
      : table_(std::move(table)), number_(number) {}

  duckdb::unique_ptr<BaseStatistics> GetColumnStatistics(const StorageIndex& index) override {
    const auto column = column_of(index);
    if (!column || !has_statistics(table_->columns()[*column].type)) return nullptr;
    const auto& all = table_->bounds(*column);
    if (number_ >= all.size()) return nullptr;
    const ColumnBounds& bounds = all[number_];
    if (!bounds.min || !bounds.max) return nullptr;
    auto statistics = BaseStatistics::CreateEmpty(table_->columns()[*column].type);
    duckdb::NumericStats::SetMin(statistics, *bounds.min);
    duckdb::NumericStats::SetMax(statistics, *bounds.max);
    statistics.SetHasNoNull();
    if (bounds.null_count != 0) statistics.SetHasNull();
    return statistics.ToUnique();
  }

  bool MinMaxIsExact(const BaseStatistics&, const StorageIndex& index) override {
    const auto column = column_of(index);
    if (!column) return false;
    // All rows have it, and a file without rows is not among those of a scan.
    if (table_->columns()[*column].partition) return true;
    if (!states_values(table_->columns()[*column].type)) return false;
    // Rows that are deleted may be the ones that had the bound, unless the writer says otherwise.
    const delta::AddFile& file = table_->snapshot()->files()[number_];
    return delta::tight_bounds(file.stats_json).value_or(!file.deletion_vector);
  }

 private:
  std::optional<std::size_t> column_of(const StorageIndex& index) const {
    if (index.HasChildren() || !index.HasPrimaryIndex()) return std::nullopt;
    const idx_t column = index.GetPrimaryIndex();
    if (column >= table_->columns().size()) return std::nullopt;
    return column;
  }

  const std::shared_ptr<const TableFiles> table_;
  const std::size_t number_;
};

}  // namespace

duckdb::vector<duckdb::PartitionStatistics> file_facts(
    const std::shared_ptr<const TableFiles>& table, const LakeFileList& list) {
  duckdb::vector<duckdb::PartitionStatistics> facts;
  idx_t start = 0;
  for (const std::size_t file : list.kept()) {
    const auto rows = table->live_rows(file);
    if (!rows) return {};
    duckdb::PartitionStatistics known;
    known.row_start = start;
    known.count = static_cast<idx_t>(*rows);
    known.count_type = duckdb::CountType::COUNT_EXACT;
    known.partition_row_group = duckdb::make_shared_ptr<FileFacts>(table, file);
    start += known.count;
    facts.push_back(std::move(known));
  }
  return facts;
}

}  // namespace claimlake::engine
