#include "engine/table_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/check.h"
#include "base/text.h"
#include "delta/partition_path.h"
#include "delta/stats.h"
#include "engine/instance.h"
#include "engine/types.h"

namespace claimlake::engine {
namespace {

using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using duckdb::Value;

// The value of `type` that `text` stands for in the log; absent if it stands for none.
std::optional<Value> parse_value(const std::string& text, const LogicalType& type) {
  switch (type.id()) {
    case LogicalTypeId::VARCHAR:
      return Value(text);
    case LogicalTypeId::BLOB:
      return Value::BLOB(duckdb::const_data_ptr_cast(text.data()), text.size());
    case LogicalTypeId::BIGINT: {  // of a key, mostly; the cast below takes ten times as long
      const auto number = whole_number(text);
      if (!number) break;
      return Value::BIGINT(*number);
    }
    default:
      break;
  }
  Value value;
  std::string error;
  if (!Value(text).DefaultTryCastAs(type, value, &error)) return std::nullopt;
  return value;
}

// Statistics hold milliseconds where the column has microseconds: what was cut off comes back as
// the largest that it can have been.
Value widen_max(Value max, const LogicalType& type) {
  if (type.id() != LogicalTypeId::TIMESTAMP && type.id() != LogicalTypeId::TIMESTAMP_TZ) return max;
  const duckdb::timestamp_t time(max.GetValueUnsafe<std::int64_t>());
  const duckdb::timestamp_t widened(delta::widened_upper_time(time.value));
  if (!duckdb::Timestamp::IsFinite(time) || !duckdb::Timestamp::IsFinite(widened)) return max;
  if (type.id() == LogicalTypeId::TIMESTAMP) return Value::TIMESTAMP(widened);
  return Value::TIMESTAMPTZ(duckdb::timestamp_tz_t(widened));
}

// The statistics of a file from before its column was widened say a float in decimal digits, which
// may be above the double that the float is.
Value widen_min(Value min) {
  if (min.type().id() != LogicalTypeId::DOUBLE) return min;
  const double value = min.GetValueUnsafe<double>();
  if (!(std::abs(value) <= std::numeric_limits<float>::max())) return min;  // never was a float
  const auto single = static_cast<float>(value);
  return Value::DOUBLE(
      static_cast<double>(std::nextafter(single, -std::numeric_limits<float>::infinity())));
}

// True if the name of `field`, or of a field in it, has a dot.
bool has_dot(const delta::Field& field, delta::ColumnMapping mapping) {
  if (delta::physical_name(field, mapping).find('.') != std::string::npos) return true;
  const delta::StructType* inner = field.type.as_struct();
  return inner != nullptr &&
         std::any_of(inner->fields.begin(), inner->fields.end(),
                     [&](const delta::Field& each) { return has_dot(each, mapping); });
}

bool has_bounds(const LogicalType& type) {
  return !type.IsNested() && type.id() != LogicalTypeId::BLOB;
}

// NaN is greater than all numbers for the engine, and statistics leave it out.
bool may_exceed_max(const LogicalType& type) {
  return type.id() == LogicalTypeId::FLOAT || type.id() == LogicalTypeId::DOUBLE;
}

}  // namespace

TableFiles::TableFiles(std::string name, std::string folder, const store::Store& store,
                       delta::SnapshotPtr snapshot)
    : name_(std::move(name)),
      folder_(std::move(folder)),
      root_(store.root()),
      snapshot_(std::move(snapshot)),
      mapping_(delta::column_mapping(snapshot_->protocol(), snapshot_->metadata())),
      deleted_rows_(store, folder_, snapshot_) {}

Result<std::shared_ptr<const TableFiles>> TableFiles::make(std::string name, std::string folder,
                                                           const store::Store& store,
                                                           delta::SnapshotPtr snapshot) {
  const auto& partitions = snapshot->metadata().partition_columns;
  auto files = std::shared_ptr<TableFiles>(
      new TableFiles(std::move(name), std::move(folder), store, std::move(snapshot)));  // NOLINT
  for (const delta::Field& field : files->snapshot_->schema().fields) {
    auto type = engine_type(field.type);
    if (!type) {
      return std::move(type).error().in(
          fmt::format("table {}, column {}", files->name_, field.name));
    }
    const bool partition =
        std::any_of(partitions.begin(), partitions.end(),
                    [&](const auto& column) { return to_lower(column) == to_lower(field.name); });
    files->columns_.push_back(
        {field.name, delta::physical_name(field, files->mapping_), *std::move(type), partition});
    files->has_dots_ |= has_dot(field, files->mapping_);
    files->has_structs_ |= field.type.as_struct() != nullptr;
  }
  return std::shared_ptr<const TableFiles>(std::move(files));
}

Result<std::string> TableFiles::url(std::size_t index) const {
  auto path = delta::path_in_store(snapshot_->files()[index].path, folder_, root_);
  if (!path) return std::move(path).error().in("table " + name_);
  return lake_url(*path);
}

std::optional<std::int64_t> TableFiles::live_rows(std::size_t index) const {
  const auto rows = snapshot_->row_count(index);
  const auto& vector = snapshot_->files()[index].deletion_vector;
  if (!rows || !vector) return rows;
  // More deleted rows than rows: one of the two figures is wrong, and only the file knows.
  if (vector->cardinality < 0 || vector->cardinality > *rows) return std::nullopt;
  return *rows - vector->cardinality;
}

Result<Value> TableFiles::partition_value(std::size_t index, std::size_t column) const {
  const TableColumn& wanted = columns_[column];
  const auto& values = snapshot_->files()[index].partition_values;
  auto found = values.find(wanted.physical_name);
  if (found == values.end()) {
    found = std::find_if(values.begin(), values.end(), [&](const auto& value) {
      return to_lower(value.first) == to_lower(wanted.physical_name);
    });
  }
  // The protocol writes null as null or as an empty text.
  if (found == values.end() || !found->second || found->second->empty()) return Value(wanted.type);
  if (auto value = parse_value(*found->second, wanted.type)) return *std::move(value);
  return Error{Fault::kCorrupt,
               fmt::format("Table {}, partition column {}: not a {}: '{}'", name_, wanted.name,
                           wanted.type.ToString(), *found->second),
               snapshot_->files()[index].path};
}

const std::vector<ColumnBounds>& TableFiles::bounds(const ColumnPath& column) const {
  const std::lock_guard lock(mutex_);
  auto& bounds = bounds_[column];
  if (!bounds) {
    bounds = std::make_unique<const std::vector<ColumnBounds>>(compute_bounds(column));
    bounds_bytes_ += static_cast<std::int64_t>(bounds->size() * sizeof(ColumnBounds));
  }
  return *bounds;
}

std::int64_t TableFiles::memory_bytes() const {
  return snapshot_->memory_bytes() + bounds_bytes_.load();
}

std::vector<const delta::Field*> TableFiles::fields_of(const ColumnPath& column) const {
  std::vector<const delta::Field*> fields;
  const std::vector<delta::Field>* among = &snapshot_->schema().fields;
  for (const std::size_t position : column) {
    CHECK(among != nullptr && position < among->size(), "a path leads to a field");
    fields.push_back(&(*among)[position]);
    const delta::StructType* inner = fields.back()->type.as_struct();
    among = inner == nullptr ? nullptr : &inner->fields;
  }
  return fields;
}

const LogicalType& TableFiles::type_of(const ColumnPath& column) const {
  const LogicalType* type = &columns_[column.at(0)].type;
  for (std::size_t i = 1; i < column.size(); ++i) {
    type = &duckdb::StructType::GetChildType(*type, column[i]);
  }
  return *type;
}

std::string TableFiles::name_of(const ColumnPath& column) const {
  std::string name;
  for (const delta::Field* field : fields_of(column))
    name += (name.empty() ? "" : ".") + field->name;
  return name;
}

// Statistics are asked for by a path with dots, so that a dot in a name may lead to another column.
std::optional<std::string> TableFiles::stats_name(const ColumnPath& column) const {
  if (has_dots_ && has_structs_) return std::nullopt;
  std::string name;
  for (const delta::Field* field : fields_of(column)) {
    name += (name.empty() ? "" : ".") + delta::physical_name(*field, mapping_);
  }
  return name;
}

std::vector<ColumnBounds> TableFiles::partition_bounds(std::size_t column) const {
  std::vector<ColumnBounds> bounds(file_count());
  for (std::size_t i = 0; i < bounds.size(); ++i) {
    const auto value = partition_value(i, column);
    if (!value) continue;  // nothing is known; reading the file will say what is wrong
    if (value->IsNull()) {
      bounds[i].null_count = snapshot_->row_count(i);
    } else {
      bounds[i] = {*value, *value, 0};
    }
  }
  return bounds;
}

std::vector<ColumnBounds> TableFiles::compute_bounds(const ColumnPath& column) const {
  if (column.size() == 1 && columns_[column[0]].partition) return partition_bounds(column[0]);
  std::vector<ColumnBounds> bounds;
  const LogicalType& type = type_of(column);
  const auto name = stats_name(column);
  if (!name || !has_bounds(type)) return bounds;
  const bool widened = fields_of(column).back()->metadata.contains("delta.typeChanges");
  const auto& entries = snapshot_->column_stats(*name).entries;
  bounds.resize(std::min(entries.size(), file_count()));
  for (std::size_t i = 0; i < bounds.size(); ++i) {
    if (entries[i].min) bounds[i].min = parse_value(*entries[i].min, type);
    if (bounds[i].min && widened) bounds[i].min = widen_min(*std::move(bounds[i].min));
    if (entries[i].max && !may_exceed_max(type)) {
      bounds[i].max = parse_value(*entries[i].max, type);
      if (bounds[i].max) bounds[i].max = widen_max(*std::move(bounds[i].max), type);
    }
    bounds[i].null_count = entries[i].null_count;
  }
  return bounds;
}

}  // namespace claimlake::engine
