#include "delta/new_table.h"

#include <algorithm>
#include <set>

#include "base/text.h"
#include "delta/column_rules.h"
#include "delta/feature_change.h"
#include "delta/features.h"
#include "delta/properties.h"
#include "delta/row_tracking.h"
#include "delta/stats_columns.h"

namespace claimlake::delta {
namespace {

constexpr std::string_view kNotInNames = " ,;{}()\n\t=";

// Properties that a new table may have beside those that we act upon (properties.h): they are for
// maintenance, by us or by others.
constexpr std::string_view kKeptProperties[] = {"delta.randomizeFilePrefixes",
                                                "delta.tuneFileSizesForRewrites",
                                                "delta.autoOptimize.autoCompact",
                                                "delta.autoOptimize.optimizeWrite",
                                                kStatsColumns,
                                                kMaxColumnId,
                                                kRowTracking,
                                                "delta.rowTrackingSuspended",
                                                kRowIdColumnName,
                                                kRowVersionColumnName};

Error refused(std::string message, std::string next = {}) {
  return {Fault::kInvalidInput, std::move(message), "", std::move(next)};
}

Done check_struct(const StructType& type, const std::string& parent, ColumnMapping mapping);

Done check_type(const DataType& type, const std::string& path, ColumnMapping mapping) {
  if (const auto* array = type.as_array()) {
    return check_type(array->element, path + ".element", mapping);
  }
  if (const auto* map = type.as_map()) {
    TRY_DONE(check_type(map->key, path + ".key", mapping));
    return check_type(map->value, path + ".value", mapping);
  }
  if (const auto* inner = type.as_struct()) return check_struct(*inner, path + ".", mapping);
  if (type.primitive()->name == "void" || type.primitive()->name == "variant") {
    return refused("column " + path + " has the type " + type.text() + ", which we do not write",
                   "cast the column to another type");
  }
  return done();
}

Done check_struct(const StructType& type, const std::string& parent, ColumnMapping mapping) {
  if (type.fields.empty()) {
    return refused(parent.empty() ? "a table needs at least one column"
                                  : "struct " + parent + " has no field");
  }
  std::set<std::string> seen;
  for (const Field& field : type.fields) {
    const std::string path = parent + field.name;
    if (field.name.empty()) return refused("a column has no name");
    if (mapping == ColumnMapping::kNone &&
        field.name.find_first_of(kNotInNames) != std::string::npos) {
      return refused(
          "column '" + path +
              "' has one of the characters ' ,;{}()=', a tab or a "
              "line end in its name, which other readers of the table do not take",
          "rename it in the query with 'as', or let the table map its columns: TBLPROPERTIES "
          "('delta.columnMapping.mode' = 'name')");
    }
    if (!seen.insert(to_lower(field.name)).second) {
      return refused(
          "two columns have the name '" + path + "', upper and lower case being the same",
          "rename one of them in the query with 'as'");
    }
    TRY_DONE(check_type(field.type, path, mapping));
  }
  return done();
}

bool holds(const DataType& type, std::string_view primitive) {
  if (const auto* array = type.as_array()) return holds(array->element, primitive);
  if (const auto* map = type.as_map()) {
    return holds(map->key, primitive) || holds(map->value, primitive);
  }
  if (const auto* inner = type.as_struct()) {
    return std::any_of(inner->fields.begin(), inner->fields.end(),
                       [&](const Field& field) { return holds(field.type, primitive); });
  }
  return type.primitive()->name == primitive;
}

void add_to(std::vector<std::string>& features, const std::string& feature) {
  if (std::find(features.begin(), features.end(), feature) == features.end()) {
    features.push_back(feature);
  }
}

bool has_preview(const Protocol& protocol) { return has_feature(protocol, "typeWidening-preview"); }

}  // namespace

Done check_table_properties(const std::map<std::string, std::string>& properties) {
  std::vector<std::string> known = known_properties();
  known.insert(known.end(), std::begin(kKeptProperties), std::end(kKeptProperties));
  for (const auto& [name, value] : properties) {
    if (!name.starts_with("delta.")) continue;  // a user's own property
    if (name.starts_with(kConstraint) || name.starts_with(kFeatureProperty)) continue;
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    const std::string near = nearest(name, known);
    return refused("table property " + name + " is not known",
                   near.empty() ? "" : "did you mean " + near + "?");
  }
  TRY_DONE(asked_features(properties));
  TRY_DONE(parse_properties(properties));
  return done();
}

namespace {

// A table with a feature that has no old version number lists all of its features by name.
Protocol protocol_in_use(const Schema& schema, const std::map<std::string, std::string>& properties,
                         const Protocol* current) {
  const auto on = [&](const char* property) {
    const auto found = properties.find(property);
    return found != properties.end() && to_lower(found->second) == "true";
  };
  const bool change_feed = on("delta.enableChangeDataFeed");
  const TableProperties known = read_properties(properties);
  const bool mapped = known.column_mapping != "none";
  std::vector<std::string> of_both;
  std::vector<std::string> of_writers;
  if (on("delta.enableDeletionVectors")) of_both.emplace_back("deletionVectors");
  if (holds(DataType(schema), "timestamp_ntz")) of_both.emplace_back("timestampNtz");
  if (on("delta.enableTypeWidening") && (current == nullptr || !has_preview(*current))) {
    of_both.emplace_back("typeWidening");
  }
  if (known.v2_checkpoints) of_both.emplace_back("v2Checkpoint");
  if (on(kRowTracking)) {
    of_writers.emplace_back("domainMetadata");
    of_writers.emplace_back("rowTracking");
  }
  if (on("delta.enableInCommitTimestamps")) of_writers.emplace_back("inCommitTimestamp");
  Protocol out = current != nullptr ? *current : Protocol{1, 2, {}, {}};
  // A version number stands for many features, so it is raised only where none is listed by name.
  const std::vector<std::string> rules = features_in_use(schema, properties);
  const bool listed = !of_both.empty() || !of_writers.empty() || out.min_writer_version >= 7 ||
                      std::any_of(rules.begin(), rules.end(), [](const std::string& rule) {
                        return find_feature(rule)->legacy_writer == 0;
                      });
  for (const std::string& rule : rules) {
    if (listed) {
      of_writers.push_back(rule);
    } else {
      out.min_writer_version = std::max(out.min_writer_version, find_feature(rule)->legacy_writer);
    }
  }
  if (of_both.empty() && of_writers.empty() && out.min_writer_version < 7) {
    if (change_feed) out.min_writer_version = std::max(out.min_writer_version, 4);
    if (mapped) {
      out.min_reader_version = std::max(out.min_reader_version, 2);
      out.min_writer_version = std::max(out.min_writer_version, 5);
    }
    return out;
  }
  if (mapped) of_both.emplace_back("columnMapping");
  if (out.min_writer_version < 7) {
    out.writer_features = features_of_writers(out.min_writer_version);
    out.reader_features = features_of_readers(out.min_reader_version);
    out.min_writer_version = 7;
    if (!out.reader_features.empty()) out.min_reader_version = 3;
  }
  if (change_feed) add_to(out.writer_features, "changeDataFeed");
  for (const std::string& feature : of_writers) add_to(out.writer_features, feature);
  for (const std::string& feature : of_both) {
    add_to(out.writer_features, feature);
    add_to(out.reader_features, feature);
    out.min_reader_version = 3;
  }
  return out;
}

}  // namespace

Protocol needed_protocol(const Schema& schema, const std::map<std::string, std::string>& properties,
                         const Protocol* current) {
  Protocol out = protocol_in_use(schema, properties, current);
  // What is not known was refused by check_table_properties.
  const auto asked = asked_features(properties);
  if (!asked) return out;
  for (const std::string& feature : *asked) out = with_feature(std::move(out), feature);
  return out;
}

Done check_schema(const Schema& schema, const std::vector<std::string>& partition_columns,
                  ColumnMapping mapping) {
  TRY_DONE(check_struct(schema, "", mapping));
  std::set<std::string> seen;
  for (const std::string& column : partition_columns) {
    const Field* field = schema.find(column);
    if (field == nullptr) {
      std::vector<std::string> names;
      for (const Field& known : schema.fields) names.push_back(known.name);
      const std::string near = nearest(column, names);
      return refused("partition column " + column + " is not a column of the table",
                     near.empty() ? "" : "did you mean " + near + "?");
    }
    if (field->type.primitive() == nullptr || field->type.primitive()->name == "binary") {
      return refused("column " + column + " of type " + field->type.text() +
                     " cannot partition a table");
    }
    if (!seen.insert(to_lower(column)).second) {
      return refused("column " + column + " partitions the table twice");
    }
  }
  if (partition_columns.size() == schema.fields.size()) {
    return refused("all columns partition the table; at least one must be left for the files");
  }
  return done();
}

void keep_in_place(const Metadata& before, std::map<std::string, std::string>& properties) {
  for (const char* name :
       {"delta.enableInCommitTimestamps", "delta.inCommitTimestampEnablementVersion",
        "delta.inCommitTimestampEnablementTimestamp"}) {
    const auto kept = before.configuration.find(name);
    if (kept != before.configuration.end() &&
        read_properties(before.configuration).in_commit_timestamps) {
      properties[name] = kept->second;
    }
  }
  const auto max_id = before.configuration.find(kMaxColumnId);
  if (max_id != before.configuration.end()) properties[kMaxColumnId] = max_id->second;
}

Result<std::vector<Action>> new_table(NewTable table, const Clock& clock, Random& random) {
  TRY_DONE(check_table_properties(table.properties));
  if (table.old_metadata != nullptr) keep_in_place(*table.old_metadata, table.properties);
  Protocol protocol = needed_protocol(table.schema, table.properties, table.old_protocol);
  Metadata metadata;
  metadata.configuration = without_asked_features(std::move(table.properties));
  TRY_DONE(name_row_tracking_columns(metadata, nullptr, random));
  StoredColumns columns = stored_columns(protocol, metadata, table.schema);
  TRY_DONE(check_schema(table.schema, table.partition_columns, columns.mapping));
  if (columns.mapping == ColumnMapping::kNone) {
    table.schema = without_mapping(std::move(table.schema));
  } else {
    map_columns(table.schema, columns.max_id, &random);
  }
  metadata.id = uuid4(random);
  metadata.name = std::move(table.name);
  metadata.description = std::move(table.description);
  set_schema(metadata, table.schema);
  for (const std::string& column : table.partition_columns) {
    metadata.partition_columns.push_back(table.schema.find(column)->name);
  }
  metadata.created_time_ms =
      std::chrono::floor<std::chrono::milliseconds>(clock.now()).time_since_epoch().count();
  TRY_DONE(check_writable(protocol, metadata, table.schema, Use::kDefine));
  return std::vector<Action>{std::move(protocol), std::move(metadata)};
}

}  // namespace claimlake::delta
