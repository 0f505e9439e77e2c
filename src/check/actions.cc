#include "check/actions.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <span>
#include <vector>

namespace claimlake::check {
namespace {

enum class Type { kText, kNumber, kFlag, kTexts, kTextMap, kObject };

struct FieldRule {
  std::string_view name;
  Type type;
  bool required = true;
};

// From the tables of the protocol's section "Actions". Of what may be absent, only the members
// that this check goes on to read.
constexpr std::array kAdd = {FieldRule{"path", Type::kText},
                             FieldRule{"partitionValues", Type::kTextMap},
                             FieldRule{"size", Type::kNumber},
                             FieldRule{"modificationTime", Type::kNumber},
                             FieldRule{"dataChange", Type::kFlag},
                             FieldRule{"stats", Type::kText, false},
                             FieldRule{"tags", Type::kTextMap, false},
                             FieldRule{"deletionVector", Type::kObject, false},
                             FieldRule{"baseRowId", Type::kNumber, false},
                             FieldRule{"defaultRowCommitVersion", Type::kNumber, false}};
constexpr std::array kRemove = {FieldRule{"path", Type::kText},
                                FieldRule{"dataChange", Type::kFlag},
                                FieldRule{"deletionTimestamp", Type::kNumber, false},
                                FieldRule{"partitionValues", Type::kTextMap, false},
                                FieldRule{"size", Type::kNumber, false},
                                FieldRule{"deletionVector", Type::kObject, false}};
constexpr std::array kCdc = {
    FieldRule{"path", Type::kText}, FieldRule{"partitionValues", Type::kTextMap},
    FieldRule{"size", Type::kNumber}, FieldRule{"dataChange", Type::kFlag}};
constexpr std::array kMetadata = {FieldRule{"id", Type::kText}, FieldRule{"format", Type::kObject},
                                  FieldRule{"schemaString", Type::kText},
                                  FieldRule{"partitionColumns", Type::kTexts},
                                  FieldRule{"configuration", Type::kTextMap}};
constexpr std::array kProtocol = {FieldRule{"minReaderVersion", Type::kNumber},
                                  FieldRule{"minWriterVersion", Type::kNumber},
                                  FieldRule{"readerFeatures", Type::kTexts, false},
                                  FieldRule{"writerFeatures", Type::kTexts, false}};
constexpr std::array kTxn = {FieldRule{"appId", Type::kText}, FieldRule{"version", Type::kNumber},
                             FieldRule{"lastUpdated", Type::kNumber, false}};
constexpr std::array kDomain = {FieldRule{"domain", Type::kText},
                                FieldRule{"configuration", Type::kText},
                                FieldRule{"removed", Type::kFlag}};
constexpr std::array kSidecar = {FieldRule{"path", Type::kText},
                                 FieldRule{"sizeInBytes", Type::kNumber},
                                 FieldRule{"modificationTime", Type::kNumber}};
constexpr std::array kHeader = {FieldRule{"version", Type::kNumber}};
constexpr std::array kVector = {
    FieldRule{"storageType", Type::kText}, FieldRule{"pathOrInlineDv", Type::kText},
    FieldRule{"offset", Type::kNumber, false}, FieldRule{"sizeInBytes", Type::kNumber},
    FieldRule{"cardinality", Type::kNumber}};

struct KindRule {
  std::string_view name;
  bool in_commit;
  bool in_checkpoint;
  std::span<const FieldRule> fields;
};
constexpr std::array kKinds = {KindRule{"add", true, true, kAdd},
                               KindRule{"remove", true, true, kRemove},
                               KindRule{"cdc", true, false, kCdc},
                               KindRule{"metaData", true, true, kMetadata},
                               KindRule{"protocol", true, true, kProtocol},
                               KindRule{"txn", true, true, kTxn},
                               KindRule{"domainMetadata", true, true, kDomain},
                               KindRule{"commitInfo", true, false, {}},
                               KindRule{"sidecar", false, true, kSidecar},
                               KindRule{"checkpointMetadata", false, true, kHeader}};

const KindRule* kind_of(std::string_view name) {
  const auto found = std::ranges::find(kKinds, name, &KindRule::name);
  return found == kKinds.end() ? nullptr : &*found;
}

bool has_type(const Json& value, Type type) {
  const auto is_text = [](const Json& one) { return one.is_string(); };
  switch (type) {
    case Type::kText:
      return value.is_string();
    case Type::kNumber:
      return value.is_number_integer();
    case Type::kFlag:
      return value.is_boolean();
    case Type::kObject:
      return value.is_object();
    case Type::kTexts:
      return value.is_array() && std::ranges::all_of(value, is_text);
    case Type::kTextMap:
      return value.is_object() && std::ranges::all_of(value, [](const Json& one) {
               return one.is_string() || one.is_null();
             });
  }
  return false;
}

const char* type_name(Type type) {
  switch (type) {
    case Type::kText:
      return "a text";
    case Type::kNumber:
      return "a whole number";
    case Type::kFlag:
      return "true or false";
    case Type::kObject:
      return "an object";
    case Type::kTexts:
      return "a list of texts";
    case Type::kTextMap:
      return "an object of texts";
  }
  return "";
}

// What is wrong with the members of `body`; "" if nothing.
std::string problem_of(const Json& body, std::span<const FieldRule> fields) {
  for (const FieldRule& field : fields) {
    const Json* value = member(body, field.name);
    if (value == nullptr) {
      if (field.required) return fmt::format("it has no '{}'", field.name);
    } else if (!has_type(*value, field.type)) {
      return fmt::format("its '{}' is not {}", field.name, type_name(field.type));
    }
  }
  return "";
}

std::map<std::string, std::optional<std::string>> values_of(const Json& body) {
  std::map<std::string, std::optional<std::string>> out;
  const Json* values = member(body, "partitionValues");
  if (values == nullptr) return out;
  for (const auto& [column, value] : values->items()) {
    out[column] = value.is_string() ? std::optional(value.get<std::string>()) : std::nullopt;
  }
  return out;
}

// -1, which no vector has, if the number does not fit.
std::int32_t int_of(const Json& object, std::string_view name) {
  const auto number = number_of(object, name);
  return number && *number >= 0 && *number <= INT32_MAX ? static_cast<std::int32_t>(*number) : -1;
}

std::optional<delta::DeletionVector> vector_of(const Json& body) {
  const Json* vector = member(body, "deletionVector");
  if (vector == nullptr) return std::nullopt;
  delta::DeletionVector out;
  out.storage_type = text_of(*vector, "storageType").value_or("");
  out.path_or_inline = text_of(*vector, "pathOrInlineDv").value_or("");
  if (member(*vector, "offset") != nullptr) out.offset = int_of(*vector, "offset");
  out.size_in_bytes = int_of(*vector, "sizeInBytes");
  out.cardinality = number_of(*vector, "cardinality").value_or(-1);
  return out;
}

}  // namespace

std::optional<RawAction> read_line(std::string_view line, const std::string& where, Place place,
                                   Findings& findings) {
  auto json = parse_json(line);
  if (!json || !json->is_object()) {
    findings.add(
        Rule::kLogLine, where,
        fmt::format("{} bytes that are no JSON object, or one that is cut short", line.size()));
    return std::nullopt;
  }
  std::vector<std::string> kinds;
  for (const auto& [kind, body] : json->items()) {
    if (!body.is_null()) kinds.push_back(kind);
  }
  if (kinds.size() != 1 || !(*json)[kinds.front()].is_object()) {
    findings.add(Rule::kLogAction, where, fmt::format("{} actions in one line", kinds.size()));
    return std::nullopt;
  }
  if (!check_kind(kinds.front(), where, place, findings)) return std::nullopt;
  return RawAction{kinds.front(), std::move((*json)[kinds.front()])};
}

bool check_kind(const std::string& name, const std::string& where, Place place,
                Findings& findings) {
  const KindRule* kind = kind_of(name);
  if (kind == nullptr) {
    findings.add(Rule::kLogActionUnknown, where, fmt::format("an action '{}'", name));
    return false;
  }
  if (place == Place::kCommit && !kind->in_commit) {
    findings.add(Rule::kCheckpointAction, where, fmt::format("a {} in a commit", name));
    return false;
  }
  if (place == Place::kCheckpoint && !kind->in_checkpoint) {
    findings.add(Rule::kCheckpointRow, where, fmt::format("a {} in a checkpoint", name));
    return false;
  }
  return true;
}

bool check_fields(const RawAction& action, const std::string& where, Findings& findings) {
  std::string problem = problem_of(action.body, kind_of(action.kind)->fields);
  const Json* vector = member(action.body, "deletionVector");
  if (problem.empty() && vector != nullptr) {
    if (const std::string of_vector = problem_of(*vector, kVector); !of_vector.empty()) {
      problem = "deletionVector: " + of_vector;
    }
  }
  if (problem.empty()) return true;
  findings.add(Rule::kActionField, where, fmt::format("{}: {}", action.kind, problem));
  return false;
}

delta::AddFile add_of(const Json& body) {
  delta::AddFile out;
  out.path = text_of(body, "path").value_or("");
  out.partition_values = values_of(body);
  out.size = number_of(body, "size").value_or(0);
  out.modification_time_ms = number_of(body, "modificationTime").value_or(0);
  out.data_change = flag_of(body, "dataChange").value_or(true);
  out.stats_json = text_of(body, "stats").value_or("");
  out.deletion_vector = vector_of(body);
  out.base_row_id = number_of(body, "baseRowId");
  out.default_row_commit_version = number_of(body, "defaultRowCommitVersion");
  out.clustering_provider = text_of(body, "clusteringProvider").value_or("");
  if (const Json* tags = member(body, "tags"); tags != nullptr && tags->is_object()) {
    for (const auto& [name, value] : tags->items()) {
      if (value.is_string()) out.tags[name] = value.get<std::string>();
    }
  }
  return out;
}

delta::RemoveFile remove_of(const Json& body) {
  delta::RemoveFile out;
  out.path = text_of(body, "path").value_or("");
  out.deletion_timestamp_ms = number_of(body, "deletionTimestamp");
  out.data_change = flag_of(body, "dataChange").value_or(true);
  out.partition_values = values_of(body);
  out.size = number_of(body, "size");
  out.deletion_vector = vector_of(body);
  return out;
}

delta::CdcFile cdc_of(const Json& body) {
  return {text_of(body, "path").value_or(""), values_of(body), number_of(body, "size").value_or(0)};
}

}  // namespace claimlake::check
