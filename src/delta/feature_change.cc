#include "delta/feature_change.h"

#include <algorithm>

#include "base/text.h"
#include "delta/clustering.h"
#include "delta/column_mapping.h"
#include "delta/features.h"
#include "delta/properties.h"
#include "delta/row_tracking.h"
#include "delta/type_widening.h"

namespace claimlake::delta {
namespace {

Error refused(std::string what, std::string next) {
  return {Fault::kInvalidInput, std::move(what), "", std::move(next)};
}

// What of a table must go with a feature.
struct Droppable {
  std::string_view feature;
  std::vector<std::string> properties;  // that turn it on
  bool in_history = false;
};
const std::vector<Droppable>& droppables() {
  static const std::vector<Droppable> kDroppables = {
      {"deletionVectors", {"delta.enableDeletionVectors"}, true},
      {"columnMapping", {kColumnMappingMode, kMaxColumnId}, true},
      {"typeWidening", {"delta.enableTypeWidening"}, true},
      {"typeWidening-preview", {"delta.enableTypeWidening"}, true},
      {"v2Checkpoint", {"delta.checkpointPolicy"}, true},
      {"timestampNtz", {}, true},
      {"vacuumProtocolCheck", {}, false},
      {"appendOnly", {"delta.appendOnly"}, false},
      {"changeDataFeed", {"delta.enableChangeDataFeed"}, false},
      {"inCommitTimestamp",
       {"delta.enableInCommitTimestamps", "delta.inCommitTimestampEnablementVersion",
        "delta.inCommitTimestampEnablementTimestamp"},
       false},
      {"invariants", {}, false},
      {"checkConstraints", {}, false},
      {"generatedColumns", {}, false},
      {"identityColumns", {}, false},
      {"allowColumnDefaults", {}, false},
      {"rowTracking", {kRowTracking, kRowIdColumnName, kRowVersionColumnName}, false},
      {"clustering", {}, false}};
  return kDroppables;
}

bool names(const std::vector<std::string>& features, std::string_view name) {
  return std::find(features.begin(), features.end(), name) != features.end();
}

// Lists all features by name.
Protocol listed(Protocol protocol) {
  if (protocol.min_writer_version >= 7) return protocol;
  protocol.writer_features = features_of_writers(protocol.min_writer_version);
  protocol.reader_features = features_of_readers(protocol.min_reader_version);
  protocol.min_writer_version = 7;
  protocol.min_reader_version = protocol.reader_features.empty() ? 1 : 3;
  return protocol;
}

bool same(std::vector<std::string> a, std::vector<std::string> b) {
  std::sort(a.begin(), a.end());
  std::sort(b.begin(), b.end());
  return a == b;
}

bool holds_ntz(const DataType& type) {
  if (const auto* array = type.as_array()) return holds_ntz(array->element);
  if (const auto* map = type.as_map()) return holds_ntz(map->key) || holds_ntz(map->value);
  if (const auto* inner = type.as_struct()) {
    return std::any_of(inner->fields.begin(), inner->fields.end(),
                       [](const Field& field) { return holds_ntz(field.type); });
  }
  return type.primitive()->name == "timestamp_ntz";
}

// Why the table must keep the feature, and what to do; absent: it need not.
std::optional<Error> needed(std::string_view feature, const Protocol& protocol,
                            const Metadata& metadata, const Schema& schema) {
  for (const std::string& other : protocol.writer_features) {
    const FeatureInfo* info = find_feature(other);
    if (info == nullptr || info->required != feature) continue;
    return refused("the feature '" + std::string(feature) + "' cannot be dropped: the table's '" +
                       other + "' requires it",
                   "drop that one first");
  }
  const auto in_use = features_in_use(schema, metadata.configuration);
  const bool by_schema = names(in_use, feature) && feature != "appendOnly";
  if (feature == "timestampNtz" ? holds_ntz(DataType(schema)) : by_schema) {
    return refused("the feature '" + std::string(feature) +
                       "' cannot be dropped: the table uses it in its columns or constraints",
                   feature == "checkConstraints" ? "first ALTER TABLE ... DROP CONSTRAINT"
                   : feature == "allowColumnDefaults"
                       ? "first ALTER TABLE ... ALTER COLUMN ... DROP DEFAULT"
                       : "make another table with CREATE TABLE ... AS SELECT");
  }
  return std::nullopt;
}

}  // namespace

Result<std::vector<std::string>> asked_features(
    const std::map<std::string, std::string>& properties) {
  std::vector<std::string> out;
  for (const auto& [key, value] : properties) {
    if (!key.starts_with(kFeatureProperty)) continue;
    const std::string name = key.substr(kFeatureProperty.size());
    const FeatureInfo* feature = find_feature(name);
    if (feature == nullptr || feature->stand(Use::kInsert) == Stand::kNo) {
      return refused(feature == nullptr
                         ? "the feature '" + name + "' is not known"
                         : "a table with the feature '" + name + "' could not be written any more",
                     "leave out " + key);
    }
    if (to_lower(value) != "supported" && to_lower(value) != "enabled") {
      return refused("table property " + key + " = '" + value + "' must be 'supported'",
                     "to take a feature away, write ALTER TABLE ... DROP FEATURE " + name);
    }
    out.push_back(name);
  }
  return out;
}

std::map<std::string, std::string> without_asked_features(
    std::map<std::string, std::string> properties) {
  const bool v2 = properties.contains(std::string(kFeatureProperty) + "v2Checkpoint");
  std::erase_if(properties,
                [](const auto& entry) { return entry.first.starts_with(kFeatureProperty); });
  // The feature only allows such checkpoints; who asks for it wants them.
  if (v2) properties.emplace("delta.checkpointPolicy", "v2");
  return properties;
}

Protocol with_feature(Protocol protocol, std::string_view feature) {
  if (has_feature(protocol, feature)) return protocol;
  const FeatureInfo& info = *find_feature(feature);
  Protocol out = listed(std::move(protocol));
  if (!info.required.empty()) out = with_feature(std::move(out), info.required);
  out.writer_features.emplace_back(feature);
  if (info.kind == FeatureInfo::Kind::kReaderWriter) {
    out.min_reader_version = 3;
    out.reader_features.emplace_back(feature);
  }
  return out;
}

Protocol without_feature(Protocol protocol, std::string_view feature) {
  Protocol out = listed(std::move(protocol));
  std::erase(out.writer_features, feature);
  std::erase(out.reader_features, feature);
  if (out.reader_features.empty()) out.min_reader_version = 1;
  for (int writer = 6; writer >= 2; --writer) {
    if (!same(features_of_writers(writer), out.writer_features)) continue;
    for (int reader = 1; reader <= 2; ++reader) {
      if (same(features_of_readers(reader), out.reader_features)) return {reader, writer, {}, {}};
    }
  }
  if (out.writer_features.empty() && out.reader_features.empty()) return {1, 1, {}, {}};
  return out;
}

Result<FeatureDrop> feature_drop(std::string_view feature, const Protocol& protocol,
                                 const Metadata& metadata, const Schema& schema) {
  std::vector<std::string> there;
  for (const Droppable& known : droppables()) {
    if (has_feature(protocol, known.feature)) there.emplace_back(known.feature);
  }
  if (!has_feature(protocol, feature)) {
    const std::string near = nearest(feature, there);
    return refused("the table has no feature '" + std::string(feature) + "'",
                   near.empty() ? "" : "did you mean " + near + "?");
  }
  const auto found = std::find_if(droppables().begin(), droppables().end(),
                                  [&](const auto& known) { return known.feature == feature; });
  if (found == droppables().end()) {
    return refused("the feature '" + std::string(feature) +
                       "' cannot be dropped here: what of a "
                       "table uses it is not known to this release",
                   "make another table with CREATE TABLE ... AS SELECT");
  }
  if (auto error = needed(feature, protocol, metadata, schema)) return *std::move(error);
  FeatureDrop out{metadata};
  out.in_history = found->in_history;
  const bool mapped = column_mapping(protocol, metadata) != ColumnMapping::kNone;
  for (const std::string& property : found->properties) {
    out.metadata.configuration.erase(property);
  }
  if (feature == "deletionVectors") {
    out.vector_files = true;
  } else if (feature == "clustering") {
    out.domain = kClusteringDomain;
  } else if (feature == "rowTracking") {
    out.row_ids = true;
    out.domain = kRowTrackingDomain;
    // Else the version that takes the ids away would give new ones.
    out.metadata.configuration[kRowTrackingSuspended] = "true";
  } else if (feature == "columnMapping" && mapped) {
    out.all_files = true;
    out.names_change = true;
    out.metadata.schema_json = to_json(without_mapping(schema));
  } else if (feature.starts_with("typeWidening") && has_type_changes(schema)) {
    out.all_files = true;
    out.metadata.schema_json = to_json(without_type_changes(schema));
  }
  return out;
}

bool needs_feature(std::string_view feature, const Action& action) {
  if (feature == "deletionVectors") {
    if (const auto* add = std::get_if<AddFile>(&action)) return add->deletion_vector.has_value();
    const auto* remove = std::get_if<RemoveFile>(&action);
    return remove != nullptr && remove->deletion_vector.has_value();
  }
  if (feature == "v2Checkpoint") return std::holds_alternative<Sidecar>(action);
  const auto* metadata = std::get_if<Metadata>(&action);
  if (metadata == nullptr) return false;
  if (feature == "columnMapping") {
    return read_properties(metadata->configuration).column_mapping != "none";
  }
  const auto schema = parse_schema(metadata->schema_json);
  if (!schema) return true;
  if (feature.starts_with("typeWidening")) return has_type_changes(*schema);
  return feature == "timestampNtz" && holds_ntz(DataType(*schema));
}

}  // namespace claimlake::delta
