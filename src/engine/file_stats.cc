#include "engine/file_stats.h"

#include <algorithm>
#include <cctype>
#include <duckdb/common/types/value.hpp>
#include <duckdb/function/copy_function.hpp>
#include <functional>
#include <optional>

#include "base/text.h"
#include "delta/json_writer.h"
#include "delta/stats.h"

namespace claimlake::engine {
namespace {

using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using duckdb::Value;

using Figures = ColumnFigures::mapped_type;

std::optional<std::string> find(const Figures& figures, const char* name) {
  const auto found = figures.find(name);
  if (found == figures.end()) return std::nullopt;
  return found->second;
}

// "2026-01-31 10:00:00.123456+00" as Delta writes it, cut to milliseconds; absent if it is not a
// time of the years 1 to 9999.
std::optional<std::string> time_text(const std::string& text, bool in_utc) {
  if (text.size() < 19 || text[10] != ' ' || text[4] != '-' || text.ends_with("BC"))
    return std::nullopt;
  std::string millis;
  for (std::size_t i = 20; text.size() > 19 && text[19] == '.' && i < text.size() && i < 23; ++i) {
    if (!std::isdigit(static_cast<unsigned char>(text[i]))) break;
    millis += text[i];
  }
  millis.resize(3, '0');
  return text.substr(0, 10) + 'T' + text.substr(11, 8) + '.' + millis + (in_utc ? "Z" : "");
}

// Writes `text` as the JSON value of a bound; false (and nothing written) if it gives none.
bool write_bound(delta::JsonWriter& json, std::string_view column, const std::string& text,
                 const LogicalType& type, bool is_max) {
  switch (type.id()) {
    case LogicalTypeId::TINYINT:
    case LogicalTypeId::SMALLINT:
    case LogicalTypeId::INTEGER:
    case LogicalTypeId::BIGINT:
    case LogicalTypeId::DECIMAL:
      json.key(column).raw(text);
      return true;
    case LogicalTypeId::FLOAT:
    case LogicalTypeId::DOUBLE:
      if (text.find_first_not_of("0123456789+-.eE") != std::string::npos) return false;
      json.key(column).raw(text);
      return true;
    case LogicalTypeId::DATE:
      if (text.size() != 10 || text[4] != '-') return false;
      json.key(column).text(text);
      return true;
    case LogicalTypeId::TIMESTAMP:
    case LogicalTypeId::TIMESTAMP_TZ: {
      const auto time = time_text(text, type.id() == LogicalTypeId::TIMESTAMP_TZ);
      if (!time) return false;
      json.key(column).text(*time);
      return true;
    }
    case LogicalTypeId::VARCHAR: {
      if (!is_utf8(text)) return false;
      const auto bound = is_max ? delta::upper_text(text) : delta::lower_text(text);
      if (!bound) return false;
      json.key(column).text(*bound);
      return true;
    }
    default:
      return false;
  }
}

enum class Part { kMin, kMax, kNullCount };

// Writes one of the objects minValues, maxValues and nullCount.
class PartWriter {
 public:
  PartWriter(const ColumnFigures& figures, Part part, const WriteOptions& options, std::string& out)
      : figures_(figures), part_(part), kept_(options.stats), json_(out) {}

  void column(const std::string& name, const LogicalType& type, const delta::FieldPath& parent) {
    delta::FieldPath path = parent;
    path.push_back(name);
    if (type.id() == LogicalTypeId::STRUCT) return nested(name, type, path);
    const delta::StatsKept kept = kept_.take(path);
    if (kept == delta::StatsKept::kNothing) return;
    if (kept == delta::StatsKept::kNullCount && part_ != Part::kNullCount) return;
    const auto found = figures_.find(quoted(path));
    if (found == figures_.end()) return;
    if (part_ == Part::kNullCount) {
      if (const auto count = find(found->second, "null_count")) json_.key(name).raw(*count);
      return;
    }
    if (find(found->second, "has_nan").value_or("false") == "true") return;
    const bool is_max = part_ == Part::kMax;
    if (const auto bound = find(found->second, is_max ? "max" : "min")) {
      write_bound(json_, name, *bound, type, is_max);
    }
  }
  void open() { json_.open_object(); }
  void close() { json_.close_object(); }

 private:
  // As the figures name it.
  static std::string quoted(const delta::FieldPath& path) {
    std::string out;
    for (const std::string& name : path) out += (out.empty() ? "" : ".") + sql_identifier(name);
    return out;
  }
  void nested(const std::string& name, const LogicalType& type, const delta::FieldPath& path) {
    json_.key(name).open_object();
    for (const auto& child : duckdb::StructType::GetChildTypes(type)) {
      column(child.first, child.second, path);
    }
    json_.close_object();
  }

  const ColumnFigures& figures_;
  const Part part_;
  delta::StatsColumns kept_;
  delta::JsonWriter json_;
};

}  // namespace

ColumnFigures figures_of(const Value& statistics) {
  ColumnFigures all;
  if (statistics.IsNull()) return all;
  for (const Value& entry : duckdb::MapValue::GetChildren(statistics)) {
    const auto& column = duckdb::StructValue::GetChildren(entry);
    Figures& figures = all[duckdb::StringValue::Get(column[0])];
    for (const Value& figure : duckdb::MapValue::GetChildren(column[1])) {
      const auto& pair = duckdb::StructValue::GetChildren(figure);
      if (!pair[1].IsNull()) figures[duckdb::StringValue::Get(pair[0])] = pair[1].ToString();
    }
  }
  return all;
}

ColumnFigures figures_of(const duckdb::CopyFunctionFileStatistics& statistics) {
  ColumnFigures all;
  for (const auto& [column, figures] : statistics.column_statistics) {
    for (const auto& [name, value] : figures) {
      if (!value.IsNull()) all[column][name] = value.ToString();
    }
  }
  return all;
}

std::string stats_json(const std::vector<ResultColumn>& columns, const WriteOptions& options,
                       std::int64_t rows, const ColumnFigures& figures) {
  std::string out;
  delta::JsonWriter json(out);
  json.open_object().key("numRecords").number(rows);
  constexpr std::pair<const char*, Part> kParts[] = {
      {"minValues", Part::kMin}, {"maxValues", Part::kMax}, {"nullCount", Part::kNullCount}};
  for (const auto& [name, part] : kParts) {
    json.key(name);
    PartWriter writer(figures, part, options, out);
    writer.open();
    for (const ResultColumn& column : columns) writer.column(column.name, column.type, {});
    writer.close();
  }
  json.close_object();
  return out;
}

}  // namespace claimlake::engine
