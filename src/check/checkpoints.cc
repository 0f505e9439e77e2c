#include "check/checkpoints.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <unordered_set>

#include "delta/partition_path.h"
#include "delta/properties.h"

namespace claimlake::check {
namespace {

// Values as the log means them: an empty text is null.
std::map<std::string, std::string> plain(const delta::PartitionValues& values) {
  std::map<std::string, std::string> out;
  for (const auto& [column, value] : values) out[column] = value.value_or("");
  return out;
}

bool same_stats(const std::string& a, const std::string& b) {
  if (a == b) return true;
  const auto left = parse_json(a);
  const auto right = parse_json(b);
  return left && right && same_json(*left, *right);
}

Json sorted_features(const Json& protocol, const char* name) {
  const Json* list = member(protocol, name);
  if (list == nullptr) return Json::array();
  Json out = *list;
  std::sort(out.begin(), out.end());
  return out;
}

// Compares what a checkpoint says with what the log says, action by action.
class Comparison {
 public:
  Comparison(const std::string& name, Timestamp written_at, const TableState& state,
             Findings& findings)
      : name_(name), written_at_(written_at), state_(state), findings_(findings) {}

  void take(const RawAction& action, const std::string& where) {
    if (action.kind == "add") add(add_of(action.body), where);
    if (action.kind == "remove") remove(remove_of(action.body), where);
    if (action.kind == "protocol") protocol(action.body);
    if (action.kind == "metaData") metadata(action.body);
    if (action.kind == "txn") transaction(action.body);
    if (action.kind == "domainMetadata") domain(action.body);
  }

  void finish() {
    if (protocols_ == 0) findings_.add(Rule::kProtocolMissing, name_, "no protocol");
    if (metadata_ == 0) findings_.add(Rule::kMetadataMissing, name_, "no metaData");
    if (files_.size() < state_.files.size()) {
      for (const auto& [path, file] : state_.files) {
        if (files_.contains(&file)) continue;
        findings_.add(Rule::kCheckpointFiles, name_, fmt::format("'{}' is missing", path));
      }
    }
    // Old transactions may be left out where the table says so.
    const bool expire =
        state_.metadata &&
        !property(*state_.metadata, "delta.setTransactionRetentionDuration").empty();
    for (const auto& [app, txn] : state_.transactions) {
      if (expire || transactions_.contains(app)) continue;
      findings_.add(Rule::kCheckpointTransactions, name_,
                    fmt::format("that of '{}' is missing", app));
    }
    check_removed();
    for (const auto& [domain, value] : state_.domains) {
      if (domains_.contains(domain)) continue;
      findings_.add(Rule::kCheckpointDomains, name_, fmt::format("'{}' is missing", domain));
    }
  }

 private:
  void add(const delta::AddFile& add, const std::string& where) {
    const std::string path = delta::decode_path(add.path);
    const auto live = state_.files.find(path);
    if (live == state_.files.end()) {
      findings_.add(Rule::kCheckpointFiles, where,
                    fmt::format("'{}' is in the checkpoint and not in the table", path));
      return;
    }
    if (!files_.insert(&live->second).second) {
      findings_.add(Rule::kCheckpointRow, where, fmt::format("'{}' stands there twice", path));
    }
    const std::string what = difference(live->second.add, add);
    if (!what.empty()) {
      findings_.add(Rule::kCheckpointFiles, where, fmt::format("'{}': {}", path, what));
    }
  }

  // Which files are old enough to be left out is decided when the checkpoint is written, by a clock
  // that need not be that of the store.
  void check_removed() {
    const Json* configuration =
        state_.metadata ? member(*state_.metadata, "configuration") : nullptr;
    std::map<std::string, std::string> properties;
    if (configuration != nullptr && configuration->is_object()) {
      for (const auto& [name, value] : configuration->items()) {
        if (value.is_string()) properties[name] = value.get<std::string>();
      }
    }
    const auto retention = delta::read_properties(properties).deleted_file_retention;
    const Timestamp since = written_at_ - retention + std::chrono::hours(1);
    const auto since_ms =
        std::chrono::floor<std::chrono::milliseconds>(since).time_since_epoch().count();
    for (const auto& [key, time] : state_.removed) {
      if (time <= since_ms || removed_.contains(key)) continue;
      findings_.add(Rule::kCheckpointTombstoneMissing, name_,
                    fmt::format("'{}' is missing", key.substr(0, key.find('\n'))));
    }
  }

  void remove(const delta::RemoveFile& remove, const std::string& where) {
    const std::string path = delta::decode_path(remove.path);
    removed_.insert(removed_key(path, vector_id(remove.deletion_vector)));
    const auto live = state_.files.find(path);
    if (live == state_.files.end()) return;
    if (vector_id(live->second.add.deletion_vector) != vector_id(remove.deletion_vector)) return;
    findings_.add(Rule::kCheckpointTombstone, where, fmt::format("'{}' is in the table", path));
  }

  void protocol(const Json& body) {
    if (++protocols_ > 1) findings_.add(Rule::kCheckpointRow, name_, "protocol stands there twice");
    if (state_.protocol && same_protocol(*state_.protocol, body)) return;
    findings_.add(Rule::kCheckpointProtocol, name_,
                  state_.protocol
                      ? fmt::format("{}, and the log says {}", body.dump(), state_.protocol->dump())
                      : "the log has none");
  }

  void metadata(const Json& body) {
    if (++metadata_ > 1) findings_.add(Rule::kCheckpointRow, name_, "metaData stands there twice");
    if (state_.metadata && same_metadata(*state_.metadata, body)) return;
    findings_.add(Rule::kCheckpointMetadata, name_, "other metadata than the log has");
  }

  void transaction(const Json& body) {
    const std::string app = text_of(body, "appId").value_or("");
    if (!transactions_.insert(app).second) {
      findings_.add(Rule::kCheckpointRow, name_, fmt::format("txn '{}' stands there twice", app));
    }
    const auto known = state_.transactions.find(app);
    const auto version = number_of(body, "version").value_or(0);
    const auto stated =
        known == state_.transactions.end() ? std::nullopt : number_of(known->second, "version");
    if (stated == version) return;
    findings_.add(Rule::kCheckpointTransactions, name_,
                  fmt::format("'{}' is at {}, and the log says {}", app, version,
                              stated ? std::to_string(*stated) : "nothing of it"));
  }

  void domain(const Json& body) {
    const std::string name = text_of(body, "domain").value_or("");
    domains_.insert(name);
    const auto known = state_.domains.find(name);
    const bool removed = flag_of(body, "removed").value_or(false);
    if (!removed && known != state_.domains.end() &&
        text_of(known->second, "configuration") == text_of(body, "configuration")) {
      return;
    }
    findings_.add(Rule::kCheckpointDomains, name_,
                  fmt::format("'{}' is {}", name, removed ? "a removed one" : "not as in the log"));
  }

  const std::string& name_;
  const Timestamp written_at_;
  const TableState& state_;
  Findings& findings_;
  std::unordered_set<std::string> removed_;
  std::unordered_set<const LiveFile*> files_;
  std::set<std::string> transactions_;
  std::set<std::string> domains_;
  int protocols_ = 0;
  int metadata_ = 0;
};

}  // namespace

std::string difference(const delta::AddFile& log, const delta::AddFile& other) {
  if (log.size != other.size) {
    return fmt::format("size {}, and the log says {}", other.size, log.size);
  }
  if (vector_id(log.deletion_vector) != vector_id(other.deletion_vector)) {
    return "another deletion vector than in the log";
  }
  if (log.deletion_vector &&
      (log.deletion_vector->size_in_bytes != other.deletion_vector->size_in_bytes ||
       log.deletion_vector->cardinality != other.deletion_vector->cardinality)) {
    return "its deletion vector has another size or cardinality than in the log";
  }
  if (plain(log.partition_values) != plain(other.partition_values)) {
    return "other partition values than in the log";
  }
  if (log.modification_time_ms != other.modification_time_ms) {
    return fmt::format("modificationTime {}, and the log says {}", other.modification_time_ms,
                       log.modification_time_ms);
  }
  if (log.base_row_id != other.base_row_id) return "another baseRowId than in the log";
  if (log.tags != other.tags) return "other tags than in the log";
  if (log.clustering_provider != other.clustering_provider) {
    return "another clusteringProvider than in the log";
  }
  // Statistics may be kept as columns only.
  if (!log.stats_json.empty() && !other.stats_json.empty() &&
      !same_stats(log.stats_json, other.stats_json)) {
    return "other statistics than in the log";
  }
  return "";
}

bool same_protocol(const Json& a, const Json& b) {
  for (const char* name : {"minReaderVersion", "minWriterVersion"}) {
    if (number_of(a, name) != number_of(b, name)) return false;
  }
  for (const char* name : {"readerFeatures", "writerFeatures"}) {
    if (sorted_features(a, name) != sorted_features(b, name)) return false;
  }
  return true;
}

bool same_metadata(const Json& a, const Json& b) {
  for (const char* name : {"id", "name", "description"}) {
    if (text_of(a, name) != text_of(b, name)) return false;
  }
  for (const char* name : {"partitionColumns", "configuration"}) {
    const Json* left = member(a, name);
    const Json* right = member(b, name);
    if (!same_json(left == nullptr ? Json() : *left, right == nullptr ? Json() : *right)) {
      return false;
    }
  }
  const auto left = parse_json(text_of(a, "schemaString").value_or(""));
  const auto right = parse_json(text_of(b, "schemaString").value_or(""));
  return left.has_value() == right.has_value() && (!left || same_json(*left, *right));
}

Result<bool> Checkpoints::read_file(const std::string& path, const Use& use) {
  if (path.ends_with(".json")) {
    TRY(const std::string text, store_.read(path));
    std::size_t number = 0;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = std::min(text.find('\n', at), text.size());
      const std::string where = fmt::format("{}:{}", path, ++number);
      const auto action = read_line(std::string_view(text).substr(at, end - at), where,
                                    Place::kCheckpoint, findings_);
      if (action && check_fields(*action, where, findings_)) use(*action, where);
      at = end + 1;
    }
    return true;
  }
  std::int64_t last_row = 0;
  TRY(const std::string problem,
      parquet_.each_value(path, [&](std::int64_t row, const std::string& kind, std::string json) {
        const std::string where = fmt::format("{}:{}", path, row);
        if (row == last_row) {
          findings_.add(Rule::kCheckpointRow, where, "several actions in one row");
        }
        last_row = row;
        auto body = parse_json(json);
        if (!body || !check_kind(kind, where, Place::kCheckpoint, findings_)) return;
        const RawAction action{kind, *std::move(body)};
        if (check_fields(action, where, findings_)) use(action, where);
      }));
  if (problem.empty()) return true;
  findings_.add(Rule::kCheckpointUnreadable, path, problem);
  return false;
}

// Sidecars lie in a folder of their own whatever path they are given, so only the name counts.
Result<bool> Checkpoints::read_sidecars(const std::vector<RawAction>& sidecars, const Use& use) {
  bool whole = true;
  for (const RawAction& sidecar : sidecars) {
    const std::string named = delta::decode_path(text_of(sidecar.body, "path").value_or(""));
    const std::string path = folder_.path + "/_sidecars/" + named.substr(named.rfind('/') + 1);
    const auto object = store_.head(path);
    if (!object && object.error().fault != Fault::kNotFound &&
        object.error().fault != Fault::kInvalidInput) {
      return object.error();
    }
    if (!object) {
      findings_.add(Rule::kSidecarMissing, path, "it is not there");
      whole = false;
      continue;
    }
    const auto size = number_of(sidecar.body, "sizeInBytes").value_or(0);
    if (object->size != size) {
      findings_.add(Rule::kSidecarSize, path,
                    fmt::format("{} bytes, and the checkpoint says {}", object->size, size));
    }
    TRY(const bool read, read_file(path, [&](const RawAction& action, const std::string& where) {
          if (action.kind == "add" || action.kind == "remove") return use(action, where);
          findings_.add(Rule::kCheckpointRow, where, fmt::format("a {} in a sidecar", action.kind));
        }));
    whole = whole && read;
  }
  return whole;
}

void Checkpoints::check_header(const CheckpointFiles& checkpoint, LogVersion version,
                               const std::vector<RawAction>& headers, bool has_sidecars) {
  const auto wrong = [&](std::string seen) {
    findings_.add(Rule::kCheckpointHeader, checkpoint.name, std::move(seen));
  };
  if (headers.size() > 1) wrong(fmt::format("{} checkpointMetadata actions", headers.size()));
  if (headers.empty() && checkpoint.has_uuid) wrong("a name with a UUID and no checkpointMetadata");
  if (headers.empty() && has_sidecars) wrong("sidecars and no checkpointMetadata");
  if (headers.empty()) return;
  if (checkpoint.parts > 1) wrong("checkpointMetadata in a checkpoint of several parts");
  const auto stated = number_of(headers.front().body, "version").value_or(-1);
  if (stated != version) wrong(fmt::format("its version is {}", stated));
}

Result<bool> Checkpoints::read(const CheckpointFiles& checkpoint, LogVersion version,
                               const Use& use) {
  if (checkpoint.paths.size() != checkpoint.parts) {
    findings_.add(
        Rule::kCheckpointPart, checkpoint.name,
        fmt::format("{} of {} parts are there", checkpoint.paths.size(), checkpoint.parts));
    return false;
  }
  std::vector<RawAction> headers;
  std::vector<RawAction> sidecars;
  bool whole = true;
  for (const std::string& path : checkpoint.paths) {
    TRY(const bool read, read_file(path, [&](const RawAction& action, const std::string& where) {
          if (action.kind == "checkpointMetadata") headers.push_back(action);
          if (action.kind == "sidecar") sidecars.push_back(action);
          use(action, where);
        }));
    whole = whole && read;
  }
  if (!whole) return false;
  check_header(checkpoint, version, headers, !sidecars.empty());
  return read_sidecars(sidecars, use);
}

Result<std::optional<TableState>> Checkpoints::load(const CheckpointFiles& checkpoint,
                                                    LogVersion version) {
  TableState state;
  const auto take = [&](const RawAction& action, const std::string&) {
    if (action.kind == "add") {
      delta::AddFile add = add_of(action.body);
      std::string path = delta::decode_path(add.path);
      state.files[std::move(path)] = {std::move(add), version};
    }
    if (action.kind == "remove") {
      const delta::RemoveFile remove = remove_of(action.body);
      if (remove.deletion_timestamp_ms) {
        state.removed[removed_key(delta::decode_path(remove.path),
                                  vector_id(remove.deletion_vector))] =
            *remove.deletion_timestamp_ms;
      }
    }
    if (action.kind == "protocol") state.protocol = action.body;
    if (action.kind == "metaData") state.metadata = action.body;
    if (action.kind == "txn") {
      state.transactions[text_of(action.body, "appId").value_or("")] = action.body;
    }
    if (action.kind == "domainMetadata" && !flag_of(action.body, "removed").value_or(false)) {
      state.domains[text_of(action.body, "domain").value_or("")] = action.body;
    }
  };
  TRY(const bool whole, read(checkpoint, version, take));
  if (!whole) return std::optional<TableState>();
  if (!state.protocol) findings_.add(Rule::kProtocolMissing, checkpoint.name, "no protocol");
  if (!state.metadata) findings_.add(Rule::kMetadataMissing, checkpoint.name, "no metaData");
  return std::optional(std::move(state));
}

Done Checkpoints::compare(const CheckpointFiles& checkpoint, LogVersion version, TableLog& log) {
  TRY(const store::ObjectInfo object, store_.head(checkpoint.name));
  Comparison comparison(checkpoint.name, object.modified_at, log.state(), findings_);
  TRY(const bool whole,
      read(checkpoint, version, [&](const RawAction& action, const std::string& where) {
        if (action.kind == "checkpointMetadata") log.uses("v2Checkpoint", where);
        comparison.take(action, where);
      }));
  if (whole) comparison.finish();
  return done();
}

Done Checkpoints::check_last() {
  if (!folder_.has_last_checkpoint) return done();
  const std::string path = folder_.path + "/_last_checkpoint";
  TRY(const std::string text, store_.read(path));
  const auto json = parse_json(text);
  const auto version = json ? number_of(*json, "version") : std::nullopt;
  if (!version) {
    findings_.add(Rule::kLastCheckpoint, path, "it is no JSON object with a 'version'");
    return done();
  }
  const auto found = folder_.checkpoints.find(*version);
  if (found == folder_.checkpoints.end()) {
    findings_.add(Rule::kLastCheckpoint, path,
                  fmt::format("it names version {}, which has no checkpoint", *version));
    return done();
  }
  const auto parts = number_of(*json, "parts").value_or(1);
  const bool fits = std::ranges::any_of(found->second, [&](const CheckpointFiles& one) {
    return one.parts == static_cast<std::size_t>(parts) && one.paths.size() == one.parts;
  });
  if (!fits) {
    findings_.add(Rule::kLastCheckpoint, path,
                  fmt::format("it names a checkpoint of version {} in {} parts", *version, parts));
  }
  return done();
}

}  // namespace claimlake::check
