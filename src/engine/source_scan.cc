#include "engine/source_scan.h"

#include <algorithm>
#include <atomic>
#include <duckdb/catalog/catalog_entry/table_catalog_entry.hpp>
#include <duckdb/common/types/data_chunk.hpp>
#include <duckdb/execution/partition_info.hpp>
#include <duckdb/main/client_context.hpp>
#include <duckdb/storage/statistics/node_statistics.hpp>

#include "engine/errors.h"

namespace claimlake::engine {
namespace {

using duckdb::ClientContext;
using duckdb::FlatVector;
using duckdb::idx_t;
using duckdb::LogicalType;

static_assert(kBatchRows == STANDARD_VECTOR_SIZE, "a batch fills one chunk");

struct SourceBind final : duckdb::TableFunctionData {
  SourceBind(duckdb::TableCatalogEntry& table, std::shared_ptr<const RowSource> rows)
      : entry(table), source(std::move(rows)) {}
  duckdb::unique_ptr<FunctionData> Copy() const override {
    return duckdb::make_uniq<SourceBind>(entry, source);
  }
  bool Equals(const FunctionData& other) const override {
    return source == other.Cast<SourceBind>().source;
  }
  duckdb::TableCatalogEntry& entry;
  const std::shared_ptr<const RowSource> source;
  mutable std::atomic<std::int64_t> rows_read{0};  // by all scans of this plan, for progress
};

struct SourceGlobal final : duckdb::GlobalTableFunctionState {
  SourceGlobal(const SourceBind& bind, duckdb::vector<duckdb::column_t> read)
      : source(*bind.source), rows_read(bind.rows_read), column_ids(std::move(read)) {}
  idx_t MaxThreads() const override { return std::max<idx_t>(1, source.part_count()); }

  const RowSource& source;
  std::atomic<std::int64_t>& rows_read;               // of the bind data, which outlives the scan
  const duckdb::vector<duckdb::column_t> column_ids;  // by column of the result
  std::atomic<std::size_t> next_part{0};
};

// One thread's place in the source.
struct SourceLocal final : duckdb::LocalTableFunctionState {
  std::unique_ptr<PartScan> scan;  // null: take the next part
  std::size_t part = 0;
  std::int64_t part_rows = 0;
  Batch batch;
  std::vector<std::unique_ptr<std::string_view[]>> texts;  // by source column
  std::vector<std::unique_ptr<std::uint8_t[]>> bools;
  std::vector<std::unique_ptr<std::uint8_t[]>> nulls;
};

// Lets `column` of the batch write straight into the vector where the layouts agree.
void point_at(BatchColumn& column, SourceType type, duckdb::Vector& vector) {
  switch (type) {
    case SourceType::kInteger:
      column.ints = FlatVector::GetData<std::int32_t>(vector);
      break;
    case SourceType::kLong:
    case SourceType::kDecimal2:
    case SourceType::kTimestamp:
      column.longs = FlatVector::GetData<std::int64_t>(vector);
      break;
    case SourceType::kBool:
      column.bools = FlatVector::GetData<std::uint8_t>(vector);
      break;
    case SourceType::kText:
      break;  // copied afterwards: the text is the source's only until the next call
  }
}

// Moves what the batch cannot write in place into the vector: nulls and texts.
void finish_column(const BatchColumn& column, SourceType type, std::size_t rows,
                   duckdb::Vector& vector) {
  auto& validity = FlatVector::Validity(vector);
  const bool any_null =
      std::any_of(column.null, column.null + rows, [](auto flag) { return flag; });
  if (any_null) {
    for (std::size_t row = 0; row < rows; ++row) {
      if (column.null[row]) validity.SetInvalid(row);
    }
  }
  if (type != SourceType::kText) return;
  auto* strings = FlatVector::GetData<duckdb::string_t>(vector);
  for (std::size_t row = 0; row < rows; ++row) {
    if (column.null[row]) continue;
    const std::string_view text = column.text[row];
    strings[row] = duckdb::StringVector::AddStringOrBlob(vector, text.data(), text.size());
  }
}

duckdb::unique_ptr<duckdb::GlobalTableFunctionState> init_global(
    ClientContext&, duckdb::TableFunctionInitInput& input) {
  return duckdb::make_uniq<SourceGlobal>(input.bind_data->Cast<SourceBind>(), input.column_ids);
}

duckdb::unique_ptr<duckdb::LocalTableFunctionState> init_local(
    duckdb::ExecutionContext&, duckdb::TableFunctionInitInput&,
    duckdb::GlobalTableFunctionState* state) {
  const auto& global = state->Cast<SourceGlobal>();
  const auto& columns = global.source.columns();
  auto local = duckdb::make_uniq<SourceLocal>();
  local->batch.columns.resize(columns.size());
  local->texts.resize(columns.size());
  local->nulls.resize(columns.size());
  for (std::size_t i = 0; i < columns.size(); ++i) {
    BatchColumn& column = local->batch.columns[i];
    column.wanted =
        std::find(global.column_ids.begin(), global.column_ids.end(), i) != global.column_ids.end();
    if (!column.wanted) continue;
    local->nulls[i] = std::make_unique<std::uint8_t[]>(kBatchRows);
    column.null = local->nulls[i].get();
    if (columns[i].type != SourceType::kText) continue;
    local->texts[i] = std::make_unique<std::string_view[]>(kBatchRows);
    column.text = local->texts[i].get();
  }
  return local;
}

// Fills `batch` with the next rows of any part. False at the end of the source.
bool next_batch(SourceGlobal& global, SourceLocal& local) {
  while (true) {
    if (!local.scan) {
      local.part = global.next_part.fetch_add(1);
      if (local.part >= global.source.part_count()) return false;
      local.scan = value_or_throw(global.source.scan(local.part));
      local.part_rows = 0;
    }
    local.batch.rows = 0;
    for (const BatchColumn& column : local.batch.columns) {
      if (column.wanted) std::fill_n(column.null, kBatchRows, std::uint8_t{0});
    }
    value_or_throw(local.scan->next(local.batch));
    if (local.batch.rows > 0) return true;
    local.scan.reset();
  }
}

void scan_source(ClientContext&, duckdb::TableFunctionInput& input, duckdb::DataChunk& out) {
  auto& global = input.global_state->Cast<SourceGlobal>();
  auto& local = input.local_state->Cast<SourceLocal>();
  const auto& columns = global.source.columns();
  for (std::size_t i = 0; i < global.column_ids.size(); ++i) {
    const auto id = global.column_ids[i];
    if (id < columns.size()) point_at(local.batch.columns[id], columns[id].type, out.data[i]);
  }
  if (!next_batch(global, local)) return;
  const std::size_t rows = local.batch.rows;
  for (std::size_t i = 0; i < global.column_ids.size(); ++i) {
    const auto id = global.column_ids[i];
    if (id < columns.size()) {
      finish_column(local.batch.columns[id], columns[id].type, rows, out.data[i]);
    }
  }
  out.SetCardinality(rows);
  local.part_rows += static_cast<std::int64_t>(rows);
  global.rows_read += static_cast<std::int64_t>(rows);
}

// Says in which order rows belong, where an order is kept: part by part, piece by piece.
duckdb::OperatorPartitionData partition_data(ClientContext&,
                                             duckdb::TableFunctionGetPartitionInput& input) {
  constexpr std::int64_t kPieceRows = 122'880;  // of a row group
  constexpr idx_t kPiecesPerPart = 100'000;
  const auto& local = input.local_state->Cast<SourceLocal>();
  const auto piece = static_cast<idx_t>((local.part_rows - 1) / kPieceRows);
  return duckdb::OperatorPartitionData(local.part * kPiecesPerPart +
                                       std::min(piece, kPiecesPerPart - 1));
}

double progress(ClientContext&, const duckdb::FunctionData* bind,
                const duckdb::GlobalTableFunctionState*) {
  const std::int64_t estimate = bind->Cast<SourceBind>().source->estimated_rows();
  if (estimate <= 0) return -1;
  const auto read = static_cast<double>(bind->Cast<SourceBind>().rows_read.load());
  return std::min(100.0, 100.0 * read / static_cast<double>(estimate));
}

duckdb::unique_ptr<duckdb::NodeStatistics> cardinality(ClientContext&,
                                                       const duckdb::FunctionData* bind) {
  const std::int64_t estimate = bind->Cast<SourceBind>().source->estimated_rows();
  if (estimate <= 0) return nullptr;
  return duckdb::make_uniq<duckdb::NodeStatistics>(static_cast<idx_t>(estimate));
}

}  // namespace

LogicalType source_type(SourceType type) {
  switch (type) {
    case SourceType::kText:
      return LogicalType::VARCHAR;
    case SourceType::kBool:
      return LogicalType::BOOLEAN;
    case SourceType::kInteger:
      return LogicalType::INTEGER;
    case SourceType::kLong:
      return LogicalType::BIGINT;
    case SourceType::kDecimal2:
      return LogicalType::DECIMAL(18, 2);
    case SourceType::kTimestamp:
      return LogicalType::TIMESTAMP_TZ;
  }
  return LogicalType::VARCHAR;
}

duckdb::TableFunction make_source_scan(duckdb::TableCatalogEntry& entry,
                                       std::shared_ptr<const RowSource> source,
                                       duckdb::unique_ptr<duckdb::FunctionData>& bind_data) {
  bind_data = duckdb::make_uniq<SourceBind>(entry, std::move(source));
  duckdb::TableFunction scan("source_scan", {}, scan_source, nullptr, init_global, init_local);
  scan.projection_pushdown = true;
  scan.cardinality = cardinality;
  scan.table_scan_progress = progress;
  scan.get_partition_data = partition_data;
  scan.get_bind_info = [](const duckdb::optional_ptr<duckdb::FunctionData> bind) {
    return duckdb::BindInfo(bind->Cast<SourceBind>().entry);
  };
  return scan;
}

}  // namespace claimlake::engine
