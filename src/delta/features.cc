#include "delta/features.h"

#include <algorithm>
#include <functional>

#include "delta/properties.h"

namespace claimlake::delta {
namespace {

struct Table {
  const Metadata& metadata;
  const Schema& schema;
};

// Says why a table that has the feature must not be written by us; empty if it may be.
using WriteRule = std::function<std::string(const Table&)>;

std::string always(const Table&) { return {}; }

bool has_field_metadata(const StructType& type, std::string_view prefix) {
  return std::any_of(type.fields.begin(), type.fields.end(), [&](const Field& field) {
    for (const auto& [key, value] : field.metadata) {
      if (key.starts_with(prefix)) return true;
    }
    const DataType* inner = &field.type;
    while (inner->as_array() != nullptr) inner = &inner->as_array()->element;
    return inner->as_struct() != nullptr && has_field_metadata(*inner->as_struct(), prefix);
  });
}

WriteRule no_field_has(std::string_view key) {
  return [key](const Table& table) -> std::string {
    if (!has_field_metadata(table.schema, key)) return {};
    return "a column uses it (" + std::string(key) + "), and we do not enforce it";
  };
}

WriteRule no_property(std::string_view prefix) {
  return [prefix](const Table& table) -> std::string {
    const auto property = table.metadata.configuration.lower_bound(std::string(prefix));
    if (property == table.metadata.configuration.end() || !property->first.starts_with(prefix)) {
      return {};
    }
    return "the table uses it (" + property->first + "), and we do not enforce it";
  };
}

std::string no_column_mapping(const Table& table) {
  if (read_properties(table.metadata.configuration).column_mapping == "none") return {};
  return "its columns are stored under other names (delta.columnMapping.mode)";
}

struct Feature {
  std::string_view name;
  int legacy_writer;  // implied by this minWriterVersion and those up to 6; 0: by none
  WriteRule may_write;
};

// Removing a file and adding another is a valid change feed by itself, so changeDataFeed asks
// nothing of a writer that replaces whole files.
const std::vector<Feature>& features() {
  static const std::vector<Feature> kFeatures = {
      {"appendOnly", 2, always},
      {"invariants", 2, no_field_has("delta.invariants")},
      {"checkConstraints", 3, no_property("delta.constraints.")},
      {"changeDataFeed", 4, always},
      {"generatedColumns", 4, no_field_has("delta.generationExpression")},
      {"columnMapping", 5, no_column_mapping},
      {"identityColumns", 6, no_field_has("delta.identity.")},
      {"allowColumnDefaults", 0, no_field_has("CURRENT_DEFAULT")},
      {"domainMetadata", 0, always},
      {"inCommitTimestamp", 0, always},
      {"timestampNtz", 0, always},
      {"vacuumProtocolCheck", 0, always},
      {"deletionVectors", 0, always},
      {"checkpointProtection", 0, always},
  };
  return kFeatures;
}

// What a table may ask of its readers and we do, or that asks nothing of them.
constexpr std::string_view kReadable[] = {
    "timestampNtz",     "vacuumProtocolCheck",     "columnMapping", "deletionVectors",
    "typeWidening",     "typeWidening-preview",    "variantType",   "variantType-preview",
    "variantShredding", "variantShredding-preview"};

Error refuse(std::string_view doing, std::string_view feature, std::string_view why) {
  return {Fault::kInvalidInput,
          "the table cannot be " + std::string(doing) + ": it has the feature '" +
              std::string(feature) + "', and " + std::string(why),
          "", "use an engine that supports the feature, or turn the feature off in the table"};
}

}  // namespace

Done check_readable(const Protocol& protocol, const Metadata&) {
  if (protocol.min_reader_version > 3) {
    return Error{Fault::kInvalidInput,
                 "the table cannot be read: it demands reader version " +
                     std::to_string(protocol.min_reader_version) + " and we know up to 3",
                 "", "use a newer release"};
  }
  for (const std::string& feature : protocol.reader_features) {
    if (std::find(std::begin(kReadable), std::end(kReadable), feature) == std::end(kReadable)) {
      return refuse("read", feature, "this release does not know how to read it");
    }
  }
  return done();
}

Done check_writable(const Protocol& protocol, const Metadata& metadata, const Schema& schema) {
  TRY_DONE(check_readable(protocol, metadata));
  if (protocol.min_writer_version > 7) {
    return Error{Fault::kInvalidInput,
                 "the table cannot be written: it demands writer version " +
                     std::to_string(protocol.min_writer_version) + " and we know up to 7",
                 "", "use a newer release"};
  }
  const Table table{metadata, schema};
  const auto check = [&](const Feature& feature) -> Done {
    if (const std::string why = feature.may_write(table); !why.empty()) {
      return refuse("written", feature.name, why);
    }
    return done();
  };
  for (const Feature& feature : features()) {
    const bool legacy = protocol.min_writer_version < 7 && feature.legacy_writer > 0 &&
                        feature.legacy_writer <= protocol.min_writer_version;
    if (!legacy) continue;
    TRY_DONE(check(feature));
  }
  for (const std::string& name : protocol.writer_features) {
    const auto feature = std::find_if(features().begin(), features().end(),
                                      [&](const Feature& known) { return known.name == name; });
    if (feature == features().end()) {
      return refuse("written", name, "this release does not know how to write it");
    }
    TRY_DONE(check(*feature));
  }
  return done();
}

}  // namespace claimlake::delta
