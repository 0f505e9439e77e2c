#include "lake/convert_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/text.h"
#include "delta/evolve.h"
#include "delta/json_writer.h"
#include "delta/new_table.h"
#include "delta/partition_path.h"
#include "lake/file_actions.h"
#include "lake/maintain.h"

namespace claimlake::lake {
namespace {

// Of the first columns, as in tables that are written (delta.dataSkippingNumIndexedCols).
constexpr std::size_t kStatisticsColumns = 32;
// Bytes; a longer text has no bound here.
constexpr int kTextBound = 32;
constexpr const char* kNullFolder = "__HIVE_DEFAULT_PARTITION__";

Error refused(std::string what, std::string where, std::string next) {
  return {Fault::kInvalidInput, std::move(what), std::move(where), std::move(next)};
}

class Conversion {
 public:
  Conversion(Lake& lake, engine::Session& session, const ConvertTable& what, const Cancel& cancel)
      : lake_(lake), session_(session), what_(what), cancel_(cancel) {}

  Done run(const std::string& run);

 private:
  struct File {
    store::ObjectInfo object;
    std::string path;  // below the folder
    delta::PartitionValues partition;
    delta::Schema schema;  // without the columns of partitions
  };

  Done find_folder();
  Done find_files();
  Result<delta::PartitionValues> partition_of(const File& file) const;
  Done check_values();
  Result<delta::Schema> schema_of(const File& file) const;
  Result<std::set<std::string>> old_times(const File& file) const;
  Result<std::string> statistics_of(const File& file) const;
  bool is_partition(const std::string& column) const;
  std::string from(const File& file) const {
    return fmt::format("read_parquet({}, hive_partitioning = false)",
                       sql_string("lake://" + file.object.path));
  }
  Done not_cancelled() const {
    if (!cancel_.cancelled()) return done();
    return Error{Fault::kCancelled, "CONVERT was stopped; nothing was changed", folder_, ""};
  }

  Lake& lake_;
  engine::Session& session_;
  const ConvertTable& what_;
  const Cancel& cancel_;
  std::optional<delta::Log> log_;
  std::string folder_;
  std::vector<File> files_;
  delta::Schema schema_;
};

Done Conversion::find_folder() {
  TRY(folder_, delta::path_in_store(delta::encode_path(what_.place), "", lake_.store().root()));
  while (folder_.ends_with('/')) folder_.pop_back();
  const LakeContext& context = lake_.context();
  log_.emplace(delta::LogContext{context.store, context.parquet, context.clock, context.random},
               folder_);
  const auto table = log_->snapshot();
  if (table) {
    return refused("The folder is a Delta table already, and nothing was done", folder_,
                   "SELECT from it, or DESCRIBE it");
  }
  if (table.error().fault != Fault::kNotFound) return table.error();
  TRY(const auto marker, log_->dropped());
  return marker ? Done(table.error()) : done();
}

Done Conversion::find_files() {
  TRY(const auto objects, lake_.store().list_all(folder_));
  for (const store::ObjectInfo& object : objects) {
    File file{object, object.path.substr(folder_.size() + 1), {}, {}};
    if (is_hidden(file.path)) continue;
    TRY(file.partition, partition_of(file));
    files_.push_back(std::move(file));
  }
  if (!files_.empty()) return done();
  return Error{Fault::kNotFound, "There are no files to convert", folder_,
               "name the folder that holds the Parquet files, below the lake"};
}

Result<delta::PartitionValues> Conversion::partition_of(const File& file) const {
  delta::PartitionValues out;
  const std::vector<std::string> parts = split(file.path, '/');
  std::size_t place = 0;
  for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
    const auto equals = parts[i].find('=');
    if (equals == std::string::npos) continue;
    const std::string column = delta::decode_path(parts[i].substr(0, equals));
    const std::string value = delta::decode_path(parts[i].substr(equals + 1));
    if (place == what_.partitions.size() ||
        to_lower(what_.partitions[place].name) != to_lower(column)) {
      return refused(
          fmt::format("The folder {} is of a partition that is not named", parts[i]),
          file.object.path,
          fmt::format("name all, in their order, with types: PARTITIONED BY ({} STRING)", column));
    }
    auto& kept = out[what_.partitions[place++].name];
    if (value != kNullFolder && !value.empty()) kept = value;
  }
  if (place == what_.partitions.size()) return out;
  return refused(fmt::format("The file is in no folder of partition {}={}",
                             what_.partitions[place].name, "..."),
                 file.object.path, "name only columns that folders are named by");
}

// Values are texts in the log, and must be ones of their type.
Done Conversion::check_values() {
  for (const delta::Field& field : what_.partitions) {
    TRY(const std::string type, engine::sql_type(field.type));
    std::set<std::string> seen;
    for (const File& file : files_) {
      const auto& value = file.partition.at(field.name);
      if (!value || !seen.insert(*value).second) continue;
      TRY(const auto rows,
          session_.query(fmt::format("SELECT CAST(TRY_CAST({} AS {}) IS NOT NULL AS VARCHAR)",
                                     sql_string(*value), type)));
      TRY(const bool any, rows->next());
      CHECK(any, "a SELECT without FROM gives one row");
      if (rows->text(0, 0) == "true") continue;
      return refused(fmt::format("'{}' is no {} for partition {}", *value, type, field.name),
                     file.object.path, fmt::format("PARTITIONED BY ({} STRING)", field.name));
    }
  }
  return done();
}

bool Conversion::is_partition(const std::string& column) const {
  return std::any_of(
      what_.partitions.begin(), what_.partitions.end(),
      [&](const delta::Field& field) { return to_lower(field.name) == to_lower(column); });
}

// Columns of the old kind of times, which are in UTC though their type does not say so.
Result<std::set<std::string>> Conversion::old_times(const File& file) const {
  TRY(const auto rows,
      session_.query(fmt::format("SELECT name FROM parquet_schema({}) WHERE type = 'INT96'",
                                 sql_string("lake://" + file.object.path))));
  TRY(const auto table, engine::read_all(*rows));
  std::set<std::string> out;
  for (const auto& row : table.rows) out.insert(row[0].value_or(""));
  return out;
}

Result<delta::Schema> Conversion::schema_of(const File& file) const {
  TRY_DONE(not_cancelled());
  auto columns = session_.describe("SELECT * FROM " + from(file));
  if (!columns && columns.error().fault == Fault::kCancelled) return std::move(columns).error();
  if (!columns) {
    return refused("This is no Parquet file that can be read: " + columns.error().message,
                   file.object.path, "move it away, or give it a name that begins with '_'");
  }
  auto schema = engine::delta_schema(*columns);
  if (!schema) return std::move(schema).error().at(file.object.path);
  std::erase_if(schema->fields,
                [&](const delta::Field& field) { return is_partition(field.name); });
  TRY(const auto utc, old_times(file));
  for (delta::Field& field : schema->fields) {
    const auto* primitive = field.type.primitive();
    if (primitive != nullptr && primitive->name == "timestamp_ntz" && utc.contains(field.name)) {
      field.type = delta::DataType(delta::PrimitiveType{"timestamp"});
    }
  }
  return *std::move(schema);
}

// The bound of such a column, as SQL of its text; "" = it gets none. `value` is an aggregate.
std::string bound_of(const std::string& type, const std::string& value) {
  const std::string text = fmt::format("CAST({} AS VARCHAR)", value);
  if (type == "string") {
    return fmt::format("CASE WHEN strlen({}) <= {} THEN {} END", value, kTextBound, value);
  }
  const bool plain = type == "date" || type == "byte" || type == "short" || type == "integer" ||
                     type == "long" || type.starts_with("decimal");
  return plain ? text : "";
}

// Bounds of numbers, dates and short texts, which are cheap to be sure of.
Result<std::string> Conversion::statistics_of(const File& file) const {
  TRY_DONE(not_cancelled());
  std::string select = "SELECT CAST(count(*) AS VARCHAR)";
  struct Figure {
    const char* of;
    std::string column;
    bool is_text;  // stands in quotes
  };
  std::vector<Figure> figures;
  for (std::size_t i = 0; i < std::min(file.schema.fields.size(), kStatisticsColumns); ++i) {
    const delta::Field& field = file.schema.fields[i];
    if (field.type.primitive() == nullptr) continue;
    const std::string& type = field.type.primitive()->name;
    const std::string column = sql_identifier(field.name);
    select += fmt::format(", CAST(count(*) - count({}) AS VARCHAR)", column);
    figures.push_back({"nullCount", field.name, false});
    for (const auto& [of, aggregate] : {std::pair{"minValues", "min"}, {"maxValues", "max"}}) {
      const std::string bound = bound_of(type, fmt::format("{}({})", aggregate, column));
      if (bound.empty()) continue;
      select += ", " + bound;
      figures.push_back({of, field.name, type == "date" || type == "string"});
    }
  }
  TRY(const auto rows, session_.query(select + " FROM " + from(file)));
  TRY(const auto table, engine::read_all(*rows));
  std::string out = "{\"numRecords\":" + table.rows[0][0].value_or("0");
  for (const std::string of : {"minValues", "maxValues", "nullCount"}) {
    std::string members;
    for (std::size_t i = 0; i < figures.size(); ++i) {
      const auto& value = table.rows[0][i + 1];
      if (of != figures[i].of || !value) continue;
      members += (members.empty() ? "" : ",") + delta::json_string(figures[i].column) + ":" +
                 (figures[i].is_text ? delta::json_string(*value) : *value);
    }
    out += "," + delta::json_string(of) + ":{" + members + "}";
  }
  return out + "}";
}

Done Conversion::run(const std::string& run) {
  TRY_DONE(find_folder());
  TRY_DONE(find_files());
  TRY_DONE(check_values());
  for (File& file : files_) {
    TRY(file.schema, schema_of(file));
    if (schema_.fields.empty()) schema_ = file.schema;
    auto merged = delta::merge_for_append(schema_, file.schema, true);
    if (!merged) {
      return Error(merged.error()).in("The files do not fit together").at(file.object.path);
    }
    if (*merged) schema_ = **std::move(merged);
  }
  std::vector<std::string> columns;
  for (const delta::Field& field : what_.partitions) {
    schema_.fields.push_back(field);
    columns.push_back(field.name);
  }
  auto request = maintenance_request(lake_, nullptr, "CONVERT", run);
  TRY(request.actions, delta::new_table({.schema = schema_, .partition_columns = columns},
                                        lake_.context().clock, lake_.context().random));
  for (const File& file : files_) {
    delta::AddFile add;
    add.path = delta::encode_path(file.path);
    add.partition_values = file.partition;
    add.size = file.object.size;
    add.modification_time_ms =
        std::chrono::floor<std::chrono::milliseconds>(file.object.modified_at.time_since_epoch())
            .count();
    if (what_.statistics) {
      TRY(add.stats_json, statistics_of(file));
    }
    request.actions.emplace_back(std::move(add));
  }
  std::string list;
  delta::JsonWriter(list).texts(columns);
  request.info.parameters = {{"numFiles", std::to_string(files_.size())},
                             {"partitionedBy", delta::json_string(list)},
                             {"collectStats", what_.statistics ? "true" : "false"},
                             {"sourceFormat", delta::json_string("parquet")}};
  request.info.metrics = {{"numConvertedFiles", std::to_string(files_.size())}};
  const auto committed = log_->commit(std::move(request));
  if (!committed) return Error(committed.error()).at(folder_);
  return done();
}

}  // namespace

Done convert_table(Lake& lake, engine::Session& session, const ConvertTable& convert,
                   const std::string& run, const Cancel& cancel) {
  return Conversion(lake, session, convert, cancel).run(run);
}

}  // namespace claimlake::lake
