// The commit loop. A version is named by whoever writes its file first; who comes second looks at
// what the first one did, and follows if the order of the two does not matter.
#include <simdjson.h>

#include <algorithm>

#include "base/log.h"
#include "delta/clustering.h"
#include "delta/column_mapping.h"
#include "delta/conflict.h"
#include "delta/dropped.h"
#include "delta/features.h"
#include "delta/in_commit_time.h"
#include "delta/json_writer.h"
#include "delta/log.h"
#include "delta/log_json.h"
#include "delta/log_reader.h"
#include "delta/new_table.h"
#include "delta/properties.h"
#include "delta/row_tracking.h"
#include "delta/snapshot_impl.h"
#include "delta/version_checksum.h"
#include "store/at_once.h"

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
  const std::string& txn_id() const { return request_.info.txn_id; }

 private:
  Done prepare();
  Done check_actions();
  Done check_clustering(const Protocol& protocol, const Metadata& metadata, const Schema& schema);
  void number_rows(const Protocol& protocol, const Metadata& metadata);
  Result<std::string> render();
  Result<bool> put(const std::string& bytes);
  Result<std::optional<std::string>> txn_id_at(LogVersion version) const;
  Result<bool> follow_winners();
  bool was_erased(const Result<store::ObjectInfo>& before) const;
  Result<TableState> finish();

  const LogContext& context_;
  const std::string& table_path_;
  LogReader reader_;
  CommitRequest request_;
  TableState base_;  // of request_.base
  TableProperties properties_;
  std::string body_;                   // all lines but the first
  std::optional<RowIds> row_ids_;      // if the table gives ids to rows
  std::optional<Action> row_id_mark_;  // the highest one of this try
  LogVersion version_ = 0;
  std::vector<ReadCommit> winners_;
  // The first version that this is put before: conflict.h.
  std::optional<LogVersion> put_before_;
  InCommitTime time_;
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
  TRY_DONE(check_clustering(*protocol, *metadata, schema));
  for (Action& action : request_.actions) {
    auto* changed = std::get_if<Metadata>(&action);
    if (changed != nullptr && base_.metadata) keep_enablement(*changed, *base_.metadata);
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
  number_rows(*protocol, *metadata);
  return done();
}

void Commit::number_rows(const Protocol& protocol, const Metadata& metadata) {
  if (!assigns_row_ids(protocol, metadata)) return;
  row_ids_.emplace(request_.actions, base_.domains ? row_id_high_water_mark(*base_.domains) : -1);
  // Who copies rows copies what they keep, too (docs/formats/delta.md, "Row tracking").
  if (tracks_rows(protocol, metadata)) request_.info.tags["delta.rowTracking.preserved"] = "true";
}

// The columns that the table is clustered by are there, and it has no partitions.
Done Commit::check_clustering(const Protocol& protocol, const Metadata& metadata,
                              const Schema& schema) {
  if (!has_feature(protocol, "clustering")) return done();
  if (!metadata.partition_columns.empty()) {
    return refused(
        "the table has the feature 'clustering', and a clustered table has no partitions");
  }
  const DomainMetadata* domain = nullptr;
  if (base_.domains) {
    const auto known = base_.domains->find(std::string(kClusteringDomain));
    if (known != base_.domains->end()) domain = &known->second;
  }
  for (const Action& action : request_.actions) {
    const auto* other = std::get_if<DomainMetadata>(&action);
    if (other != nullptr && other->domain == kClusteringDomain) domain = other;
  }
  if (domain == nullptr || domain->removed) return done();
  TRY(const auto clustering, parse_clustering(domain->configuration));
  const StoredColumns columns = stored_columns(protocol, metadata, schema);
  for (const FieldPath& in_files : clustering) {
    if (logical_path(columns, in_files)) continue;
    const StoredColumns before =
        base_.schema ? stored_columns(*base_.protocol, *base_.metadata, *base_.schema) : columns;
    const auto name = logical_path(before, in_files);
    return Error{Fault::kInvalidInput,
                 "the table is clustered by column " + text_of(name ? *name : in_files) +
                     ", which it would not have any more",
                 "", "ALTER TABLE ... CLUSTER BY other columns, or NONE, first"};
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
  } else {
    const auto marker = Log(context_, table_path_).dropped();
    // Who cannot look must not begin a log that may still have an end.
    if (!marker && marker.error().fault != Fault::kCorrupt) return marker.error();
    if (marker && *marker) {
      Error error = dropped_error(table_path_);
      error.fault = Fault::kConflict;
      return error;
    }
  }
  TRY_DONE(check_actions());
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
  const auto* metadata = last_of<Metadata>(request_.actions);
  time_ = InCommitTime(base_.metadata.get(), metadata ? *metadata : *base_.metadata,
                       to_ms(base_.timestamp));
  return done();
}

Result<std::string> Commit::render() {
  CommitInfo& info = request_.info;
  info.timestamp_ms = to_ms(context_.clock.now());
  info.in_commit_timestamp_ms = time_.assign(request_.actions, version_, info.timestamp_ms);
  if (row_ids_) {
    TRY(row_id_mark_, row_ids_->assign(request_.actions, version_));
  }
  if (row_ids_ || time_.turns_on()) body_.clear();
  if (body_.empty()) {
    for (const Action& action : request_.actions) append_line(action, body_);
    if (row_id_mark_) append_line(*row_id_mark_, body_);
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
    if (auto error =
            conflict(version_, winner->actions, request_.actions, request_.read, put_before_)) {
      return std::move(*error).at(table_path_);
    }
    if (!put_before_ && is_put_before(winner->actions, request_.read)) put_before_ = version_;
    std::int64_t its_time = to_ms(winner->object.modified_at);
    const auto* info = last_of<CommitInfo>(winner->actions);
    if (info != nullptr) its_time = info->in_commit_timestamp_ms.value_or(its_time);
    time_.follow(its_time);
    for (const Action& action : winner->actions) {
      const auto mark = row_id_high_water_mark(action);
      if (row_ids_ && mark) row_ids_->follow(*mark);
    }
    winners_.push_back(std::move(*winner));
    ++version_;
  }
}

// True if nothing of the log is there that our version follows: the table was dropped and removed
// since we have seen it, so that the name of our version had become free again.
// `before`: the entry before ours.
bool Commit::was_erased(const Result<store::ObjectInfo>& before) const {
  if (version_ == 0 || before || before.error().fault != Fault::kNotFound) return false;
  // Old entries go when there is a checkpoint.
  const auto listing = reader_.list_all();
  return listing && listing->checkpoints.empty() && !listing->commits.empty() &&
         listing->commits.front().version == version_;
}

Result<TableState> Commit::finish() {
  const std::string path = commit_path(table_path_, version_);
  const Error unknown{Fault::kUnavailable, "not looked at"};
  Result<store::ObjectInfo> object = unknown, before = unknown;
  (void)store::for_each_at_once(
      store::requests_at_once(context_.store), version_ == 0 ? 1 : 2, [&](std::size_t i) {
        auto& which = i == 0 ? object : before;
        which = context_.store.head(commit_path(table_path_, version_ - LogVersion(i)));
        return done();
      });
  if (was_erased(before)) {
    // One entry is no table. If it cannot be taken back, the log reads as damaged, which it is.
    (void)context_.store.remove(path);
    return Error{Fault::kConflict, "another writer was first: the table was dropped", table_path_,
                 "the change is not made; the table is gone"};
  }
  Replay replay(std::move(base_));
  LogVersion version = version_ - static_cast<LogVersion>(winners_.size());
  for (ReadCommit& winner : winners_) {
    replay.commit(version++, winner.object, std::move(winner.actions));
  }
  request_.actions.emplace_back(request_.info);
  if (row_id_mark_) request_.actions.push_back(*row_id_mark_);
  // The version is committed now, and nothing that fails from here on may say otherwise: if its
  // file cannot be looked at, its time is guessed, and the next refresh starts anew.
  replay.commit(version_, object ? *object : store::ObjectInfo{path, -1, context_.clock.now()},
                std::move(request_.actions));
  return std::move(replay).finish();
}

Result<TableState> Commit::run() {
  TRY_DONE(prepare());
  for (int attempt = 0; attempt < kVersionsToFollow; ++attempt) {
    TRY(const std::string bytes, render());
    TRY(const bool ours, put(bytes));
    if (ours) return finish();
    TRY_DONE(follow_winners());
  }
  return Error{Fault::kConflict,
               "other writers were first " + std::to_string(kVersionsToFollow) + " times",
               table_path_, "try again when fewer of them write to this table"};
}

}  // namespace

Result<SnapshotPtr> Log::commit(CommitRequest request) {
  Commit commit(context_, table_path_, std::move(request));
  TRY(TableState state, commit.run());
  const auto snapshot = std::make_shared<SnapshotImpl>(std::move(state), context_.clock.now());
  const int interval = commits_per_checkpoint(read_properties(snapshot->metadata().configuration),
                                              snapshot->state().files.size());
  const std::string checksum = checksum_path(table_path_, snapshot->version());
  const bool due = snapshot->version() > 0 && snapshot->version() % interval == 0;
  // Nothing depends on the checksum, so nobody waits for it: not for the disk, and not for a
  // journey, but where a checkpoint makes many of them anyway.
  if (!context_.store.distant()) {
    context_.store.put_aside(checksum, version_checksum(*snapshot, commit.txn_id()));
  } else if (due) {
    (void)context_.store.put_if_absent(checksum, version_checksum(*snapshot, commit.txn_id()));
  }
  if (due) {
    // The version is committed whether or not this succeeds; the next one that is due makes good.
    const auto written = checkpoint(snapshot);
    if (!written && written.error().fault == Fault::kCancelled) {
      // Who keeps the version back (store/held_commits.h) writes it later.
    } else if (!written) {
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

}  // namespace claimlake::delta
