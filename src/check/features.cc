#include "check/features.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "base/text.h"
#include "check/table_schema.h"

namespace claimlake::check {
namespace {

// PROTOCOL.md, "Valid Feature Names in Table Features" and the sections of the features; versions
// from "Writer Version Requirements" and "Reader Version Requirements".
struct Feature {
  std::string_view name;
  bool of_readers = false;
  int reader_version = 0;  // from which on the version alone stands for it; 0: never
  int writer_version = 0;
  std::string_view needs = {};
};
constexpr std::array kFeatures = {
    Feature{"appendOnly", false, 0, 2},
    Feature{"invariants", false, 0, 2},
    Feature{"checkConstraints", false, 0, 3},
    Feature{"changeDataFeed", false, 0, 4},
    Feature{"generatedColumns", false, 0, 4},
    Feature{"columnMapping", true, 2, 5},
    Feature{"identityColumns", false, 0, 6},
    Feature{"allowColumnDefaults"},
    Feature{"deletionVectors", true},
    Feature{"rowTracking", false, 0, 0, "domainMetadata"},
    Feature{"timestampNtz", true},
    Feature{"domainMetadata"},
    Feature{"v2Checkpoint", true},
    Feature{"catalogManaged", true, 0, 0, "inCommitTimestamp"},
    Feature{"catalogOwned-preview", true},
    Feature{"icebergCompatV1", false, 0, 0, "columnMapping"},
    Feature{"icebergCompatV2", false, 0, 0, "columnMapping"},
    Feature{"icebergCompatV3", false, 0, 0, "columnMapping"},
    Feature{"icebergWriterCompatV1"},
    Feature{"icebergWriterCompatV3"},
    Feature{"clustering", false, 0, 0, "domainMetadata"},
    Feature{"vacuumProtocolCheck", true},
    Feature{"inCommitTimestamp"},
    Feature{"typeWidening", true},
    Feature{"typeWidening-preview", true},
    Feature{"variantType", true},
    Feature{"variantType-preview", true},
    Feature{"variantShredding", true},
    Feature{"variantShredding-preview", true},
    Feature{"checkpointProtection"},
    Feature{"materializePartitionColumns"},
};

// Properties that are "true" where a feature is in use.
constexpr std::array<std::pair<std::string_view, std::string_view>, 10> kSwitches = {
    {{"delta.appendOnly", "appendOnly"},
     {"delta.enableChangeDataFeed", "changeDataFeed"},
     {"delta.enableDeletionVectors", "deletionVectors"},
     {"delta.enableRowTracking", "rowTracking"},
     {"delta.enableInCommitTimestamps", "inCommitTimestamp"},
     {"delta.enableTypeWidening", "typeWidening"},
     {"delta.enableIcebergCompatV1", "icebergCompatV1"},
     {"delta.enableIcebergCompatV2", "icebergCompatV2"},
     {"delta.enableIcebergCompatV3", "icebergCompatV3"},
     {"delta.enableVariantShredding", "variantShredding"}}};

const Feature* find(std::string_view name) {
  const auto found = std::ranges::find(kFeatures, name, &Feature::name);
  return found == kFeatures.end() ? nullptr : &*found;
}

std::set<std::string> list_of(const Json& protocol, const char* name) {
  std::set<std::string> out;
  if (const Json* list = member(protocol, name)) {
    for (const Json& one : *list) out.insert(one.get<std::string>());
  }
  return out;
}

struct Declared {
  explicit Declared(const Json& protocol)
      : reader(number_of(protocol, "minReaderVersion").value_or(0)),
        writer(number_of(protocol, "minWriterVersion").value_or(0)),
        reader_list(list_of(protocol, "readerFeatures")),
        writer_list(list_of(protocol, "writerFeatures")) {}

  bool for_readers(const std::string& name, const Feature& feature) const {
    if (!feature.of_readers) return true;
    if (reader >= 3) return reader_list.contains(name);
    return feature.reader_version > 0 && reader >= feature.reader_version;
  }
  bool for_writers(const std::string& name, const Feature& feature) const {
    if (writer >= 7) return writer_list.contains(name);
    return feature.writer_version > 0 && writer >= feature.writer_version;
  }

  std::int64_t reader;
  std::int64_t writer;
  std::set<std::string> reader_list;
  std::set<std::string> writer_list;
};

void check_versions(const Declared& declared, const Json& protocol, const std::string& where,
                    Findings& findings) {
  const auto wrong = [&](std::string seen) {
    findings.add(Rule::kFeatureList, where, std::move(seen));
  };
  if (declared.reader < 1 || declared.writer < 1) {
    wrong(fmt::format("reader version {} and writer version {}", declared.reader, declared.writer));
  }
  if (declared.reader > 3 || declared.writer > 7) {
    findings.add(Rule::kFeatureUnknown, where,
                 fmt::format("reader version {} and writer version {}: later than the protocol's "
                             "3 and 7",
                             declared.reader, declared.writer));
  }
  if (declared.reader == 3 && declared.writer != 7) {
    wrong(fmt::format("reader version 3 with writer version {}", declared.writer));
  }
  const bool reader_list = member(protocol, "readerFeatures") != nullptr;
  const bool writer_list = member(protocol, "writerFeatures") != nullptr;
  if (declared.reader < 3 && !declared.reader_list.empty()) {
    wrong(fmt::format("readerFeatures beside reader version {}", declared.reader));
  }
  if (declared.writer < 7 && !declared.writer_list.empty()) {
    wrong(fmt::format("writerFeatures beside writer version {}", declared.writer));
  }
  if (declared.reader == 3 && !reader_list) wrong("reader version 3 without readerFeatures");
  if (declared.writer == 7 && !writer_list) wrong("writer version 7 without writerFeatures");
}

}  // namespace

std::set<std::string> features_of_properties(const Json& metadata) {
  std::set<std::string> out;
  for (const auto& [key, feature] : kSwitches) {
    if (to_lower(property(metadata, key)) == "true") out.emplace(feature);
  }
  const std::string mode = to_lower(property(metadata, "delta.columnMapping.mode"));
  if (mode == "name" || mode == "id") out.insert("columnMapping");
  if (property(metadata, "delta.checkpointPolicy") == "v2") out.insert("v2Checkpoint");
  if (const Json* all = member(metadata, "configuration")) {
    for (const auto& [key, value] : all->items()) {
      if (key.starts_with("delta.constraints.")) out.insert("checkConstraints");
    }
  }
  return out;
}

bool declares(const Json& protocol, const std::string& name) {
  const Feature* feature = find(name);
  if (feature == nullptr) return true;
  const Declared declared(protocol);
  if (declared.for_readers(name, *feature) && declared.for_writers(name, *feature)) return true;
  // A feature may have been tried out under a name of its own.
  return find(name + "-preview") != nullptr && declares(protocol, name + "-preview");
}

void check_protocol(const Json& protocol, const std::string& where, Findings& findings) {
  const Declared declared(protocol);
  check_versions(declared, protocol, where, findings);
  for (const std::string& name : declared.reader_list) {
    if (!declared.writer_list.contains(name)) {
      findings.add(Rule::kFeatureList, where,
                   fmt::format("'{}' is in readerFeatures and not in writerFeatures", name));
    }
  }
  for (const std::string& name : declared.writer_list) {
    const Feature* feature = find(name);
    if (feature == nullptr) {
      findings.add(Rule::kFeatureUnknown, where, fmt::format("the feature '{}'", name));
      continue;
    }
    if (!declared.for_readers(name, *feature)) {
      findings.add(Rule::kFeatureList, where,
                   fmt::format("'{}' is in writerFeatures and not in readerFeatures", name));
    }
    const std::string needs(feature->needs);
    if (!needs.empty() && !declares(protocol, needs)) {
      findings.add(Rule::kFeatureRequires, where, fmt::format("'{}' without '{}'", name, needs));
    }
  }
}

}  // namespace claimlake::check
