#include "lake/inspect.h"

#include <fmt/format.h>

#include <limits>
#include <map>

#include "delta/features.h"
#include "delta/json_writer.h"
#include "lake/cluster.h"

namespace claimlake::lake {
namespace {

using Cell = std::optional<std::string>;

std::string list_text(const std::vector<std::string>& names) {
  std::string out = "[";
  for (const std::string& name : names) {
    out += (out.size() > 1 ? "," : "") + delta::json_string(name);
  }
  return out + "]";
}

// `as_json`: the values are JSON texts already.
std::string map_text(const std::map<std::string, std::string>& entries, bool as_json = false) {
  std::string out = "{";
  for (const auto& [key, value] : entries) {
    out += (out.size() > 1 ? "," : "") + delta::json_string(key) + ":" +
           (as_json ? value : delta::json_string(value));
  }
  return out + "}";
}

Cell if_any(std::string text) { return text.empty() ? Cell() : Cell(std::move(text)); }

// As the engine writes times with a zone: "2026-01-09 10:31:00.5+00".
std::string time_text(Timestamp time) {
  std::string out = to_text(time);
  out.resize(out.rfind(' '));  // " UTC"
  if (out.find('.') != std::string::npos) {
    out.resize(out.find_last_not_of('0') + 1);
    if (out.back() == '.') out.pop_back();
  }
  return out + "+00";
}

engine::TextTable answer(std::initializer_list<std::pair<const char*, const char*>> columns) {
  engine::TextTable out;
  for (const auto& [name, type] : columns) out.columns.push_back({name, type});
  return out;
}

class Inspect {
 public:
  explicit Inspect(Lake& lake) : lake_(lake) {}

  Result<engine::TextTable> operator()(const DescribeHistory& what) const;
  Result<engine::TextTable> operator()(const DescribeDetail& what) const;
  Result<engine::TextTable> operator()(const ShowProperties& what) const;

 private:
  Lake& lake_;
};

Result<engine::TextTable> Inspect::operator()(const DescribeHistory& what) const {
  const std::size_t limit = what.limit == 0 ? std::numeric_limits<std::size_t>::max() : what.limit;
  TRY(const auto entries, lake_.history(what.name, limit));
  auto out = answer({{"version", "BIGINT"},
                     {"timestamp", "TIMESTAMP WITH TIME ZONE"},
                     {"userName", "VARCHAR"},
                     {"operation", "VARCHAR"},
                     {"operationParameters", "JSON"},
                     {"readVersion", "BIGINT"},
                     {"isBlindAppend", "BOOLEAN"},
                     {"operationMetrics", "JSON"},
                     {"engineInfo", "VARCHAR"}});
  for (const auto& entry : entries) {
    const delta::CommitInfo& info = entry.info;
    out.rows.push_back({std::to_string(entry.version), time_text(entry.timestamp),
                        if_any(info.user), if_any(info.operation), map_text(info.parameters, true),
                        info.read_version ? Cell(std::to_string(*info.read_version)) : Cell(),
                        info.is_blind_append ? "true" : "false", map_text(info.metrics),
                        if_any(info.engine_info)});
  }
  return out;
}

Result<engine::TextTable> Inspect::operator()(const DescribeDetail& what) const {
  TRY(const auto table, lake_.snapshot(what.name));
  const delta::Metadata& metadata = table->metadata();
  const delta::Protocol& protocol = table->protocol();
  std::vector<std::string> features = protocol.writer_features;
  if (features.empty()) features = delta::features_of_writers(protocol.min_writer_version);
  auto out = answer({{"format", "VARCHAR"},
                     {"id", "VARCHAR"},
                     {"name", "VARCHAR"},
                     {"description", "VARCHAR"},
                     {"location", "VARCHAR"},
                     {"version", "BIGINT"},
                     {"createdAt", "TIMESTAMP WITH TIME ZONE"},
                     {"lastModified", "TIMESTAMP WITH TIME ZONE"},
                     {"partitionColumns", "JSON"},
                     {"clusteringColumns", "JSON"},
                     {"numFiles", "BIGINT"},
                     {"numRecords", "BIGINT"},
                     {"sizeInBytes", "BIGINT"},
                     {"properties", "JSON"},
                     {"minReaderVersion", "INTEGER"},
                     {"minWriterVersion", "INTEGER"},
                     {"tableFeatures", "JSON"}});
  const auto rows = table->row_count();
  const auto created = metadata.created_time_ms;
  out.rows.push_back(
      {"delta", metadata.id, what.name.text(), if_any(metadata.description),
       lake_.store().root() + "/" + what.name.folder(), std::to_string(table->version()),
       created ? Cell(time_text(from_millis(*created))) : Cell(), time_text(table->timestamp()),
       list_text(metadata.partition_columns), list_text(clustering_texts(*table)),
       std::to_string(table->files().size()), rows ? Cell(std::to_string(*rows)) : Cell(),
       std::to_string(table->files_bytes()), map_text(metadata.configuration),
       std::to_string(protocol.min_reader_version), std::to_string(protocol.min_writer_version),
       list_text(features)});
  return out;
}

Result<engine::TextTable> Inspect::operator()(const ShowProperties& what) const {
  TRY(const auto table, lake_.snapshot(what.name));
  auto out = answer({{"key", "VARCHAR"}, {"value", "VARCHAR"}});
  for (const auto& [key, value] : table->metadata().configuration) out.rows.push_back({key, value});
  return out;
}

}  // namespace

Result<std::optional<Inspection>> parse_inspection(std::string_view sql) {
  SqlCursor cursor(sql);
  std::optional<Inspection> out;
  const auto take = [&](const char* word) {
    return cursor.take(std::string("describe ") + word) || cursor.take(std::string("desc ") + word);
  };
  const bool history = take("history");
  const bool detail = !history && take("detail");
  // A table may have one of these names.
  if ((history || detail) && (cursor.at_end() || cursor.take(";"))) return out;
  if (history) {
    DescribeHistory what;
    TRY(what.name, cursor.table());
    if (cursor.take("limit")) {
      const SqlCursor before = cursor;
      TRY(const std::int64_t limit, cursor.number());
      if (limit < 1) return before.wrong("a number from 1");
      what.limit = static_cast<std::size_t>(limit);
    }
    out = std::move(what);
  } else if (detail) {
    TRY(TableName name, cursor.table());
    out = DescribeDetail{std::move(name)};
  } else if (cursor.take("show tblproperties")) {
    TRY(TableName name, cursor.table());
    out = ShowProperties{std::move(name)};
  } else {
    return out;
  }
  TRY_DONE(cursor.end());
  return out;
}

Result<engine::TextTable> inspect(Lake& lake, const Inspection& what) {
  return std::visit(Inspect(lake), what);
}

}  // namespace claimlake::lake
