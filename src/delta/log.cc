#include "delta/log.h"

#include <algorithm>

#include "base/text.h"
#include "delta/dropped.h"
#include "delta/log_json.h"
#include "delta/log_reader.h"
#include "delta/log_segment.h"
#include "delta/snapshot_impl.h"

namespace claimlake::delta {
namespace {

Result<std::optional<CommitInfo>> read_info(const store::Store& store, const CommitFile& file) {
  TRY(std::string bytes, store.read(file.object.path));
  return parse_commit_info(bytes, file.object.path);
}

std::optional<std::int64_t> number_property(const Metadata& metadata, const std::string& name) {
  const auto property = metadata.configuration.find(name);
  if (property == metadata.configuration.end()) return std::nullopt;
  return whole_number(property->second);
}

// The commits among which the version at a time is looked for: times rise within them.
struct Period {
  std::size_t begin = 0;
  std::size_t end = 0;
  bool in_commit = false;  // they hold their own times
};

// Times of files and times in commits come from two clocks, so those before and those after the
// commit that turned the second kind on are never compared (PROTOCOL.md, "In-Commit Timestamps").
Period period_of(Timestamp time, const std::vector<TimedCommit>& commits, const Metadata& newest) {
  Period out{0, commits.size(), true};
  const auto since = number_property(newest, "delta.inCommitTimestampEnablementTimestamp");
  const auto version = number_property(newest, "delta.inCommitTimestampEnablementVersion");
  if (!since || !version) return out;
  const auto first = std::find_if(commits.begin(), commits.end(), [&](const TimedCommit& commit) {
    return commit.file.version >= *version;
  });
  const auto at = static_cast<std::size_t>(first - commits.begin());
  if (time >= from_millis(*since)) {
    out.begin = at;
  } else {
    out.end = at;
    out.in_commit = false;
  }
  return out;
}

// Where a time falls among the versions of a log.
struct Place {
  std::optional<LogVersion> at;  // the last version that is not later
  LogVersion after = 0;          // the first one that is, or would be
  LogVersion first = 0;          // of all that are there
  Timestamp first_time{};
};

// Times rise with versions, so the place is found by halving.
Result<Place> place_of(Timestamp time, const LogContext& context, const std::string& table_path) {
  const LogReader reader(context, table_path);
  TRY(const LogListing listing, reader.list_all());
  const std::vector<TimedCommit> commits = with_times(listing);
  if (commits.empty()) {
    return Error{Fault::kNotFound, "the table's log holds no commit", table_path};
  }
  TRY(const auto newest, read_info(context.store, commits.back().file));
  Period period{0, commits.size(), false};
  if (newest && newest->in_commit_timestamp_ms) {
    TRY(const TableState state, reader.load(std::nullopt));
    period = period_of(time, commits, *state.metadata);
  }
  const auto time_of = [&](const TimedCommit& commit) -> Result<Timestamp> {
    if (!period.in_commit) return commit.time;
    TRY(const auto info, read_info(context.store, commit.file));
    if (!info || !info->in_commit_timestamp_ms) return commit.time;
    return from_millis(*info->in_commit_timestamp_ms);
  };
  std::size_t not_later = period.begin;  // so many from the start are not later than `time`
  for (std::size_t end = period.end; not_later < end;) {
    const std::size_t middle = not_later + (end - not_later) / 2;
    TRY(const Timestamp at, time_of(commits[middle]));
    if (at <= time) {
      not_later = middle + 1;
    } else {
      end = middle;
    }
  }
  Place out;
  if (not_later > period.begin) out.at = commits[not_later - 1].file.version;
  out.after = not_later < commits.size() ? commits[not_later].file.version
                                         : commits.back().file.version + 1;
  out.first = commits.front().file.version;
  TRY(out.first_time, time_of(commits.front()));
  return out;
}

}  // namespace

std::vector<TimedCommit> with_times(const LogListing& listing) {
  std::vector<TimedCommit> out;
  Timestamp previous = Timestamp::min() + std::chrono::milliseconds(1);
  for (const CommitFile& file : listing.commits) {
    previous = commit_time(std::nullopt, file.object.modified_at, previous);
    out.push_back({file, previous});
  }
  return out;
}

Log::Log(LogContext context, std::string table_path)
    : context_(context), table_path_(std::move(table_path)) {}

Result<SnapshotPtr> Log::snapshot(SnapshotPtr previous) const {
  const LogReader reader(context_, table_path_);
  const auto* known = dynamic_cast<const SnapshotImpl*>(previous.get());
  auto loaded = known ? reader.refresh(known->state()) : reader.load(std::nullopt);
  if (!loaded && loaded.error().fault == Fault::kCorrupt) {
    // A log with holes may be one that is being removed.
    const auto marker = dropped();
    if (marker && *marker) return dropped_error(table_path_);
  }
  TRY(TableState state, std::move(loaded));
  if (is_dropped(*state.metadata)) return dropped_error(table_path_);
  if (known != nullptr && state.version == known->version() &&
      state.metadata == known->state().metadata) {
    return previous;
  }
  return SnapshotPtr(std::make_shared<SnapshotImpl>(std::move(state), context_.clock.now()));
}

Result<SnapshotPtr> Log::snapshot_at(LogVersion version) const {
  TRY(TableState state, LogReader(context_, table_path_).load(version));
  return SnapshotPtr(std::make_shared<SnapshotImpl>(std::move(state), context_.clock.now()));
}

Result<LogVersion> Log::version_at(Timestamp time) const {
  TRY(const Place place, place_of(time, context_, table_path_));
  if (place.at) return *place.at;
  return Error{Fault::kNotFound,
               "the table has no version at " + to_text(time) +
                   "; its first one that can be "
                   "found is version " +
                   std::to_string(place.first) + " of " + to_text(place.first_time),
               table_path_, "ask for a later time, or for a version"};
}

Result<LogVersion> Log::version_from(Timestamp time) const {
  TRY(const Place place, place_of(time - std::chrono::microseconds(1), context_, table_path_));
  return place.after;
}

Result<std::vector<Log::HistoryEntry>> Log::history(std::size_t limit) const {
  TRY(const LogListing listing, LogReader(context_, table_path_).list_all());
  const std::vector<TimedCommit> commits = with_times(listing);
  std::vector<HistoryEntry> out;
  bool in_commit = true;  // until the newest one has none: then the table has given them up
  for (auto commit = commits.rbegin(); commit != commits.rend() && out.size() < limit; ++commit) {
    TRY(auto info, read_info(context_.store, commit->file));
    HistoryEntry entry{commit->file.version, commit->time, std::move(info).value_or(CommitInfo{})};
    const auto ms = entry.info.in_commit_timestamp_ms;
    if (out.empty()) in_commit = ms.has_value();
    if (in_commit && ms) entry.timestamp = from_millis(*ms);
    out.push_back(std::move(entry));
  }
  return out;
}

Result<std::optional<CommitInfo>> Log::info_of(LogVersion version) const {
  const std::string path = commit_path(table_path_, version);
  auto bytes = context_.store.read(path);
  if (!bytes && bytes.error().fault == Fault::kNotFound) return std::optional<CommitInfo>();
  if (!bytes) return std::move(bytes).error();
  TRY(auto info, parse_commit_info(*bytes, path));
  return std::optional(std::move(info).value_or(CommitInfo{}));
}

Result<std::vector<RemoveFile>> Log::tombstones(LogVersion version, Timestamp since) const {
  const auto since_ms =
      std::chrono::floor<std::chrono::milliseconds>(since).time_since_epoch().count();
  return LogReader(context_, table_path_).tombstones(version, since_ms);
}

}  // namespace claimlake::delta
