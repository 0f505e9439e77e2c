#include "engine/parquet_write.h"

#include <fmt/format.h>

#include <algorithm>
#include <duckdb/common/types/value.hpp>
#include <duckdb/main/client_context.hpp>
#include <duckdb/main/connection.hpp>
#include <duckdb/main/materialized_query_result.hpp>
#include <duckdb/parser/parsed_data/copy_info.hpp>
#include <duckdb/parser/statement/copy_statement.hpp>
#include <duckdb/parser/statement/logical_plan_statement.hpp>
#include <duckdb/parser/statement/select_statement.hpp>
#include <duckdb/planner/operator/logical_expression_get.hpp>
#include <duckdb/planner/planner.hpp>

#include "base/text.h"
#include "engine/curve.h"
#include "engine/errors.h"
#include "engine/file_layout.h"
#include "engine/file_stats.h"
#include "engine/file_system.h"
#include "engine/parquet_file.h"
#include "engine/statement.h"
#include "engine/types.h"

namespace claimlake::engine {
namespace {

using duckdb::Value;

// Measured on 1.5 million claims: as fast to write as snappy, and six tenths of its size. Higher
// levels cost a tenth more time for another eighth of the size.
constexpr const char* kCodec = "zstd";
constexpr int kCodecLevel = 1;

// A select that gives no more rows is not worth a COPY, see ParquetFile. For so little, making
// zstd ready takes longer than compressing, and longer for each column.
constexpr std::size_t kFewRows = STANDARD_VECTOR_SIZE;
constexpr const char* kCodecOfFew = "snappy";

// Files may be written with a name of their own choosing: a WriteJob replaces it.
duckdb::unique_ptr<duckdb::CopyStatement> copy_statement(
    duckdb::unique_ptr<duckdb::SelectStatement> select, const WriteOptions& options,
    const FileLayout& layout) {
  auto info = duckdb::make_uniq<duckdb::CopyInfo>();
  info->is_from = false;
  info->format = kLayoutFormat;
  info->is_format_auto_detected = false;
  info->file_path = lake_url(options.folder);
  info->select_statement = std::move(select->node);
  auto& settings = info->options;
  settings["compression"] = {Value(kCodec)};
  settings["compression_level"] = {Value::BIGINT(kCodecLevel)};
  if (layout.ids) settings["field_ids"] = {*layout.ids};
  settings["return_stats"] = {Value::BOOLEAN(true)};
  if (options.row_group_rows > 0) {
    settings["row_group_size"] = {
        Value::UBIGINT(static_cast<std::uint64_t>(options.row_group_rows))};
  }
  settings["overwrite_or_ignore"] = {Value::BOOLEAN(true)};
  // Partitions may share a folder: null, and the text that is the name of its folder. Without this
  // their files had the same name, and one replaced the other.
  settings["filename_pattern"] = {Value("{uuid}")};
  if (options.partition_columns.empty()) {
    settings["file_size_bytes"] = {
        Value::UBIGINT(static_cast<std::uint64_t>(options.target_file_bytes))};
  } else {
    duckdb::vector<Value> columns;
    for (const std::string& column : options.partition_columns) columns.emplace_back(column);
    settings["partition_by"] = std::move(columns);
  }
  auto statement = duckdb::make_uniq<duckdb::CopyStatement>();
  statement->info = std::move(info);
  return statement;
}

// The most rows that `plan` can give; absent if it reads more than its own text.
std::optional<std::size_t> most_rows(const duckdb::LogicalOperator& plan) {
  switch (plan.type) {
    case duckdb::LogicalOperatorType::LOGICAL_DUMMY_SCAN:
      return 1;
    case duckdb::LogicalOperatorType::LOGICAL_EXPRESSION_GET:
      return plan.Cast<duckdb::LogicalExpressionGet>().expressions.size();
    case duckdb::LogicalOperatorType::LOGICAL_PROJECTION:
    case duckdb::LogicalOperatorType::LOGICAL_FILTER:
    case duckdb::LogicalOperatorType::LOGICAL_UNION:
      break;
    default:
      return std::nullopt;
  }
  std::size_t sum = 0;
  for (const auto& child : plan.children) {
    const auto rows = most_rows(*child);
    if (!rows) return std::nullopt;
    sum += *rows;
  }
  return sum;
}

// A select whose names are resolved.
struct BoundSelect {
  std::vector<ResultColumn> columns;                      // all of types that a table can hold
  std::vector<ColumnInfo> infos;                          // the same as they are told
  duckdb::unique_ptr<duckdb::LogicalOperator> few;        // what it does, if that gives few rows
  duckdb::unique_ptr<duckdb::ColumnDataCollection> rows;  // all of them, if they are there already

  void add(const std::string& name, const duckdb::LogicalType& type) {
    columns.push_back({name, type});
    infos.push_back({name, type.ToString()});
  }
};

// Rows of a select of what the session keeps are there before a COPY could be planned.
bool take_kept(duckdb::Connection& connection, SessionState& state, Plans& plans,
               std::string_view select, BoundSelect& bound) {
  if (!reads_scratch(select)) return false;
  const auto result = plans.run_if_kept(connection, state, select);
  if (!result) return false;
  if (result->HasError()) result->ThrowError();
  for (std::size_t i = 0; i < result->names.size(); ++i) {
    bound.add(result->names[i], result->types[i]);
  }
  bound.rows = result->Cast<duckdb::MaterializedQueryResult>().TakeCollection();
  return bound.rows->Count() <= kFewRows;
}

void bind_names(duckdb::Connection& connection, std::string_view select, BoundSelect& bound) {
  bound = {};
  auto statement = parse_select(select);
  connection.context->RunFunctionInTransaction([&] {
    duckdb::Planner planner(*connection.context);
    planner.CreatePlan(std::move(statement));
    for (std::size_t i = 0; i < planner.names.size(); ++i) {
      bound.add(planner.names[i], planner.types[i]);
    }
    const auto rows = most_rows(*planner.plan);
    if (!rows || *rows > kFewRows) return;
    planner.plan->ResolveOperatorTypes();
    bound.few = std::move(planner.plan);
  });
}

BoundSelect bind(duckdb::Connection& connection, SessionState& state, Plans& plans,
                 std::string_view select, bool partitioned) {
  BoundSelect bound;
  const bool there = !partitioned && take_kept(connection, state, plans, select, bound);
  if (!there) bind_names(connection, select, bound);
  for (ResultColumn& column : bound.columns) {
    if (column.type.id() == duckdb::LogicalTypeId::SQLNULL) {
      column.type = duckdb::LogicalType::INTEGER;
      bound.few = nullptr;  // COPY casts such a column
      bound.rows = nullptr;
    }
    const auto type = delta_type(column.type);
    if (!type) throw_error(Error(type.error()).in(fmt::format("column {}", column.name)));
  }
  return bound;
}

// The raw value of a partition as the log has it. Empty text is null there.
std::optional<std::string> partition_value(const Value& value, const duckdb::LogicalType& type) {
  if (value.IsNull()) return std::nullopt;
  std::string text = value.ToString();
  if (text.empty()) return std::nullopt;
  if (type.id() != duckdb::LogicalTypeId::TIMESTAMP_TZ || !text.ends_with("+00")) return text;
  text.resize(text.size() - 3);  // 2026-01-31 10:00:00+00 becomes 2026-01-31T10:00:00Z
  text[text.find(' ')] = 'T';
  return text + "Z";
}

delta::PartitionValues partition_values(const FileLayout& layout, const Value& keys) {
  delta::PartitionValues values;
  if (keys.IsNull()) return values;
  for (const Value& entry : duckdb::MapValue::GetChildren(keys)) {
    const auto& pair = duckdb::StructValue::GetChildren(entry);
    const std::string& name = duckdb::StringValue::Get(pair[0]);
    for (std::size_t i = 0; i < layout.columns.size(); ++i) {
      if (to_lower(layout.columns[i].name) != to_lower(name)) continue;
      values[layout.stored[i].name] = partition_value(pair[1], layout.columns[i].type);
      break;
    }
  }
  return values;
}

bool is_partition_column(const WriteOptions& options, const std::string& name) {
  return std::any_of(options.partition_columns.begin(), options.partition_columns.end(),
                     [&](const std::string& column) { return to_lower(column) == to_lower(name); });
}

// While it lives, plans run as they stand.
class WithoutOptimizer {
 public:
  explicit WithoutOptimizer(duckdb::ClientContext& context)
      : enabled_(context.config.enable_optimizer), before_(std::exchange(enabled_, false)) {}
  ~WithoutOptimizer() { enabled_ = before_; }
  WithoutOptimizer(const WithoutOptimizer&) = delete;
  WithoutOptimizer& operator=(const WithoutOptimizer&) = delete;

 private:
  bool& enabled_;  // of the connection, which outlives this
  const bool before_;
};

// There is nothing to optimise in a plan that reads nothing.
duckdb::unique_ptr<duckdb::ColumnDataCollection> run_as_is(
    duckdb::Connection& connection, duckdb::unique_ptr<duckdb::LogicalOperator> plan) {
  const WithoutOptimizer as_is(*connection.context);
  const auto result =
      connection.Query(duckdb::make_uniq<duckdb::LogicalPlanStatement>(std::move(plan)));
  if (result->HasError()) result->ThrowError();
  return result->TakeCollection();
}

// Few rows as at most one file, in this thread.
std::vector<WrittenFile> write_few(duckdb::Connection& connection, WriteJob& job,
                                   BoundSelect& select, const FileLayout& layout,
                                   const WriteOptions& options) {
  auto rows = select.rows ? std::move(select.rows) : run_as_is(connection, std::move(select.few));
  if (rows->Count() == 0) return {};
  ParquetFormat format;
  format.options["compression"] = {Value(kCodecOfFew)};
  if (layout.ids) format.options["field_ids"] = {*layout.ids};
  for (const ResultColumn& column : layout.stored) {
    format.names.push_back(column.name);
    format.types.push_back(column.type);
  }
  const std::string url = lake_url(options.folder) + "/rows.parquet";
  WrittenFile file;
  file.path = job.path_for(url);
  file.rows = static_cast<std::int64_t>(rows->Count());
  connection.context->RunFunctionInTransaction([&] {
    ParquetFile parquet(*connection.context, url, format);
    parquet.add(std::move(rows));
    const auto statistics = parquet.finish();
    file.size = static_cast<std::int64_t>(statistics.file_size_bytes);
    file.stats_json = stats_json(layout.stored, options, file.rows, figures_of(statistics));
  });
  return {std::move(file)};
}

std::vector<WrittenFile> write_by_copy(duckdb::Connection& connection, WriteJob& job,
                                       const FileLayout& layout, std::string_view select,
                                       const WriteOptions& options) {
  const auto result = connection.Query(copy_statement(parse_select(select), options, layout));
  if (result->HasError()) result->ThrowError();
  std::vector<ResultColumn> in_files;
  for (std::size_t i = 0; i < layout.columns.size(); ++i) {
    if (!is_partition_column(options, layout.columns[i].name)) in_files.push_back(layout.stored[i]);
  }
  std::vector<WrittenFile> files;
  for (const auto& row : result->Collection().GetRows()) {
    WrittenFile file;
    file.path = job.path_for(row.GetValue(0).ToString());
    file.rows = row.GetValue(1).GetValue<std::int64_t>();
    if (file.rows == 0) continue;  // COPY writes a file for no rows, too
    file.size = row.GetValue(2).GetValue<std::int64_t>();
    const Value keys = row.GetValue(5);
    file.partition_values = partition_values(layout, keys);
    const Value statistics = row.GetValue(4);
    file.stats_json = stats_json(in_files, options, file.rows, figures_of(statistics));
    files.push_back(std::move(file));
  }
  return files;
}

// While it lives, what DuckDB calls back for finds in the session what is written and how.
class Writing {
 public:
  Writing(SessionState& state, WriteJob& job, const FileLayout& layout, const Curve* curve)
      : state_(state) {
    state_.write_job = &job;
    state_.file_layout = &layout;
    state_.curve = curve;
  }
  Writing(const Writing&) = delete;
  Writing& operator=(const Writing&) = delete;
  ~Writing() {
    state_.write_job = nullptr;
    state_.file_layout = nullptr;
    state_.curve = nullptr;
  }

 private:
  SessionState& state_;
};

}  // namespace

Written write_parquet(duckdb::Connection& connection, SessionState& state, Instances& instances,
                      Plans& plans, std::string_view select, const WriteOptions& options) {
  const bool partitioned = !options.partition_columns.empty();
  BoundSelect bound = bind(connection, state, plans, select, partitioned);
  const bool few = (bound.few || bound.rows) && !partitioned;
  const FileLayout layout = file_layout(bound.columns, options.stored, options.partition_columns);
  WriteJob job(instances.store(), instances.random(), options.folder,
               fmt::format(".{}.parquet", few ? kCodecOfFew : kCodec));
  Written written;
  AlongCurve ordered;
  const bool small_groups =
      options.row_group_rows > 0 && options.row_group_rows < std::int64_t{DEFAULT_ROW_GROUP_SIZE};
  if (!few && !options.curve.empty()) {
    ordered = along_curve(connection, select, bound.columns, options.curve, small_groups);
    select = ordered.select;
  }
  {
    const Writing writing(state, job, layout, ordered.curve ? &*ordered.curve : nullptr);
    written.files = few ? write_few(connection, job, bound, layout, options)
                        : write_by_copy(connection, job, layout, select, options);
  }
  std::vector<std::string> kept;
  for (const WrittenFile& file : written.files) kept.push_back(file.path);
  job.keep(std::move(kept));
  written.columns = std::move(bound.infos);
  return written;
}

}  // namespace claimlake::engine
