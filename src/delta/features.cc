#include "delta/features.h"

#include <algorithm>

#include "delta/properties.h"

namespace claimlake::delta {
namespace {

using enum Stand;
constexpr auto kBoth = FeatureInfo::Kind::kReaderWriter;
constexpr auto kWriters = FeatureInfo::Kind::kWriter;

// The protocol's features and those that Spark knows beyond it, -preview and -dev ones included. A
// reader need not know a feature of writers, so those are all readable.
constexpr FeatureInfo kFeatures[] = {
    // name, kind, legacy reader and writer, required; read, append, change, maintain
    {"appendOnly", kWriters, 0, 2, "", kYes, kYes, kYes, kYes},
    {"invariants", kWriters, 0, 2, "", kYes, kIfUnused, kYes, kYes},
    {"checkConstraints", kWriters, 0, 3, "", kYes, kIfUnused, kYes, kYes},
    {"changeDataFeed", kWriters, 0, 4, "", kYes, kYes, kYes, kYes},
    {"generatedColumns", kWriters, 0, 4, "", kYes, kIfUnused, kYes, kYes},
    {"columnMapping", kBoth, 2, 5, "", kYes, kYes, kYes, kYes},
    {"identityColumns", kWriters, 0, 6, "", kYes, kIfUnused, kYes, kYes},
    {"allowColumnDefaults", kWriters, 0, 0, "", kYes, kIfUnused, kYes, kYes},
    {"domainMetadata", kWriters, 0, 0, "", kYes, kYes, kYes, kYes},
    {"inCommitTimestamp", kWriters, 0, 0, "", kYes, kYes, kYes, kYes},
    {"inCommitTimestamp-preview", kWriters, 0, 0, "", kYes, kNo, kNo, kNo},
    {"timestampNtz", kBoth, 0, 0, "", kYes, kYes, kYes, kYes},
    {"vacuumProtocolCheck", kBoth, 0, 0, "", kYes, kYes, kYes, kYes},
    {"deletionVectors", kBoth, 0, 0, "", kYes, kYes, kYes, kYes},
    {"v2Checkpoint", kBoth, 0, 0, "", kYes, kYes, kYes, kYes},
    {"checkpointProtection", kWriters, 0, 0, "", kYes, kYes, kYes, kYes},
    {"rowTracking", kWriters, 0, 0, "domainMetadata", kYes, kYes, kYes, kYes},
    {"clustering", kWriters, 0, 0, "domainMetadata", kYes, kYes, kYes, kYes},
    {"materializePartitionColumns", kWriters, 0, 0, "", kYes, kNo, kNo, kNo},
    {"typeWidening", kBoth, 0, 0, "", kYes, kYes, kYes, kYes},
    {"typeWidening-preview", kBoth, 0, 0, "", kYes, kYes, kYes, kYes},
    {"variantType", kBoth, 0, 0, "", kYes, kNo, kNo, kNo},
    {"variantType-preview", kBoth, 0, 0, "", kYes, kNo, kNo, kNo},
    {"variantShredding", kBoth, 0, 0, "", kYes, kNo, kNo, kNo},
    {"variantShredding-preview", kBoth, 0, 0, "", kYes, kNo, kNo, kNo},
    {"geospatial", kBoth, 0, 0, "", kNo, kNo, kNo, kNo},
    {"collations", kWriters, 0, 0, "", kYes, kNo, kNo, kNo},
    {"collations-preview", kWriters, 0, 0, "", kYes, kNo, kNo, kNo},
    {"icebergCompatV1", kWriters, 0, 0, "columnMapping", kYes, kNo, kNo, kNo},
    {"icebergCompatV2", kWriters, 0, 0, "columnMapping", kYes, kNo, kNo, kNo},
    {"icebergCompatV3", kWriters, 0, 0, "columnMapping", kYes, kNo, kNo, kNo},
    {"icebergWriterCompatV1", kWriters, 0, 0, "icebergCompatV2", kYes, kNo, kNo, kNo},
    {"icebergWriterCompatV3", kWriters, 0, 0, "icebergCompatV3", kYes, kNo, kNo, kNo},
    {"catalogManaged", kBoth, 0, 0, "inCommitTimestamp", kNo, kNo, kNo, kNo},
    {"catalogOwned", kBoth, 0, 0, "inCommitTimestamp", kNo, kNo, kNo, kNo},
    {"catalogOwned-preview", kBoth, 0, 0, "inCommitTimestamp", kNo, kNo, kNo, kNo},
    {"coordinatedCommits-preview", kWriters, 0, 0, "inCommitTimestamp", kYes, kNo, kNo, kNo},
    {"managedCommit-dev", kWriters, 0, 0, "", kYes, kNo, kNo, kNo},
    {"redirectReaderWriter-preview", kBoth, 0, 0, "", kNo, kNo, kNo, kNo},
    {"redirectWriterOnly-preview", kWriters, 0, 0, "", kYes, kNo, kNo, kNo},
};

// What in a schema uses a feature: metadata of a field with a key that starts so, at any depth.
bool has_field_metadata(const DataType& type, std::string_view prefix);
bool has_field_metadata(const StructType& type, std::string_view prefix) {
  return std::any_of(type.fields.begin(), type.fields.end(), [&](const Field& field) {
    for (const auto& [key, value] : field.metadata) {
      if (key.starts_with(prefix)) return true;
    }
    return has_field_metadata(field.type, prefix);
  });
}
bool has_field_metadata(const DataType& type, std::string_view prefix) {
  if (const auto* array = type.as_array()) return has_field_metadata(array->element, prefix);
  if (const auto* map = type.as_map()) {
    return has_field_metadata(map->key, prefix) || has_field_metadata(map->value, prefix);
  }
  return type.as_struct() != nullptr && has_field_metadata(*type.as_struct(), prefix);
}

// What makes a table use a feature that it has; of those alone kIfUnused may be said.
struct Usage {
  std::string_view feature;
  std::string_view field_metadata;  // the start of a key, or empty
  std::string_view property;        // the start of a key, or empty
};
constexpr Usage kUsages[] = {{"invariants", "delta.invariants", ""},
                             {"checkConstraints", "", "delta.constraints."},
                             {"generatedColumns", "delta.generationExpression", ""},
                             {"identityColumns", "delta.identity.", ""},
                             {"allowColumnDefaults", "CURRENT_DEFAULT", ""}};

// Says what uses the feature; empty if nothing does.
std::string used_by(std::string_view feature, const Metadata& metadata, const Schema& schema) {
  for (const Usage& usage : kUsages) {
    if (usage.feature != feature) continue;
    if (!usage.field_metadata.empty()) {
      if (!has_field_metadata(schema, usage.field_metadata)) return {};
      return "a column uses it (" + std::string(usage.field_metadata) +
             "), and rows written so are not checked; INSERT and MERGE do";
    }
    const auto property = metadata.configuration.lower_bound(std::string(usage.property));
    const bool used =
        property != metadata.configuration.end() && property->first.starts_with(usage.property);
    if (!used) return {};
    return "the table uses it (" + property->first +
           "), and rows written so are not checked; INSERT and MERGE do";
  }
  return "we cannot tell whether the table uses it";
}

std::string_view verb(Use use) {
  switch (use) {
    case Use::kRead:
      return "read";
    case Use::kAppend:
      return "written";
    case Use::kInsert:
      return "written";
    case Use::kChange:
      return "changed row by row";
    case Use::kMaintain:
      return "rearranged";
    case Use::kDefine:
      return "altered";
  }
  return "used";
}

Error refuse(Use use, std::string_view feature, std::string_view why) {
  return {Fault::kInvalidInput,
          "the table cannot be " + std::string(verb(use)) + ": it has the feature '" +
              std::string(feature) + "', and " + std::string(why),
          "", "use an engine that supports the feature, or turn the feature off in the table"};
}

Error unknown_version(Use use, std::string_view kind, int version, int known) {
  return {Fault::kInvalidInput,
          "the table cannot be " + std::string(verb(use)) + ": it demands " + std::string(kind) +
              " version " + std::to_string(version) + " and we know up to " + std::to_string(known),
          "", "use a newer release"};
}

bool names(const std::vector<std::string>& features, std::string_view name) {
  return std::find(features.begin(), features.end(), name) != features.end();
}

}  // namespace

Stand FeatureInfo::stand(Use use) const {
  switch (use) {
    case Use::kRead:
      return read;
    case Use::kAppend:
      return append;
    case Use::kInsert:  // what stands against rows that nobody checked does not against these
      return append == kIfUnused ? change : append;
    case Use::kChange:
      return change;
    case Use::kMaintain:
      return maintain;
    case Use::kDefine:
      return append == kIfUnused ? kYes : append;
  }
  return kNo;
}

const FeatureInfo* find_feature(std::string_view name) {
  const auto* found = std::find_if(std::begin(kFeatures), std::end(kFeatures),
                                   [&](const FeatureInfo& known) { return known.name == name; });
  return found == std::end(kFeatures) ? nullptr : found;
}

bool has_feature(const Protocol& protocol, std::string_view name) {
  if (protocol.min_writer_version >= 7) return names(protocol.writer_features, name);
  const FeatureInfo* feature = find_feature(name);
  return feature != nullptr && feature->legacy_writer > 0 &&
         feature->legacy_writer <= protocol.min_writer_version;
}

std::vector<std::string> features_in_use(const Schema& schema,
                                         const std::map<std::string, std::string>& properties) {
  std::vector<std::string> out;
  for (const Usage& usage : kUsages) {
    const auto property = properties.lower_bound(std::string(usage.property));
    const bool used =
        usage.field_metadata.empty()
            ? property != properties.end() && property->first.starts_with(usage.property)
            : has_field_metadata(schema, usage.field_metadata);
    if (used) out.emplace_back(usage.feature);
  }
  return out;
}

std::vector<std::string> features_of_readers(int min_reader_version) {
  std::vector<std::string> out;
  for (const FeatureInfo& known : kFeatures) {
    const bool old = known.legacy_reader > 0 && known.legacy_reader <= min_reader_version;
    if (old && min_reader_version < 3) out.emplace_back(known.name);
  }
  return out;
}

std::vector<std::string> features_of_writers(int min_writer_version) {
  std::vector<std::string> out;
  for (const FeatureInfo& known : kFeatures) {
    const bool old = known.legacy_writer > 0 && known.legacy_writer <= min_writer_version;
    if (old && min_writer_version < 7) out.emplace_back(known.name);
  }
  return out;
}

Done check_readable(const Protocol& protocol, const Metadata& metadata) {
  if (protocol.min_reader_version > 3) {
    return unknown_version(Use::kRead, "reader", protocol.min_reader_version, 3);
  }
  for (const std::string& name : protocol.reader_features) {
    const FeatureInfo* feature = find_feature(name);
    if (feature == nullptr || feature->stand(Use::kRead) != kYes) {
      return refuse(Use::kRead, name, "this release does not know how to read it");
    }
  }
  if (metadata.format_provider != "parquet") {
    return Error{Fault::kInvalidInput,
                 "the table cannot be read: its files are of the format '" +
                     metadata.format_provider + "', and we read Parquet",
                 "", "use the engine that wrote them, or write the rows anew as Parquet"};
  }
  return done();
}

Done check_writable(const Protocol& protocol, const Metadata& metadata, const Schema& schema,
                    Use use) {
  TRY_DONE(check_readable(protocol, metadata));
  if (protocol.min_writer_version > 7) {
    return unknown_version(use, "writer", protocol.min_writer_version, 7);
  }
  for (const std::string& name : protocol.writer_features) {
    if (find_feature(name) == nullptr) {
      return refuse(use, name, "this release does not know how to write it");
    }
  }
  for (const FeatureInfo& feature : kFeatures) {
    if (!has_feature(protocol, feature.name)) continue;
    if (feature.stand(use) == kNo) {
      return refuse(use, feature.name, "this release does not know how to write it");
    }
    if (feature.stand(use) == kIfUnused) {
      const std::string why = used_by(feature.name, metadata, schema);
      if (!why.empty()) return refuse(use, feature.name, why);
    }
    if (!feature.required.empty() && !has_feature(protocol, feature.required)) {
      return refuse(
          use, feature.name,
          "lacks the feature '" + std::string(feature.required) + "' which that requires");
    }
  }
  return done();
}

}  // namespace claimlake::delta
