// Checkpoints of the Delta log through DuckDB's Parquet reader and writer.
//
// Reading: the files of a table are many, so they go from DuckDB's vectors straight into AddFiles;
// all other actions are few, so DuckDB turns them into JSON and the log's own parser reads that.
// Only the columns and fields that are wanted are read from the file, all in one query: planning a
// query takes longer than reading a short checkpoint.
#include "engine/delta_parquet.h"

#include <fmt/format.h>

#include <duckdb/common/types/data_chunk.hpp>
#include <duckdb/common/types/vector.hpp>
#include <duckdb/main/client_context.hpp>
#include <duckdb/main/connection.hpp>
#include <duckdb/main/query_result.hpp>
#include <duckdb/parser/sql_statement.hpp>
#include <duckdb/planner/planner.hpp>

#include "base/text.h"
#include "delta/log_json.h"
#include "engine/checkpoint_write.h"
#include "engine/errors.h"

namespace claimlake::engine {
namespace {

using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using duckdb::UnifiedVectorFormat;
using duckdb::Vector;

// What the file has of one kind of action.
struct ActionColumn {
  std::string name;
  LogicalType type;  // a struct
  const LogicalType* field(std::string_view wanted) const {
    for (const auto& [field_name, field_type] : duckdb::StructType::GetChildTypes(type)) {
      if (field_name == wanted) return &field_type;
    }
    return nullptr;
  }
};

std::string scan_of(std::string_view path) {
  return fmt::format("FROM read_parquet({})", sql_string(lake_url(path)));
}

// The actions that the file has columns for.
std::vector<ActionColumn> action_columns(duckdb::Connection& connection, std::string_view path) {
  duckdb::ClientContext& context = *connection.context;
  auto statements = connection.ExtractStatements(scan_of(path));
  std::vector<ActionColumn> out;
  context.RunFunctionInTransaction([&] {
    duckdb::Planner planner(context);
    planner.CreatePlan(std::move(statements.front()));
    for (std::size_t i = 0; i < planner.names.size(); ++i) {
      if (planner.types[i].id() != LogicalTypeId::STRUCT) continue;
      out.push_back({planner.names[i], planner.types[i]});
    }
  });
  if (out.empty()) throw duckdb::InvalidInputException("the file has no column of a checkpoint");
  return out;
}

const ActionColumn* find(const std::vector<ActionColumn>& columns, std::string_view name) {
  for (const ActionColumn& column : columns) {
    if (column.name == name) return &column;
  }
  return nullptr;
}

// One column of a chunk, whatever its form.
class Cells {
 public:
  Cells(Vector& vector, std::size_t rows) { vector.ToUnifiedFormat(rows, format_); }
  bool null(std::size_t row) const { return !format_.validity.RowIsValid(index(row)); }
  std::size_t index(std::size_t row) const { return format_.sel->get_index(row); }
  template <class T>
  T get(std::size_t row) const {
    return UnifiedVectorFormat::GetData<T>(format_)[index(row)];
  }
  std::string_view text(std::size_t row) const {
    const auto* strings = UnifiedVectorFormat::GetData<duckdb::string_t>(format_);
    const duckdb::string_t& value = strings[index(row)];
    return {value.GetData(), value.GetSize()};
  }

 private:
  UnifiedVectorFormat format_;
};

// A column of maps from text to text.
class MapCells {
 public:
  MapCells(Vector& vector, std::size_t rows)
      : maps_(vector, rows),
        keys_(duckdb::MapVector::GetKeys(vector), duckdb::ListVector::GetListSize(vector)),
        values_(duckdb::MapVector::GetValues(vector), duckdb::ListVector::GetListSize(vector)) {}

  // Calls use(key, value or null) for each entry of the map in `row`.
  template <class Use>
  void for_each(std::size_t row, Use&& use) const {
    if (maps_.null(row)) return;
    const auto entry = maps_.get<duckdb::list_entry_t>(row);
    for (std::size_t i = entry.offset; i < entry.offset + entry.length; ++i) {
      if (keys_.null(i)) continue;
      use(keys_.text(i), values_.null(i) ? std::nullopt : std::optional(values_.text(i)));
    }
  }

 private:
  Cells maps_;
  Cells keys_;
  Cells values_;
};

// A partition value as the protocol writes it ("Partition Value Serialization"). Times of zone UTC
// say so, for a value without a zone is taken to be of the reader's own.
std::string partition_text(const std::string& value, const LogicalType& type) {
  switch (type.id()) {
    case LogicalTypeId::TIMESTAMP_TZ:
      return fmt::format("strftime(make_timestamp(epoch_us({})), '%Y-%m-%dT%H:%M:%S.%fZ')", value);
    case LogicalTypeId::BLOB:
      return fmt::format("decode({})", value);
    default:
      return fmt::format("CAST({} AS VARCHAR)", value);
  }
}

// partitionValues, or where the writer kept them as a struct alone, what that says.
std::string select_partition_values(const ActionColumn* add) {
  const LogicalType* texts = add ? add->field("partitionValues") : nullptr;
  const LogicalType* parsed = add ? add->field("partitionValues_parsed") : nullptr;
  std::string out = texts ? "CAST(\"add\".partitionValues AS MAP(VARCHAR, VARCHAR))"
                          : "CAST(NULL AS MAP(VARCHAR, VARCHAR))";
  if (!parsed || parsed->id() != LogicalTypeId::STRUCT) return out;
  std::string keys;
  std::string values;
  for (const auto& [name, type] : duckdb::StructType::GetChildTypes(*parsed)) {
    const std::string value =
        fmt::format("\"add\".partitionValues_parsed.{}", sql_identifier(name));
    keys += (keys.empty() ? "" : ", ") + sql_string(name);
    values += (values.empty() ? "" : ", ") + partition_text(value, type);
  }
  return fmt::format("coalesce({}, map([{}], [{}]))", out, keys, values);
}

// Statistics as the protocol has them in JSON: times are texts of their own form.
std::string stats_value(const std::string& value, const LogicalType& type) {
  switch (type.id()) {
    case LogicalTypeId::STRUCT: {
      std::string fields;
      for (const auto& [name, field] : duckdb::StructType::GetChildTypes(type)) {
        const std::string id = sql_identifier(name);
        fields += fmt::format("{}{} := {}", fields.empty() ? "" : ", ", id,
                              stats_value(fmt::format("{}.{}", value, id), field));
      }
      return fmt::format("struct_pack({})", fields);
    }
    case LogicalTypeId::TIMESTAMP_TZ:
      return fmt::format("strftime(make_timestamp(epoch_us({})), '%Y-%m-%dT%H:%M:%S.%gZ')", value);
    case LogicalTypeId::TIMESTAMP:
      return fmt::format("strftime({}, '%Y-%m-%dT%H:%M:%S.%g')", value);
    default:
      return value;
  }
}

constexpr std::size_t kAddColumns = 11;

// The columns that read_adds understands, with nulls for what the file has not.
std::string select_add(const ActionColumn* add) {
  const auto field = [&](const char* name, const char* type) {
    return add && add->field(name)
               ? fmt::format("CAST(\"add\".{} AS {})", sql_identifier(name), type)
               : fmt::format("CAST(NULL AS {})", type);
  };
  std::string stats = field("stats", "VARCHAR");
  if (const LogicalType* parsed = add ? add->field("stats_parsed") : nullptr) {
    const std::string as_json = fmt::format(
        "CASE WHEN \"add\".stats_parsed IS NOT NULL THEN CAST(to_json({}) AS VARCHAR) END",
        stats_value("\"add\".stats_parsed", *parsed));
    stats = fmt::format("coalesce({}, {})", stats, as_json);
  }
  std::string vector = "CAST(NULL AS VARCHAR)";
  if (add && add->field("deletionVector")) {
    vector =
        "CASE WHEN \"add\".deletionVector.storageType IS NULL THEN NULL ELSE "
        "CAST(to_json(\"add\".deletionVector) AS VARCHAR) END";
  }
  return fmt::format("{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}", field("path", "VARCHAR"),
                     select_partition_values(add), field("size", "BIGINT"),
                     field("modificationTime", "BIGINT"), field("dataChange", "BOOLEAN"), stats,
                     field("tags", "MAP(VARCHAR, VARCHAR)"), vector, field("baseRowId", "BIGINT"),
                     field("defaultRowCommitVersion", "BIGINT"),
                     field("clusteringProvider", "VARCHAR"));
}

// The column behind those of select_add: an action of one of `kinds` as a JSON line, else null. A
// struct is there if its first field is: that one is never null in the protocol.
std::string select_line(const std::vector<const ActionColumn*>& kinds) {
  if (kinds.empty()) return "CAST(NULL AS VARCHAR)";
  std::string cases;
  for (const ActionColumn* kind : kinds) {
    const std::string name = sql_identifier(kind->name);
    const std::string& key = duckdb::StructType::GetChildName(kind->type, 0);
    cases += fmt::format(
        " WHEN {}.{} IS NOT NULL THEN '{{\"{}\":' || CAST(to_json({}) AS VARCHAR) || '}}'", name,
        sql_identifier(key), kind->name, name);
  }
  return fmt::format("CASE{} END", cases);
}

// A deletion vector is rare enough to go through the log's parser.
std::optional<delta::DeletionVector> parse_vector(std::string_view json, std::string_view place) {
  std::string line = fmt::format(R"({{"add":{{"path":"","deletionVector":{}}}}})", json);
  auto actions = value_or_throw(delta::parse_commit(line, place));
  return std::get<delta::AddFile>(actions.front()).deletion_vector;
}

std::vector<delta::AddFile> read_adds(duckdb::DataChunk& chunk, std::string_view place) {
  const std::size_t rows = chunk.size();
  const Cells path(chunk.data[0], rows);
  const MapCells partition_values(chunk.data[1], rows);
  const Cells size(chunk.data[2], rows);
  const Cells modified(chunk.data[3], rows);
  const Cells data_change(chunk.data[4], rows);
  const Cells stats(chunk.data[5], rows);
  const MapCells tags(chunk.data[6], rows);
  const Cells vector(chunk.data[7], rows);
  const Cells base_row_id(chunk.data[8], rows);
  const Cells row_version(chunk.data[9], rows);
  const Cells clustering(chunk.data[10], rows);
  std::vector<delta::AddFile> out;
  out.reserve(rows);
  for (std::size_t i = 0; i < rows; ++i) {
    if (path.null(i)) continue;  // a row of another action
    delta::AddFile& add = out.emplace_back();
    add.path = path.text(i);
    partition_values.for_each(i, [&](std::string_view key, std::optional<std::string_view> value) {
      add.partition_values.emplace(key, value);
    });
    if (!size.null(i)) add.size = size.get<std::int64_t>(i);
    if (!modified.null(i)) add.modification_time_ms = modified.get<std::int64_t>(i);
    if (!data_change.null(i)) add.data_change = data_change.get<bool>(i);
    if (!stats.null(i)) add.stats_json = stats.text(i);
    tags.for_each(i, [&](std::string_view key, std::optional<std::string_view> value) {
      if (value) add.tags.emplace(key, *value);
    });
    if (!vector.null(i)) add.deletion_vector = parse_vector(vector.text(i), place);
    if (!base_row_id.null(i)) add.base_row_id = base_row_id.get<std::int64_t>(i);
    if (!row_version.null(i)) add.default_row_commit_version = row_version.get<std::int64_t>(i);
    if (!clustering.null(i)) add.clustering_provider = clustering.text(i);
  }
  return out;
}

std::vector<delta::Action> read_lines(duckdb::DataChunk& chunk, std::string_view place) {
  const Cells lines(chunk.data[kAddColumns], chunk.size());
  std::string bytes;
  for (std::size_t i = 0; i < chunk.size(); ++i) {
    if (!lines.null(i)) bytes.append(lines.text(i)) += '\n';
  }
  if (bytes.empty()) return {};
  return value_or_throw(delta::parse_commit(bytes, place));
}

class DeltaParquet final : public delta::ParquetIo {
 public:
  explicit DeltaParquet(Instances& instances) : instances_(instances) {}

  Done read_checkpoint(std::string_view path, delta::CheckpointRows rows,
                       const delta::CheckpointSink& sink) override {
    TRY(const auto instance, instances_.current());
    try {
      const auto connection = instance->connect();
      const auto columns = action_columns(*connection, path);
      const ActionColumn* add = rows.add ? find(columns, "add") : nullptr;
      std::vector<const ActionColumn*> kinds;
      for (const char* name :
           {"protocol", "metaData", "txn", "domainMetadata", "checkpointMetadata"}) {
        if (const ActionColumn* kind = find(columns, name); kind && rows.small)
          kinds.push_back(kind);
      }
      if (const ActionColumn* kind = find(columns, "remove"); kind && rows.remove) {
        kinds.push_back(kind);
      }
      if (const ActionColumn* kind = find(columns, "sidecar")) kinds.push_back(kind);
      const std::string sql =
          fmt::format("SELECT {}, {} {}", select_add(add), select_line(kinds), scan_of(path));
      return for_each_chunk(*connection, sql, [&](duckdb::DataChunk& chunk) {
        return sink({.adds = read_adds(chunk, path), .others = read_lines(chunk, path)});
      });
    } catch (const std::exception& exception) {
      return damaged(duckdb::ErrorData(exception), path, *instance);
    }
  }

  Result<std::int64_t> write_checkpoint(std::string_view path,
                                        const delta::CheckpointContent& content) override {
    TRY(const auto instance, instances_.current());
    try {
      const auto connection = instance->connect();
      connection->context->RunFunctionInTransaction(
          [&] { engine::write_checkpoint(*connection->context, lake_url(path), content); });
    } catch (...) {
      return current_exception_error("", *instance).in("the checkpoint was not written");
    }
    TRY(const store::ObjectInfo written, instances_.store().head(path));
    return written.size;
  }

 private:
  template <class Use>
  static Done for_each_chunk(duckdb::Connection& connection, const std::string& sql, Use&& use) {
    const auto result = connection.SendQuery(sql);
    if (result->HasError()) result->ThrowError();
    while (const auto chunk = result->Fetch()) {
      if (chunk->size() == 0) break;
      TRY_DONE(use(*chunk));
    }
    if (result->HasError()) result->ThrowError();
    return done();
  }

  // What the store says stays as it is; all else that goes wrong lies in the file.
  static Error damaged(const duckdb::ErrorData& data, std::string_view path, Instance& instance) {
    Error error = to_error(data, "", instance);
    const bool of_store = carries_error(data);
    const bool of_engine = data.Type() == duckdb::ExceptionType::OUT_OF_MEMORY ||
                           data.Type() == duckdb::ExceptionType::INTERRUPT;
    if (of_store || of_engine) return error;
    return Error{Fault::kCorrupt, "not a checkpoint in Parquet: " + error.message,
                 std::string(path)};
  }

  Instances& instances_;
};

}  // namespace

std::unique_ptr<delta::ParquetIo> make_delta_parquet(Instances& instances) {
  return std::make_unique<DeltaParquet>(instances);
}

}  // namespace claimlake::engine
