// The change feed of a range of versions: docs/formats/change_feed.md.

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "delta/log.h"
#include "delta/log_reader.h"
#include "delta/snapshot_impl.h"

namespace claimlake::delta {
namespace {

Error cleaned_up(LogVersion version, const LogListing& listing) {
  std::string next = "compare two versions with table_diff";
  if (!listing.commits.empty()) {
    next = fmt::format("ask from version {} or later", listing.commits.front().version);
  }
  return {Fault::kNotFound,
          fmt::format("The changes of version {} cannot be told any more: its commit is no longer "
                      "in the log",
                      version),
          "", std::move(next)};
}

// What the columns of a stamp say of all rows of one commit.
PartitionValues stamp_of(LogVersion version, Timestamp time) {
  return {{kCommitVersion, std::to_string(version)}, {kCommitTimestamp, to_rfc3339(time)}};
}

// Goes through the commits of a range, oldest first.
class FeedReader {
 public:
  FeedReader(const LogContext& context, const std::string& table_path)
      : reader_(context, table_path), files_(context.store, table_path) {}

  // The table as of the first version, whose commit follows.
  Done start(LogVersion first);
  Done commit(const CommitFile& file, Timestamp time);
  Result<ChangedRows> finish() &&;

 private:
  SnapshotPtr description() const {
    return std::make_shared<SnapshotImpl>(state_, state_.timestamp);
  }
  Done describe(LogVersion version, Metadata&& metadata);
  Result<AddFile> removed(const RemoveFile& file, LogVersion version);

  const LogReader reader_;
  ChangedFiles files_;
  TableState state_;                  // protocol, metadata and schema as of the last commit
  std::vector<SnapshotPtr> earlier_;  // what they were before
  std::optional<TableState> before_;  // the version before the one that is read, if needed
};

Done FeedReader::start(LogVersion first) {
  TRY(state_, reader_.load(first));
  return done();
}

Done FeedReader::describe(LogVersion version, Metadata&& metadata) {
  TRY(Schema schema, parse_schema(metadata.schema_json));
  if (state_.version < version) earlier_.push_back(description());
  state_.schema = std::make_shared<const Schema>(std::move(schema));
  state_.metadata = std::make_shared<const Metadata>(std::move(metadata));
  return done();
}

// Most removes say all that is needed. Writers may leave it out; then the version before knows.
Result<AddFile> FeedReader::removed(const RemoveFile& file, LogVersion version) {
  const auto& partitions = state_.metadata->partition_columns;
  if (file.size && file.partition_values.size() >= partitions.size()) return as_added(file);
  if (!before_ || before_->version != version - 1) {
    TRY(before_, reader_.load(version - 1));
  }
  std::optional<AddFile> found;
  before_->files.for_each([&](const AddFile& live, std::int64_t) {
    if (live.path == file.path && live.deletion_vector == file.deletion_vector) found = live;
  });
  if (found) return *std::move(found);
  return Error{Fault::kCorrupt,
               fmt::format("version {} removes a file that was not in the table", version),
               file.path};
}

Done FeedReader::commit(const CommitFile& file, Timestamp time) {
  const LogVersion version = file.version;
  TRY(auto commit, reader_.read_commit(version));
  if (!commit) return Error{Fault::kNotFound, "the commit is not there any more", file.object.path};
  std::vector<CdcFile> told;
  std::vector<AddFile> came;
  std::vector<AddFile> went;
  for (Action& action : commit->actions) {
    if (auto* protocol = std::get_if<Protocol>(&action)) {
      state_.protocol = std::make_shared<const Protocol>(std::move(*protocol));
    } else if (auto* metadata = std::get_if<Metadata>(&action)) {
      TRY_DONE(describe(version, std::move(*metadata)));
    } else if (auto* cdc = std::get_if<CdcFile>(&action)) {
      told.push_back(std::move(*cdc));
    } else if (auto* add = std::get_if<AddFile>(&action)) {
      if (add->data_change) came.push_back(std::move(*add));
    } else if (const auto* remove = std::get_if<RemoveFile>(&action)) {
      if (!remove->data_change) continue;
      TRY(AddFile gone, removed(*remove, version));
      went.push_back(std::move(gone));
    } else if (const auto* info = std::get_if<CommitInfo>(&action)) {
      const auto ms = info->in_commit_timestamp_ms;
      if (ms) time = from_millis(*ms);
    }
  }
  state_.version = version;
  state_.timestamp = time;
  if (!has_change_feed(*state_.protocol, *state_.metadata)) {
    return Error{Fault::kInvalidInput,
                 fmt::format("The change feed of the table was off at version {} "
                             "(delta.enableChangeDataFeed)",
                             version),
                 "",
                 "choose a range of versions in which it is on, or compare two versions with "
                 "table_diff"};
  }
  const PartitionValues stamp = stamp_of(version, time);
  for (const CdcFile& change : told) files_.add(change, stamp);
  if (!told.empty()) return done();  // they tell all there is to tell
  return files_.add(came, went, stamp);
}

Result<ChangedRows> FeedReader::finish() && {
  TRY_DONE(check_change_feed(*state_.schema));
  const SnapshotPtr end = description();
  for (const SnapshotPtr& old : earlier_) {
    const std::string why = why_not_readable_as(*end, *old);
    if (why.empty()) continue;
    return Error{Fault::kInvalidInput,
                 fmt::format("The changes up to version {} cannot be told in the columns of "
                             "version {}: {}",
                             old->version(), end->version(), why),
                 "",
                 fmt::format("read the changes up to version {} by themselves", old->version())};
  }
  return std::move(files_).finish(*end, {{kCommitVersion, PrimitiveType{"long"}},
                                         {kCommitTimestamp, PrimitiveType{"timestamp"}}});
}

}  // namespace

Result<ChangedRows> Log::changes(LogVersion first, LogVersion last) const {
  TRY(const LogListing listing, LogReader(context_, table_path_).list_all());
  const std::vector<TimedCommit> commits = with_times(listing);
  if (!commits.empty() && std::max(first, last) > commits.back().file.version) {
    return Error{Fault::kNotFound, fmt::format("The table has no version {}; its newest one is {}",
                                               std::max(first, last), commits.back().file.version)};
  }
  if (first > last) {
    return Error{Fault::kInvalidInput,
                 fmt::format("Changes from version {} to version {}: the range ends before it "
                             "begins",
                             first, last),
                 "", "give the earlier version first"};
  }
  FeedReader reader(context_, table_path_);
  auto commit = std::find_if(commits.begin(), commits.end(), [&](const TimedCommit& candidate) {
    return candidate.file.version >= first;
  });
  for (LogVersion version = first; version <= last; ++version, ++commit) {
    if (commit == commits.end() || commit->file.version != version) {
      return cleaned_up(version, listing);
    }
    if (version == first) {
      TRY_DONE(reader.start(version));
    }
    TRY_DONE(reader.commit(commit->file, commit->time));
  }
  return std::move(reader).finish();
}

}  // namespace claimlake::delta
