#include "delta/table_state.h"

#include <algorithm>
#include <utility>

#include "delta/features.h"
#include "delta/properties.h"

namespace claimlake::delta {

using std::chrono::milliseconds;

Timestamp commit_time(const std::optional<std::int64_t>& in_commit_ms, Timestamp modified_at,
                      Timestamp previous) {
  if (in_commit_ms) return from_millis(*in_commit_ms);
  return std::max<Timestamp>(std::chrono::floor<milliseconds>(modified_at),
                             previous + milliseconds(1));
}

Replay::Replay(TableState base)
    : state_(std::move(base)), files_(std::exchange(state_.files, FileSet())) {}

void Replay::checkpoint(CheckpointBatch&& batch) {
  for (AddFile& file : batch.adds) files_.add_new(std::move(file));
  for (Action& action : batch.others) apply(std::move(action));
}

void Replay::checkpoint_version(LogVersion version, Timestamp modified_at) {
  state_.version = version;
  state_.timestamp = std::chrono::floor<milliseconds>(modified_at);
}

void Replay::checkpoint_version(LogVersion version, const store::ObjectInfo& commit,
                                std::optional<std::int64_t> in_commit_ms) {
  state_.version = version;
  state_.timestamp = commit_time(in_commit_ms, commit.modified_at, Timestamp::min());
  state_.commit = commit;
}

bool Replay::in_commit_timestamps() const {
  return state_.metadata && read_properties(state_.metadata->configuration).in_commit_timestamps;
}

void CommitParts::take(Action&& action) {
  if (auto* add = std::get_if<AddFile>(&action)) {
    adds.push_back(std::move(*add));
  } else if (auto* remove = std::get_if<RemoveFile>(&action)) {
    removes.push_back(std::move(*remove));
  } else {
    others.push_back(std::move(action));
  }
}

void Replay::commit(LogVersion version, const store::ObjectInfo& object,
                    std::vector<Action>&& actions) {
  CommitParts parts;
  for (Action& action : actions) parts.take(std::move(action));
  commit(version, object, std::move(parts));
}

// A file that one commit removes and adds again is live, whatever the order of the lines.
void Replay::commit(LogVersion version, const store::ObjectInfo& object, CommitParts&& parts) {
  std::optional<std::int64_t> in_commit_ms;
  for (const RemoveFile& remove : parts.removes) {
    files_.remove(remove.path, remove.deletion_vector);
  }
  for (AddFile& add : parts.adds) files_.add(std::move(add));
  for (Action& action : parts.others) {
    if (const auto* info = std::get_if<CommitInfo>(&action)) {
      in_commit_ms = info->in_commit_timestamp_ms;
    }
    apply(std::move(action));
  }
  if (!in_commit_timestamps()) in_commit_ms.reset();
  const bool first = state_.version < 0;
  state_.timestamp = commit_time(in_commit_ms, object.modified_at,
                                 first ? Timestamp::min() + milliseconds(1) : state_.timestamp);
  state_.version = version;
  state_.commit = object;
}

void Replay::apply(Action&& action) {
  if (auto* metadata = std::get_if<Metadata>(&action)) {
    state_.metadata = std::make_shared<const Metadata>(std::move(*metadata));
    metadata_changed_ = true;
  } else if (auto* protocol = std::get_if<Protocol>(&action)) {
    state_.protocol = std::make_shared<const Protocol>(std::move(*protocol));
  } else if (auto* txn = std::get_if<Txn>(&action)) {
    txns_.push_back(std::move(*txn));
  } else if (auto* domain = std::get_if<DomainMetadata>(&action)) {
    auto domains = std::make_shared<std::map<std::string, DomainMetadata>>();
    if (state_.domains) *domains = *state_.domains;
    if (domain->removed) {
      domains->erase(domain->domain);
    } else {
      domains->insert_or_assign(domain->domain, std::move(*domain));
    }
    state_.domains = std::move(domains);
  }
}

Result<TableState> Replay::finish() && {
  const auto missing = [](std::string_view what) {
    return Error{Fault::kCorrupt,
                 "the table's log is damaged: no version of it has a " + std::string(what), "",
                 "restore the log from a copy"};
  };
  if (!state_.protocol) return missing("protocol");
  if (!state_.metadata) return missing("metaData action");
  TRY_DONE(check_readable(*state_.protocol, *state_.metadata));
  if (metadata_changed_ || !state_.schema) {
    TRY(Schema schema, parse_schema(state_.metadata->schema_json));
    for (const std::string& name : state_.metadata->partition_columns) {
      if (schema.find(name) == nullptr) {
        return Error{Fault::kCorrupt, "the table's log is damaged: partition column " + name +
                                          " is not in its schema"};
      }
    }
    state_.schema = std::make_shared<const Schema>(std::move(schema));
  }
  state_.files = std::move(files_).finish();
  state_.txns.set(std::move(txns_));
  return std::move(state_);
}

}  // namespace claimlake::delta
