#include "engine/scratch.h"

#include <fmt/format.h>

#include <algorithm>
#include <duckdb/catalog/catalog.hpp>
#include <duckdb/common/types/column/column_data_scan_states.hpp>
#include <duckdb/function/table_function.hpp>
#include <duckdb/main/client_context.hpp>
#include <duckdb/main/database.hpp>
#include <duckdb/parser/parsed_data/create_table_function_info.hpp>
#include <duckdb/storage/statistics/node_statistics.hpp>

#include "engine/errors.h"
#include "engine/session_state.h"

namespace claimlake::engine {
namespace {

using duckdb::ClientContext;
using duckdb::FunctionData;
using duckdb::idx_t;

struct ScratchBind final : duckdb::TableFunctionData {
  explicit ScratchBind(std::shared_ptr<const Scratch> kept) : scratch(std::move(kept)) {}
  duckdb::unique_ptr<FunctionData> Copy() const override {
    return duckdb::make_uniq<ScratchBind>(scratch);
  }
  bool Equals(const FunctionData& other) const override {
    return scratch == other.Cast<ScratchBind>().scratch;
  }
  const std::shared_ptr<const Scratch> scratch;
};

std::shared_ptr<const duckdb::ColumnDataCollection> rows_now(const Scratch& scratch) {
  if (scratch.rows) return scratch.rows;
  throw_error({Fault::kNotFound, fmt::format("No rows are kept as {}", scratch.name)});
}

struct ScratchGlobal final : duckdb::GlobalTableFunctionState {
  ScratchGlobal(std::shared_ptr<const duckdb::ColumnDataCollection> kept,
                const duckdb::vector<duckdb::column_t>& read)
      : rows(std::move(kept)) {
    duckdb::vector<duckdb::column_t> columns;
    for (std::size_t i = 0; i < read.size(); ++i) {
      if (read[i] >= rows->ColumnCount()) continue;  // asked for to count rows
      columns.push_back(read[i]);
      places.push_back(i);
    }
    if (columns.empty()) columns.push_back(0);
    rows->InitializeScan(scan, std::move(columns));
  }
  idx_t MaxThreads() const override {
    constexpr idx_t kChunksPerThread = 32;
    return rows->ChunkCount() / kChunksPerThread + 1;
  }

  const std::shared_ptr<const duckdb::ColumnDataCollection> rows;
  std::vector<std::size_t> places;  // in the result, of the columns that are read
  duckdb::ColumnDataParallelScanState scan;
};

struct ScratchLocal final : duckdb::LocalTableFunctionState {
  duckdb::ColumnDataLocalScanState scan;
  duckdb::DataChunk chunk;
};

duckdb::unique_ptr<FunctionData> bind(ClientContext& context, duckdb::TableFunctionBindInput& input,
                                      duckdb::vector<duckdb::LogicalType>& types,
                                      duckdb::vector<std::string>& names) {
  const auto state = SessionState::of(context);
  const std::string name = input.inputs[0].ToString();
  const auto found = state ? state->scratches.find(name) : Scratches::iterator{};
  if (!state || found == state->scratches.end()) {
    throw_error({Fault::kNotFound, fmt::format("No rows are kept as {}", name)});
  }
  rows_now(*found->second);
  types = found->second->types;
  names = found->second->columns;
  return duckdb::make_uniq<ScratchBind>(found->second);
}

duckdb::unique_ptr<duckdb::GlobalTableFunctionState> init_global(
    ClientContext&, duckdb::TableFunctionInitInput& input) {
  return duckdb::make_uniq<ScratchGlobal>(rows_now(*input.bind_data->Cast<ScratchBind>().scratch),
                                          input.column_ids);
}

duckdb::unique_ptr<duckdb::LocalTableFunctionState> init_local(
    duckdb::ExecutionContext&, duckdb::TableFunctionInitInput&,
    duckdb::GlobalTableFunctionState* state) {
  auto& global = state->Cast<ScratchGlobal>();
  auto local = duckdb::make_uniq<ScratchLocal>();
  global.rows->InitializeScanChunk(global.scan.scan_state, local->chunk);
  return local;
}

void scan(ClientContext&, duckdb::TableFunctionInput& input, duckdb::DataChunk& out) {
  auto& global = input.global_state->Cast<ScratchGlobal>();
  auto& local = input.local_state->Cast<ScratchLocal>();
  local.chunk.Reset();
  if (!global.rows->Scan(global.scan, local.scan, local.chunk)) return;
  for (std::size_t i = 0; i < global.places.size(); ++i) {
    out.data[global.places[i]].Reference(local.chunk.data[i]);
  }
  out.SetCardinality(local.chunk.size());
}

duckdb::unique_ptr<duckdb::NodeStatistics> cardinality(ClientContext&, const FunctionData* bind) {
  const auto& rows = bind->Cast<ScratchBind>().scratch->rows;
  return rows ? duckdb::make_uniq<duckdb::NodeStatistics>(rows->Count()) : nullptr;
}

}  // namespace

void register_scratch(duckdb::DatabaseInstance& database) {
  duckdb::TableFunction function("scratch", {duckdb::LogicalType::VARCHAR}, scan, bind, init_global,
                                 init_local);
  function.projection_pushdown = true;
  function.cardinality = cardinality;
  duckdb::CreateTableFunctionInfo info(std::move(function));
  info.internal = true;
  auto transaction = duckdb::CatalogTransaction::GetSystemTransaction(database);
  duckdb::Catalog::GetSystemCatalog(database).CreateTableFunction(transaction, info);
}

}  // namespace claimlake::engine
