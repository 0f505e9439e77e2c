#include "engine/row_tracking_scan.h"

#include <algorithm>
#include <duckdb/parser/expression/constant_expression.hpp>

#include "delta/row_tracking.h"
#include "engine/row_tracking.h"

namespace claimlake::engine {
namespace {

using duckdb::LogicalType;
using duckdb::MultiFileColumnDefinition;
using duckdb::Value;

MultiFileColumnDefinition definition(const std::string& name) {
  MultiFileColumnDefinition out(name, LogicalType::BIGINT);
  out.identifier = Value(name);
  out.default_expression =
      duckdb::make_uniq<duckdb::ConstantExpression>(Value(LogicalType::BIGINT));
  return out;
}

Value number(const std::optional<std::int64_t>& value) {
  return value ? Value::BIGINT(*value) : Value(LogicalType::BIGINT);
}

}  // namespace

void add_row_tracking_columns(duckdb::virtual_column_map_t& columns) {
  for (const auto& [column, name] :
       {std::pair(kRowIdBaseColumn, kRowIdBase), std::pair(kRowVersionBaseColumn, kRowVersionBase),
        std::pair(kRowIdKeptColumn, kRowIdKept),
        std::pair(kRowVersionKeptColumn, kRowVersionKept)}) {
    columns.emplace(column, duckdb::TableColumn(name, LogicalType::BIGINT));
  }
}

RowTrackingScan::RowTrackingScan(const delta::Snapshot& table) {
  const auto columns = delta::row_tracking_columns(table.protocol(), table.metadata());
  if (!columns) return;
  id_ = definition(columns->id);
  version_ = definition(columns->version);
}

std::optional<Value> RowTrackingScan::constant(duckdb::column_t column, const delta::AddFile& file,
                                               const Columns& local) const {
  if (column == kRowIdBaseColumn) return number(file.base_row_id);
  if (column == kRowVersionBaseColumn) return number(file.default_row_commit_version);
  if (column != kRowIdKeptColumn && column != kRowVersionKeptColumn) return std::nullopt;
  const auto& kept = column == kRowIdKeptColumn ? id_ : version_;
  const bool there = kept && std::any_of(local.begin(), local.end(),
                                         [&](const auto& one) { return one.name == kept->name; });
  if (there) return std::nullopt;
  return number(std::nullopt);
}

duckdb::optional_ptr<MultiFileColumnDefinition> RowTrackingScan::kept(duckdb::column_t column) {
  if (column == kRowIdKeptColumn && id_) return &*id_;
  if (column == kRowVersionKeptColumn && version_) return &*version_;
  return nullptr;
}

}  // namespace claimlake::engine
