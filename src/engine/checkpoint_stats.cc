#include "engine/checkpoint_stats.h"

#include <duckdb/common/vector_operations/vector_operations.hpp>

#include "engine/errors.h"
#include "engine/types.h"

namespace claimlake::engine {
namespace {

using duckdb::FlatVector;
using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using duckdb::Vector;

using Fields = duckdb::child_list_t<LogicalType>;

// Where the fields of stats_parsed stand; minValues and maxValues are there only if a column has
// bounds, for no struct may be empty.
enum StatsField { kRecords, kTightBounds, kNullCount, kMin, kMax };

bool has_bounds(const LogicalType& type) {
  switch (type.id()) {
    case LogicalTypeId::TINYINT:
    case LogicalTypeId::SMALLINT:
    case LogicalTypeId::INTEGER:
    case LogicalTypeId::BIGINT:
    case LogicalTypeId::FLOAT:
    case LogicalTypeId::DOUBLE:
    case LogicalTypeId::DECIMAL:
    case LogicalTypeId::DATE:
    case LogicalTypeId::TIMESTAMP:
    case LogicalTypeId::TIMESTAMP_TZ:
    case LogicalTypeId::VARCHAR:
      return true;
    default:
      return false;
  }
}

bool is_struct(const LogicalType& type) { return type.id() == LogicalTypeId::STRUCT; }

template <class T>
void put(Vector& to, std::size_t row, const std::optional<T>& value) {
  if (value) {
    FlatVector::GetData<T>(to)[row] = *value;
  } else {
    FlatVector::SetNull(to, row, true);
  }
}

}  // namespace

CheckpointStats::CheckpointStats(const delta::TypedColumns& columns) : texts_(columns.stats) {
  std::vector<std::size_t> path;
  for (auto [counts, leaves, type] :
       {std::tuple(false, &min_, &bounds_type_), std::tuple(false, &max_, &bounds_type_),
        std::tuple(true, &counts_, &counts_type_)}) {
    std::size_t number = 0;
    *type = struct_of(columns.stats, counts, *leaves, path, number);
  }
  std::size_t number = 0;
  partitions_type_ = LogicalType(LogicalTypeId::SQLNULL);
  Fields partitions;
  for (const delta::Field& field : columns.partitions.fields) {
    const LogicalType type = value_or_throw(engine_type(field.type));
    partitions_.push_back({number, {number}, type});
    partitions.emplace_back(field.name, type);
    partition_names_.push_back(field.name);
    ++number;
  }
  if (!partitions.empty()) partitions_type_ = LogicalType::STRUCT(std::move(partitions));
}

// The struct of bounds, or of counts, of `type`; no type if nothing of it has any.
LogicalType CheckpointStats::struct_of(const delta::StructType& type, bool counts, Leaves& leaves,
                                       std::vector<std::size_t>& path, std::size_t& number) {
  Fields fields;
  for (const delta::Field& field : type.fields) {
    path.push_back(fields.size());
    if (const auto* inner = field.type.as_struct()) {
      const LogicalType nested = struct_of(*inner, counts, leaves, path, number);
      if (is_struct(nested)) fields.emplace_back(field.name, nested);
    } else {
      const std::size_t leaf = number++;
      const auto known = field.type.primitive() ? engine_type(field.type)
                                                : Result<LogicalType>(LogicalTypeId::SQLNULL);
      const LogicalType of_leaf = counts  ? LogicalType::BIGINT
                                  : known ? *known
                                          : LogicalType(LogicalTypeId::SQLNULL);
      if (counts || has_bounds(of_leaf)) {
        leaves.push_back({leaf, path, of_leaf});
        fields.emplace_back(field.name, of_leaf);
      }
    }
    path.pop_back();
  }
  if (fields.empty()) return LogicalType(LogicalTypeId::SQLNULL);
  return LogicalType::STRUCT(std::move(fields));
}

Fields CheckpointStats::fields() const {
  Fields stats{{"numRecords", LogicalType::BIGINT}, {"tightBounds", LogicalType::BOOLEAN}};
  if (is_struct(counts_type_)) stats.emplace_back("nullCount", counts_type_);
  if (is_struct(bounds_type_)) {
    stats.emplace_back("minValues", bounds_type_);
    stats.emplace_back("maxValues", bounds_type_);
  }
  Fields out{{"stats_parsed", LogicalType::STRUCT(std::move(stats))}};
  if (is_struct(partitions_type_)) out.emplace_back("partitionValues_parsed", partitions_type_);
  return out;
}

Vector& CheckpointStats::at(Vector& top, const std::vector<std::size_t>& path) {
  Vector* out = &top;
  for (const std::size_t field : path) out = duckdb::StructVector::GetEntries(*out)[field].get();
  return *out;
}

void CheckpointStats::put_text(Leaf& leaf, std::size_t row,
                               const std::optional<std::string>& text) {
  if (text) {
    FlatVector::GetData<duckdb::string_t>(leaf.texts)[row] =
        duckdb::StringVector::AddStringOrBlob(leaf.texts, text->data(), text->size());
  } else {
    FlatVector::SetNull(leaf.texts, row, true);
  }
}

void CheckpointStats::put(const delta::AddFile& file, Vectors& vectors, std::size_t first,
                          std::size_t row) {
  Vector& stats = *vectors[first];
  auto read = file.stats_json.empty() ? std::nullopt : texts_.read(file.stats_json);
  const bool known = read.has_value();
  if (!read) read.emplace();
  read->min.resize(texts_.leaves());
  read->max.resize(texts_.leaves());
  read->null_count.resize(texts_.leaves());
  auto& field = duckdb::StructVector::GetEntries(stats);
  engine::put(*field[kRecords], row, read->records);
  engine::put(*field[kTightBounds], row, read->tight_bounds);
  for (const Leaf& leaf : counts_) {
    engine::put(at(*field[kNullCount], leaf.path), row, read->null_count[leaf.number]);
  }
  for (Leaf& leaf : min_) put_text(leaf, row, read->min[leaf.number]);
  for (Leaf& leaf : max_) put_text(leaf, row, read->max[leaf.number]);
  if (!known) FlatVector::SetNull(stats, row, true);
  for (Leaf& leaf : partitions_) {
    const auto value = file.partition_values.find(partition_names_[leaf.number]);
    put_text(leaf, row, value == file.partition_values.end() ? std::nullopt : value->second);
  }
}

void CheckpointStats::cast(Leaves& leaves, Vector& top, std::size_t rows) {
  for (Leaf& leaf : leaves) {
    Vector& to = at(top, leaf.path);
    const bool as_it_is =
        leaf.type.id() == LogicalTypeId::VARCHAR || leaf.type.id() == LogicalTypeId::BLOB;
    if (as_it_is) {
      to.Reinterpret(leaf.texts);
    } else {
      std::string ignored;
      duckdb::VectorOperations::DefaultTryCast(leaf.texts, to, rows, &ignored);
    }
    leaf.texts.Initialize();
  }
}

void CheckpointStats::finish(Vectors& vectors, std::size_t first, std::size_t rows) {
  auto& field = duckdb::StructVector::GetEntries(*vectors[first]);
  if (!min_.empty()) cast(min_, *field[kMin], rows);
  if (!max_.empty()) cast(max_, *field[kMax], rows);
  if (!partitions_.empty()) cast(partitions_, *vectors[first + 1], rows);
}

}  // namespace claimlake::engine
