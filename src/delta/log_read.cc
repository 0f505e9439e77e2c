// Lines of a commit file to actions. A commit may hold a hundred thousand files, so lines are
// parsed in place: the text is given the padding that simdjson wants once, for all lines.
#include <simdjson.h>

#include <charconv>

#include "delta/json_fields.h"
#include "delta/log_json.h"

namespace claimlake::delta {
namespace {

std::optional<DeletionVector> read_deletion_vector(JsonFields& parent) {
  const auto object = parent.object("deletionVector");
  if (!object) return std::nullopt;
  JsonFields json(*object);
  DeletionVector out;
  out.storage_type = json.required_text("storageType");
  out.path_or_inline = json.required_text("pathOrInlineDv");
  if (const auto offset = json.number("offset")) out.offset = static_cast<std::int32_t>(*offset);
  out.size_in_bytes = static_cast<std::int32_t>(json.required_number("sizeInBytes"));
  out.cardinality = json.required_number("cardinality");
  if (!json.problem().empty()) parent.report("deletionVector: " + json.problem());
  return out;
}

// Files are what a long log is made of, so their members are read in one pass.
Action read_add(JsonFields& json) {
  AddFile out;
  bool has_path = false;
  for (const auto [key, value] : json.members()) {
    if (value.is_null()) continue;
    if (key == "path") {
      has_path = json.take(key, value, out.path);
    } else if (key == "partitionValues") {
      json.take(key, value, out.partition_values);
    } else if (key == "size") {
      json.take(key, value, out.size);
    } else if (key == "modificationTime") {
      json.take(key, value, out.modification_time_ms);
    } else if (key == "dataChange") {
      json.take(key, value, out.data_change);
    } else if (key == "stats") {
      json.take(key, value, out.stats_json);
    } else if (key == "tags") {
      out.tags = json.text_map("tags");
    } else if (key == "deletionVector") {
      out.deletion_vector = read_deletion_vector(json);
    } else if (key == "baseRowId") {
      out.base_row_id = json.number("baseRowId");
    } else if (key == "defaultRowCommitVersion") {
      out.default_row_commit_version = json.number("defaultRowCommitVersion");
    } else if (key == "clusteringProvider") {
      json.take(key, value, out.clustering_provider);
    }
  }
  if (!has_path) json.report("member 'path' is missing");
  return out;
}

Action read_remove(JsonFields& json) {
  RemoveFile out;
  out.path = json.required_text("path");
  out.deletion_timestamp_ms = json.number("deletionTimestamp");
  out.data_change = json.boolean("dataChange", true);
  out.partition_values = json.nullable_text_map("partitionValues");
  out.extended_file_metadata = json.boolean("extendedFileMetadata", false);
  out.size = json.number("size");
  out.deletion_vector = read_deletion_vector(json);
  out.tags = json.text_map("tags");
  out.base_row_id = json.number("baseRowId");
  out.default_row_commit_version = json.number("defaultRowCommitVersion");
  return out;
}

Action read_metadata(JsonFields& json) {
  Metadata out;
  out.id = json.required_text("id");
  out.name = json.text("name");
  out.description = json.text("description");
  out.schema_json = json.text("schemaString");  // absent in tables that never had a column
  out.partition_columns = json.texts("partitionColumns");
  out.configuration = json.text_map("configuration");
  out.created_time_ms = json.number("createdTime");
  if (const auto format = json.object("format")) {
    JsonFields fields(*format);
    const std::string provider = fields.text("provider");
    if (!provider.empty()) out.format_provider = provider;
    out.format_options = fields.text_map("options");
    if (!fields.problem().empty()) json.report("format: " + fields.problem());
  }
  return out;
}

Action read_protocol(JsonFields& json) {
  Protocol out;
  out.min_reader_version = static_cast<int>(json.required_number("minReaderVersion"));
  out.min_writer_version = static_cast<int>(json.required_number("minWriterVersion"));
  out.reader_features = json.texts("readerFeatures");
  out.writer_features = json.texts("writerFeatures");
  return out;
}

Action read_txn(JsonFields& json) {
  return Txn{json.required_text("appId"), json.required_number("version"),
             json.number("lastUpdated")};
}

Action read_domain(JsonFields& json) {
  return DomainMetadata{json.required_text("domain"), json.text("configuration"),
                        json.boolean("removed", false)};
}

// What others put here is free; only what can be read as ours is taken, nothing is an error.
Action read_commit_info(JsonFields& json) {
  CommitInfo out;
  out.timestamp_ms = json.number("timestamp").value_or(0);
  out.operation = json.text("operation");
  out.parameters = json.json_map("operationParameters");
  out.metrics = json.plain_map("operationMetrics");
  out.user = json.text("userName");
  if (const auto ours = json.object("claimlake")) out.run = JsonFields(*ours).text("run");
  out.read_version = json.number("readVersion");
  out.is_blind_append = json.boolean("isBlindAppend", false);
  out.txn_id = json.text("txnId");
  out.in_commit_timestamp_ms = json.number("inCommitTimestamp");
  out.engine_info = json.text("engineInfo");
  return out;
}

Action read_cdc(JsonFields& json) {
  return CdcFile{json.required_text("path"), json.nullable_text_map("partitionValues"),
                 json.number("size").value_or(0)};
}

Action read_sidecar(JsonFields& json) {
  return Sidecar{json.required_text("path"), json.number("sizeInBytes").value_or(0),
                 json.number("modificationTime").value_or(0)};
}

Action read_checkpoint_metadata(JsonFields& json) {
  return CheckpointMetadata{json.required_number("version")};
}

struct Kind {
  std::string_view name;
  Action (*read)(JsonFields&);
  bool lenient;
};
constexpr Kind kKinds[] = {{"add", read_add, false},
                           {"remove", read_remove, false},
                           {"commitInfo", read_commit_info, true},
                           {"txn", read_txn, false},
                           {"metaData", read_metadata, false},
                           {"protocol", read_protocol, false},
                           {"domainMetadata", read_domain, false},
                           {"cdc", read_cdc, false},
                           {"sidecar", read_sidecar, false},
                           {"checkpointMetadata", read_checkpoint_metadata, false}};

// The action of one line, absent if its kind is not known. An empty `problem` means success.
std::optional<Action> read_line(simdjson::dom::element line, std::string& problem) {
  simdjson::dom::object object;
  if (line.get(object)) {
    problem = "it is not a JSON object";
    return std::nullopt;
  }
  for (const auto [key, value] : object) {
    for (const Kind& kind : kKinds) {
      if (kind.name != key || value.is_null()) continue;
      simdjson::dom::object body;
      if (value.get(body)) {
        problem = "action '" + std::string(key) + "' is not an object";
        return std::nullopt;
      }
      JsonFields fields(body);
      Action action = kind.read(fields);
      if (!kind.lenient && !fields.problem().empty()) {
        problem = "action '" + std::string(key) + "': " + fields.problem();
        return std::nullopt;
      }
      return action;
    }
  }
  return std::nullopt;
}

// Calls `use` with each line until it returns false.
template <class Use>
Done for_each_line(std::string& bytes, std::string_view place, Use&& use) {
  bytes.reserve(bytes.size() + simdjson::SIMDJSON_PADDING);
  simdjson::dom::parser parser;
  std::size_t number = 0;
  int protocols = 0;
  int schemas = 0;
  for (std::size_t start = 0; start < bytes.size();) {
    std::size_t end = bytes.find('\n', start);
    if (end == std::string::npos) end = bytes.size();
    const std::string_view line(bytes.data() + start, end - start);
    start = end + 1;
    ++number;
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    const auto broken = [&](std::string_view why) {
      return Error{Fault::kCorrupt, "the table's log is damaged: " + std::string(why),
                   std::string(place) + ":" + std::to_string(number),
                   "restore this file from a copy; no other version of the log can replace it"};
    };
    simdjson::dom::element json;
    if (const auto error = parser.parse(line.data(), line.size(), false).get(json)) {
      return broken(simdjson::error_message(error));
    }
    std::string problem;
    std::optional<Action> action = read_line(json, problem);
    if (!problem.empty()) return broken(problem);
    // Which of two holds is not said, and they may disagree about what a reader must know.
    if (action && std::holds_alternative<Protocol>(*action) && ++protocols > 1) {
      return broken("an entry has two protocols");
    }
    if (action && std::holds_alternative<Metadata>(*action) && ++schemas > 1) {
      return broken("an entry has two schemas (metaData)");
    }
    if (action && !use(std::move(*action))) break;
  }
  return done();
}

}  // namespace

Done parse_commit(std::string& bytes, std::string_view place, const ActionSink& sink) {
  return for_each_line(bytes, place, [&](Action&& action) {
    sink(std::move(action));
    return true;
  });
}

Result<std::vector<Action>> parse_commit(std::string& bytes, std::string_view place) {
  std::vector<Action> out;
  TRY_DONE(parse_commit(bytes, place, [&](Action&& action) { out.push_back(std::move(action)); }));
  return out;
}

Result<std::optional<CommitInfo>> parse_commit_info(std::string& bytes, std::string_view place) {
  std::optional<CommitInfo> out;
  TRY_DONE(for_each_line(bytes, place, [&](Action&& action) {
    if (auto* info = std::get_if<CommitInfo>(&action)) out = std::move(*info);
    return !out.has_value();
  }));
  return out;
}

std::optional<std::int64_t> num_records(std::string_view stats_json) {
  constexpr std::string_view kStart = R"({"numRecords":)";
  std::int64_t count = 0;
  if (stats_json.starts_with(kStart)) {  // as all known writers write it
    const char* first = stats_json.data() + kStart.size();
    const char* last = stats_json.data() + stats_json.size();
    while (first != last && *first == ' ') ++first;
    const auto read = std::from_chars(first, last, count);
    if (read.ec == std::errc() && read.ptr != last && (*read.ptr == ',' || *read.ptr == '}')) {
      return count;
    }
  }
  if (stats_json.empty()) return std::nullopt;
  simdjson::dom::parser parser;
  simdjson::dom::element json;
  if (parser.parse(stats_json.data(), stats_json.size(), true).get(json)) return std::nullopt;
  if (json["numRecords"].get(count)) return std::nullopt;
  return count;
}

}  // namespace claimlake::delta
