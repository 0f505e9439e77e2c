#include "check/table_log.h"

#include <fmt/format.h>

#include "base/text.h"
#include "check/features.h"
#include "check/partition_value.h"
#include "delta/partition_path.h"

namespace claimlake::check {
namespace {

bool is_on(const std::optional<Json>& metadata, std::string_view key) {
  return metadata && to_lower(property(*metadata, key)) == "true";
}

std::string vector_text(const std::string& id) {
  return id.empty() ? "no vector" : fmt::format("the vector {}", id);
}

}  // namespace

std::string vector_id(const std::optional<delta::DeletionVector>& vector) {
  if (!vector) return "";
  std::string id = vector->storage_type + vector->path_or_inline;
  if (vector->offset) id += "@" + std::to_string(*vector->offset);
  return id;
}

std::string removed_key(const std::string& decoded_path, const std::string& vector_id) {
  return decoded_path + '\n' + vector_id;
}

void TableLog::begin(TableState state, const std::string& where) {
  state_ = std::move(state);
  known_ = true;
  in_commit_timestamp_.reset();
  if (state_.protocol) check_protocol(*state_.protocol, where, findings_);
  if (state_.metadata) use_metadata(where);
}

void TableLog::uses(const std::string& feature, const std::string& where) {
  if (!state_.protocol || declares(*state_.protocol, feature) || !said_.insert(feature).second) {
    return;
  }
  findings_.add(Rule::kFeatureUndeclared, where,
                fmt::format("'{}' is in use; reader version {}, writer version {}", feature,
                            number_of(*state_.protocol, "minReaderVersion").value_or(0),
                            number_of(*state_.protocol, "minWriterVersion").value_or(0)));
}

void TableLog::use_metadata(const std::string& where) {
  schema_ = read_schema(*state_.metadata, where, findings_);
  for (const std::string& feature : schema_.features) uses(feature, where);
  for (const std::string& feature : features_of_properties(*state_.metadata)) uses(feature, where);
}

void TableLog::sort_in(Commit& commit, RawAction action, const std::string& where) {
  if (action.kind == "add") return commit.adds.push_back({where, add_of(action.body)});
  std::vector<Placed>* place = nullptr;
  if (action.kind == "remove") place = &commit.removes;
  if (action.kind == "cdc") place = &commit.changes;
  if (action.kind == "txn") place = &commit.txns;
  if (action.kind == "domainMetadata") place = &commit.domains;
  if (action.kind == "protocol") place = &commit.protocols;
  if (action.kind == "metaData") place = &commit.metadata;
  if (place != nullptr) place->push_back({where, std::move(action.body)});
}

TableLog::Commit TableLog::read(LogVersion version, const std::string& path,
                                std::string_view text) {
  Commit commit{.version = version, .path = path};
  std::size_t line_number = 0;
  std::size_t actions = 0;
  while (!text.empty()) {
    const auto end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    ++line_number;
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    const std::string where = fmt::format("{}:{}", path, line_number);
    const auto unreadable = findings_.count(Rule::kLogLine) + findings_.count(Rule::kLogAction);
    auto action = read_line(line, where, Place::kCommit, findings_);
    if (unreadable != findings_.count(Rule::kLogLine) + findings_.count(Rule::kLogAction)) {
      commit.is_whole = false;
    }
    ++actions;
    if (!action) continue;
    if (!check_fields(*action, where, findings_)) {
      commit.is_whole = false;
    } else if (action->kind == "commitInfo") {
      commit.info = std::move(action->body);
      commit.info_is_first = actions == 1;
    } else {
      sort_in(commit, std::move(*action), where);
    }
  }
  if (actions == 0) findings_.add(Rule::kLogEntryEmpty, path, "no actions");
  return commit;
}

void TableLog::commit(LogVersion version, const std::string& path, std::string_view text) {
  Commit commit = read(version, path, text);
  change_files_.clear();
  apply_metadata(commit);
  check_timestamp(commit);
  std::map<std::string, std::string> removed;
  apply_removes(commit, removed);
  apply_adds(commit, removed);
  apply_rest(commit);
  if (!commit.is_whole) lose();
}

void TableLog::apply_metadata(const Commit& commit) {
  const auto at_most_one = [&](const std::vector<Placed>& all, const char* what) {
    if (all.size() < 2) return;
    findings_.add(Rule::kActionTwice, all.back().where,
                  fmt::format("{} {} actions in version {}", all.size(), what, commit.version));
  };
  at_most_one(commit.protocols, "protocol");
  at_most_one(commit.metadata, "metaData");
  if (commit.version == 0 && commit.is_whole) {
    if (commit.protocols.empty()) {
      findings_.add(Rule::kProtocolMissing, commit.path, "version 0 has no protocol");
    }
    if (commit.metadata.empty()) {
      findings_.add(Rule::kMetadataMissing, commit.path, "version 0 has no metaData");
    }
  }
  if (!commit.protocols.empty()) {
    state_.protocol = commit.protocols.back().body;
    said_.clear();
    check_protocol(*state_.protocol, commit.protocols.back().where, findings_);
  }
  if (!commit.metadata.empty()) state_.metadata = commit.metadata.back().body;
  // A new protocol may have left out what the metadata uses.
  if (!commit.metadata.empty()) {
    use_metadata(commit.metadata.back().where);
  } else if (!commit.protocols.empty() && state_.metadata) {
    use_metadata(commit.protocols.back().where);
  }
}

void TableLog::check_timestamp(const Commit& commit) {
  if (!is_on(state_.metadata, "delta.enableInCommitTimestamps")) {
    in_commit_timestamp_.reset();
    return;
  }
  const auto time = commit.info ? number_of(*commit.info, "inCommitTimestamp") : std::nullopt;
  if (!time || !commit.info_is_first) {
    const char* seen = !commit.info ? "there is no commitInfo"
                       : !time      ? "commitInfo has no inCommitTimestamp"
                                    : "commitInfo is not the first action";
    findings_.add(Rule::kInCommitTimestamp, commit.path, seen);
  }
  if (time && in_commit_timestamp_ && *time <= *in_commit_timestamp_) {
    findings_.add(Rule::kInCommitTimestampOrder, commit.path,
                  fmt::format("{}, after {} of the version before", *time, *in_commit_timestamp_));
  }
  in_commit_timestamp_ = time;
}

void TableLog::apply_removes(const Commit& commit, std::map<std::string, std::string>& removed) {
  const bool append_only = is_on(state_.metadata, "delta.appendOnly");
  for (const Placed& one : commit.removes) {
    const delta::RemoveFile remove = remove_of(one.body);
    const std::string path = delta::decode_path(remove.path);
    const std::string id = vector_id(remove.deletion_vector);
    if (!removed.emplace(path, id).second) {
      findings_.add(Rule::kActionTwice, one.where,
                    fmt::format("version {} removes '{}' twice", commit.version, path));
      continue;
    }
    if (remove.deletion_vector) uses("deletionVectors", one.where);
    if (remove.deletion_timestamp_ms) {
      state_.removed[removed_key(path, id)] = *remove.deletion_timestamp_ms;
    }
    if (append_only && remove.data_change) {
      findings_.add(Rule::kAppendOnly, one.where, fmt::format("'{}' is removed", path));
    }
    const auto live = state_.files.find(path);
    if (live == state_.files.end()) {
      if (!known_) continue;
      findings_.add(Rule::kRemoveUnknown, one.where,
                    fmt::format("'{}' is removed and is not in the table", path));
      continue;
    }
    const std::string live_id = vector_id(live->second.add.deletion_vector);
    if (known_ && live_id != id) {
      findings_.add(Rule::kRemoveUnknown, one.where,
                    fmt::format("'{}' is removed with {}, and is in the table with {}", path,
                                vector_text(id), vector_text(live_id)));
    }
    if (live_id == id) state_.files.erase(live);
  }
}

void TableLog::apply_adds(Commit& commit, const std::map<std::string, std::string>& removed) {
  std::set<std::string> added;
  for (PlacedAdd& one : commit.adds) {
    delta::AddFile& add = one.add;
    std::string path = delta::decode_path(add.path);
    if (!added.insert(path).second) {
      findings_.add(Rule::kActionTwice, one.where,
                    fmt::format("version {} adds '{}' twice", commit.version, path));
    }
    const std::string id = vector_id(add.deletion_vector);
    const auto gone = removed.find(path);
    if (gone != removed.end() && gone->second == id) {
      findings_.add(Rule::kAddAndRemove, one.where,
                    fmt::format("version {} adds and removes '{}' with {}", commit.version, path,
                                vector_text(id)));
    }
    const auto live = state_.files.find(path);
    if (live != state_.files.end() && vector_id(live->second.add.deletion_vector) != id) {
      findings_.add(
          Rule::kFileTwice, one.where,
          fmt::format("'{}' is added with {}, and is in the table with {}", path, vector_text(id),
                      vector_text(vector_id(live->second.add.deletion_vector))));
    }
    check_add(add, one.where);
    state_.removed.erase(removed_key(path, id));
    state_.files[std::move(path)] = {std::move(add), commit.version};
  }
}

void TableLog::check_add(const delta::AddFile& add, const std::string& where) {
  check_values(add.partition_values, where);
  const bool tracked = is_on(state_.metadata, "delta.enableRowTracking");
  if (tracked && (!add.base_row_id || !add.default_row_commit_version)) {
    findings_.add(Rule::kRowIdMissing, where, fmt::format("'{}' has none", add.path));
  }
  std::optional<Json> stats;
  if (!add.stats_json.empty()) {
    stats = parse_json(add.stats_json);
    if (!stats || !stats->is_object()) {
      findings_.add(Rule::kStatsJson, where,
                    fmt::format("the statistics of '{}' are no JSON object", add.path));
    }
  }
  if (!add.deletion_vector) return;
  uses("deletionVectors", where);
  if (!stats || !number_of(*stats, "numRecords")) {
    findings_.add(Rule::kVectorRecords, where,
                  fmt::format("'{}' has a deletion vector and no numRecords", add.path));
  }
}

void TableLog::check_values(const delta::PartitionValues& values, const std::string& where) {
  if (!state_.metadata || !schema_.is_whole) return;
  for (const auto& [column, type] : schema_.partition_types) {
    const auto value = values.find(column);
    if (value == values.end()) {
      findings_.add(Rule::kPartitionValues, where, fmt::format("no value of '{}'", column));
    } else if (value->second && !is_partition_value(*value->second, type)) {
      findings_.add(Rule::kPartitionValue, where,
                    fmt::format("'{}' is '{}', which is no {}", column, *value->second, type));
    }
  }
  for (const auto& [column, value] : values) {
    if (schema_.partition_types.contains(column)) continue;
    findings_.add(Rule::kPartitionValues, where,
                  fmt::format("a value of '{}', by which the table is not partitioned", column));
  }
}

void TableLog::apply_rest(const Commit& commit) {
  std::set<std::string> seen;
  const auto once = [&](const std::string& what, const std::string& where) {
    if (seen.insert(what).second) return;
    findings_.add(Rule::kActionTwice, where,
                  fmt::format("version {} has {} twice", commit.version, what));
  };
  for (const Placed& one : commit.txns) {
    const std::string app = text_of(one.body, "appId").value_or("");
    once("a txn of '" + app + "'", one.where);
    state_.transactions[app] = one.body;
  }
  for (const Placed& one : commit.domains) {
    const std::string domain = text_of(one.body, "domain").value_or("");
    once("the domainMetadata '" + domain + "'", one.where);
    uses("domainMetadata", one.where);
    if (domain == "delta.clustering") uses("clustering", one.where);
    if (flag_of(one.body, "removed").value_or(false)) {
      state_.domains.erase(domain);
    } else {
      state_.domains[domain] = one.body;
    }
  }
  for (const Placed& one : commit.changes) {
    delta::CdcFile file = cdc_of(one.body);
    check_values(file.partition_values, one.where);
    uses("changeDataFeed", one.where);
    change_files_.push_back({std::move(file), commit.version});
  }
}

}  // namespace claimlake::check
