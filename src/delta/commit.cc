// The commit loop. A version is named by whoever writes its file first; who comes second looks at
// what the first one did, and follows if the order of the two does not matter.
#include <simdjson.h>

#include <algorithm>

#include "base/log.h"
#include "delta/conflict.h"
#include "delta/features.h"
#include "delta/json_writer.h"
#include "delta/log.h"
#include "delta/log_json.h"
#include "delta/log_reader.h"
#include "delta/new_table.h"
#include "delta/properties.h"
#include "delta/snapshot_impl.h"

namespace claimlake::delta {
namespace {

constexpr std::string_view kEngineInfo = "Claimlake/0.1.0";
// Commits of others that one commit gives way to before it reports a conflict.
constexpr int kVersionsToFollow = 1'000;
// Cleaning up lists the whole log, so it is done less often than checkpoints are written.
constexpr int kCheckpointsPerCleanup = 10;
// Lost answers to the same put before it is reported as unavailable.
constexpr int kLostAnswers = 5;

std::int64_t to_ms(Timestamp time) {
  return std::chrono::floor<std::chrono::milliseconds>(time).time_since_epoch().count();
}

template <class Kind>
const Kind* last_of(const std::vector<Action>& actions) {
  const Kind* found = nullptr;
  for (const Action& action : actions) {
    if (const auto* kind = std::get_if<Kind>(&action)) found = kind;
  }
  return found;
}

// A value of operationParameters must be JSON; a plain word becomes a JSON string.
std::string as_json(const std::string& value) {
  simdjson::dom::parser parser;
  simdjson::dom::element ignored;
  if (!parser.parse(value.data(), value.size(), true).get(ignored)) return value;
  return json_string(value);
}

Error refused(std::string message) {
  return {Fault::kInvalidInput, "the change is not allowed: " + std::move(message)};
}

// What a commit does to the table, by its actions: rows that were read one by one are changed one
// by one, files removed without a change of data are rearranged, and without files only the
// table's description changes.
Use use_of(const CommitRequest& request) {
  if (request.read.rows) return Use::kChange;
  if (request.checked_rows) return Use::kInsert;
  const bool has_files =
      std::any_of(request.actions.begin(), request.actions.end(), [](const Action& action) {
        return std::holds_alternative<AddFile>(action) ||
               std::holds_alternative<RemoveFile>(action);
      });
  if (!has_files) return Use::kDefine;
  const bool rearranges =
      std::any_of(request.actions.begin(), request.actions.end(), [](const Action& action) {
        const auto* remove = std::get_if<RemoveFile>(&action);
        return remove != nullptr && !remove->data_change;
      });
  return rearranges ? Use::kMaintain : Use::kAppend;
}

Done check_add(const AddFile& add, const std::vector<std::string>& columns) {
  if (add.path.empty() || add.size < 0) return refused("a file has no path or a negative size");
  for (const std::string& column : columns) {
    if (!add.partition_values.contains(column)) {
      return refused("file " + add.path + " has no value for partition column " + column);
    }
  }
  if (add.partition_values.size() != columns.size()) {
    return refused("file " + add.path + " has values for columns that do not partition the table");
  }
  return done();
}

class Commit {
 public:
  Commit(const LogContext& context, const std::string& table_path, CommitRequest request)
      : context_(context),
        table_path_(table_path),
        reader_(context, table_path),
        request_(std::move(request)) {}

  Result<TableState> run();

 private:
  Done prepare();
  Done check_actions();
  std::string render();
  Result<bool> put(const std::string& bytes);
  Result<std::optional<std::string>> txn_id_at(LogVersion version) const;
  Result<bool> follow_winners();
  Result<TableState> finish();

  const LogContext& context_;
  const std::string& table_path_;
  LogReader reader_;
  CommitRequest request_;
  TableState base_;  // of request_.base
  TableProperties properties_;
  std::string body_;  // all lines but the first
  LogVersion version_ = 0;
  std::vector<ReadCommit> winners_;
  std::optional<std::int64_t> previous_in_commit_ms_;
};

Done Commit::check_actions() {
  const auto* metadata = last_of<Metadata>(request_.actions);
  const auto* protocol = last_of<Protocol>(request_.actions);
  if (metadata == nullptr) metadata = base_.metadata.get();
  if (protocol == nullptr) protocol = base_.protocol.get();
  if (metadata == nullptr || protocol == nullptr) {
    return refused("the first version of a table needs a protocol and a metaData action");
  }
  TRY(properties_, parse_properties(metadata->configuration));
  TRY(const Schema schema, parse_schema(metadata->schema_json));
  TRY_DONE(check_writable(*protocol, *metadata, schema, use_of(request_)));
  const ColumnMapping mapping = column_mapping(*protocol, *metadata);
  const auto partition_columns = physical_names(metadata->partition_columns, schema, mapping);
  if (metadata != base_.metadata.get()) {
    TRY_DONE(check_schema(schema, metadata->partition_columns, mapping));
  }
  for (Action& action : request_.actions) {
    if (std::holds_alternative<CommitInfo>(action))
      return refused("commitInfo is not the caller's");
    if (auto* add = std::get_if<AddFile>(&action)) {
      for (auto& [column, value] : add->partition_values) {
        if (value && value->empty()) value.reset();  // an empty text reads as null: say so
      }
      TRY_DONE(check_add(*add, partition_columns));
    }
    const auto* remove = std::get_if<RemoveFile>(&action);
    if (remove != nullptr && remove->data_change && properties_.append_only) {
      return refused("the table is append-only (delta.appendOnly), and this removes rows");
    }
  }
  return done();
}

Done Commit::prepare() {
  if (request_.base != nullptr) {
    if (const auto* known = dynamic_cast<const SnapshotImpl*>(request_.base.get())) {
      base_ = known->state();
    } else {
      TRY(base_, reader_.load(request_.base->version()));
    }
    version_ = base_.version + 1;
  }
  TRY_DONE(check_actions());
  for (const Action& action : request_.actions) append_line(action, body_);
  const auto removes = [](const Action& a) { return std::holds_alternative<RemoveFile>(a); };
  CommitInfo& info = request_.info;
  info.txn_id = uuid4(context_.random);
  info.engine_info = kEngineInfo;
  for (auto& [name, value] : info.parameters) value = as_json(value);
  request_.read.serializable = properties_.serializable;
  info.is_blind_append = !request_.read.whole_table && request_.read.partitions.empty() &&
                         !request_.read.rows && last_of<AddFile>(request_.actions) != nullptr &&
                         std::none_of(request_.actions.begin(), request_.actions.end(), removes);
  if (request_.base != nullptr) info.read_version = request_.base->version();
  if (base_.metadata && read_properties(base_.metadata->configuration).in_commit_timestamps) {
    previous_in_commit_ms_ = to_ms(base_.timestamp);
  }
  return done();
}

std::string Commit::render() {
  CommitInfo& info = request_.info;
  info.timestamp_ms = to_ms(context_.clock.now());
  info.in_commit_timestamp_ms.reset();
  if (properties_.in_commit_timestamps) {
    const std::int64_t previous = previous_in_commit_ms_.value_or(info.timestamp_ms - 1);
    info.in_commit_timestamp_ms = std::max(info.timestamp_ms, previous + 1);
  }
  std::string out;
  append_line(Action(info), out);
  return out + body_;
}

// Absent if the version does not exist; "" if its commit has no txnId.
Result<std::optional<std::string>> Commit::txn_id_at(LogVersion version) const {
  const std::string path = commit_path(table_path_, version);
  auto bytes = context_.store.read(path);
  if (!bytes && bytes.error().fault == Fault::kNotFound) return std::optional<std::string>();
  TRY(std::string text, std::move(bytes));
  auto info = parse_commit_info(text, path);
  // What cannot be read is not what we wrote.
  if (!info || !*info) return std::optional<std::string>("");
  return std::optional<std::string>((*info)->txn_id);
}

// True if version_ is ours, false if it is another writer's. An answer that is lost, or an error,
// or "exists" (it may be our own, repeated on its way) is settled by reading the entry back.
Result<bool> Commit::put(const std::string& bytes) {
  const std::string path = commit_path(table_path_, version_);
  for (int lost = 0; lost < kLostAnswers; ++lost) {
    const auto answer = context_.store.put_if_absent(path, bytes);
    if (answer && *answer == store::Put::kDone) return true;
    const auto there = txn_id_at(version_);
    if (there && *there) return **there == request_.info.txn_id;
    if (!there) {
      return Error{Fault::kUnavailable,
                   "the commit may have been made or not: " + there.error().message, path,
                   "look whether version " + std::to_string(version_) + " has txnId " +
                       request_.info.txn_id + " before you repeat the change"};
    }
    // An error that left nothing behind is final, unless an earlier put is still on its way. A lost
    // answer may still arrive: the same bytes are put under the same name again, which is safe, and
    // never under another name.
    if (!answer && answer.error().fault != Fault::kTimeout && lost == 0) {
      return Error(answer.error()).in("version " + std::to_string(version_) + " was not committed");
    }
  }
  return Error{Fault::kUnavailable,
               "the commit may have been made or not: the store's answer was lost " +
                   std::to_string(kLostAnswers) + " times",
               path,
               "look whether version " + std::to_string(version_) + " has txnId " +
                   request_.info.txn_id + " before you repeat the change"};
}

// Reads what others have committed meanwhile. True if we may follow them.
Result<bool> Commit::follow_winners() {
  for (;;) {
    TRY(auto winner, reader_.read_commit(version_));
    if (!winner) return true;
    if (request_.base == nullptr) {
      return Error{Fault::kConflict, "another writer was first: the table exists already",
                   table_path_, "open it, or choose another name"};
    }
    if (auto error = conflict(version_, winner->actions, request_.actions, request_.read)) {
      return std::move(*error).at(table_path_);
    }
    if (const auto* info = last_of<CommitInfo>(winner->actions)) {
      if (info->in_commit_timestamp_ms) previous_in_commit_ms_ = info->in_commit_timestamp_ms;
    }
    winners_.push_back(std::move(*winner));
    ++version_;
  }
}

Result<TableState> Commit::finish() {
  Replay replay(std::move(base_));
  LogVersion version = version_ - static_cast<LogVersion>(winners_.size());
  for (ReadCommit& winner : winners_) {
    replay.commit(version++, winner.object, std::move(winner.actions));
  }
  request_.actions.emplace_back(request_.info);
  // The version is committed now, and nothing that fails from here on may say otherwise: if its
  // file cannot be looked at, its time is guessed, and the next refresh starts anew.
  const std::string path = commit_path(table_path_, version_);
  const auto object = context_.store.head(path);
  replay.commit(version_, object ? *object : store::ObjectInfo{path, -1, context_.clock.now()},
                std::move(request_.actions));
  return std::move(replay).finish();
}

Result<TableState> Commit::run() {
  TRY_DONE(prepare());
  for (int attempt = 0; attempt < kVersionsToFollow; ++attempt) {
    TRY(const bool ours, put(render()));
    if (ours) return finish();
    TRY_DONE(follow_winners());
  }
  return Error{Fault::kConflict,
               "other writers were first " + std::to_string(kVersionsToFollow) + " times",
               table_path_, "try again when fewer of them write to this table"};
}

}  // namespace

Result<SnapshotPtr> Log::commit(CommitRequest request) {
  TRY(TableState state, Commit(context_, table_path_, std::move(request)).run());
  const int interval = read_properties(state.metadata->configuration).checkpoint_interval;
  const auto snapshot = std::make_shared<SnapshotImpl>(std::move(state), context_.clock.now());
  if (snapshot->version() > 0 && snapshot->version() % interval == 0) {
    // The version is committed whether or not this succeeds; the next one that is due makes good.
    if (const auto written = checkpoint(snapshot); !written) {
      log(LogLevel::kWarning, "checkpoint_failed",
          {{"table", table_path_},
           {"version", std::to_string(snapshot->version())},
           {"reason", written.error().message}});
    } else if (snapshot->version() % (kCheckpointsPerCleanup * interval) == 0) {
      if (const auto cleaned = clean_up(*snapshot); !cleaned) {
        log(LogLevel::kWarning, "log_cleanup_failed",
            {{"table", table_path_}, {"reason", cleaned.error().message}});
      }
    }
  }
  return SnapshotPtr(snapshot);
}

Done Log::checkpoint(const SnapshotPtr& snapshot) {
  std::shared_ptr<const SnapshotImpl> of = std::dynamic_pointer_cast<const SnapshotImpl>(snapshot);
  const LogReader reader(context_, table_path_);
  if (!of) {
    TRY(TableState state, reader.load(snapshot->version()));
    of = std::make_shared<SnapshotImpl>(std::move(state), context_.clock.now());
  }
  const TableState& state = of->state();
  const TableProperties properties = read_properties(state.metadata->configuration);
  const auto since = to_ms(context_.clock.now() - properties.deleted_file_retention);
  CheckpointContent content{.adds = of->files()};
  content.small.emplace_back(*state.protocol);
  content.small.emplace_back(*state.metadata);
  state.txns.for_each([&](const Txn& txn) {
    if (of->keeps(txn)) content.small.emplace_back(txn);
  });
  if (state.domains) {
    for (const auto& [name, domain] : *state.domains) content.small.emplace_back(domain);
  }
  TRY(content.removes, reader.tombstones(state.version, since));
  const std::string folder = log_folder(table_path_) + "/";
  TRY(const std::int64_t bytes,
      context_.parquet.write_checkpoint(folder + checkpoint_name(state.version), content));
  const std::size_t actions = content.small.size() + content.adds.size() + content.removes.size();
  std::string hint;
  JsonWriter(hint)
      .open_object()
      .key("version")
      .number(state.version)
      .key("size")
      .number(static_cast<std::int64_t>(actions))
      .key("sizeInBytes")
      .number(bytes)
      .key("numOfAddFiles")
      .number(static_cast<std::int64_t>(content.adds.size()))
      .close_object();
  return context_.store.put(folder + "_last_checkpoint", hint);
}

}  // namespace claimlake::delta
