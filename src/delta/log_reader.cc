#include "delta/log_reader.h"

#include <algorithm>
#include <future>
#include <thread>
#include <unordered_map>

#include "base/log.h"
#include "delta/log_cleanup.h"
#include "delta/log_json.h"
#include "delta/partition_path.h"
#include "delta/version_checksum.h"
#include "store/at_once.h"

namespace claimlake::delta {
namespace {

// Commits of fewer bytes than this are read faster than a thread is started.
constexpr std::int64_t kBytesBeforeThreads = 1 << 20;
constexpr std::size_t kMostThreads = 8;
// So many commits since the last checkpoint are asked for by name before the folder is listed.
constexpr LogVersion kCommitsByName = 100;
// An add with statistics is longer; then less is reserved than needed, which costs little.
constexpr std::size_t kLikelyLineBytes = 256;

// The state is that of a commit file; if that file changes, the table was made anew.
bool same_object(const store::ObjectInfo& a, const store::ObjectInfo& b) {
  return a.size == b.size && a.modified_at == b.modified_at;
}

std::string tombstone_key(std::string_view path, const std::optional<DeletionVector>& vector) {
  std::string key(path);
  if (vector) key += '\n' + vector->unique_id();
  return key;
}

}  // namespace

Error LogReader::missing_table(Error error) const {
  if (error.fault != Fault::kNotFound && error.fault != Fault::kCorrupt) return error;
  return std::move(error).at(table_path_.empty() ? context_.store.root() : table_path_);
}

Result<LogListing> LogReader::list_all() const {
  TRY(const auto objects, context_.store.list(log_folder(table_path_)));
  return sort_out(objects);
}

// `_last_checkpoint` only says where to start: what it says is checked against the listing, and
// everything is listed if it is of no use.
Result<LogListing> LogReader::list_recent(std::optional<LogVersion> version) const {
  const std::string folder = log_folder(table_path_);
  const auto text = context_.store.read(folder + "/_last_checkpoint");
  const auto hint = text ? parse_last_checkpoint(*text) : std::nullopt;
  if (!hint || (version && *version < hint->version)) return list_all();
  const std::string start = commit_name(hint->version).substr(0, 20);
  TRY(const auto objects, context_.store.list(folder, start));
  LogListing listing = sort_out(objects);
  const bool of_use =
      !listing.checkpoints.empty() && (!version || listing.checkpoints.front().version <= *version);
  if (!of_use) return list_all();
  return listing;
}

// Reading commits is most of a cold open, and they do not depend on each other: long ones, and
// those of a distant store, are read by several threads.
Done LogReader::read_each(const std::vector<CommitFile>& commits, const UseCommit& use) const {
  std::int64_t bytes = 0;
  for (const CommitFile& commit : commits) bytes += commit.object.size;
  const std::size_t at_once =
      context_.store.distant() ? store::kMostRequests
      : bytes >= kBytesBeforeThreads
          ? std::min<std::size_t>(kMostThreads, std::max(1U, std::thread::hardware_concurrency()))
          : 1;
  return store::for_each_at_once(at_once, commits.size(), [&](std::size_t i) -> Done {
    TRY(std::string text, context_.store.read(commits[i].object.path));
    return use(i, text);
  });
}

Result<std::vector<CommitParts>> LogReader::read_parts(
    const std::vector<CommitFile>& commits) const {
  std::vector<CommitParts> out(commits.size());
  TRY_DONE(read_each(commits, [&](std::size_t i, std::string& bytes) {
    out[i].adds.reserve(bytes.size() / kLikelyLineBytes);
    return parse_commit(bytes, commits[i].object.path,
                        [&](Action&& action) { out[i].take(std::move(action)); });
  }));
  return out;
}

// A file of the log folder: JSON lines as a commit has, or Parquet.
Done LogReader::read_checkpoint_file(const std::string& path, CheckpointRows rows,
                                     const CheckpointSink& sink) const {
  if (!path.ends_with(".json")) return context_.parquet.read_checkpoint(path, rows, sink);
  TRY(std::string bytes, context_.store.read(path));
  CheckpointBatch batch;
  TRY_DONE(parse_commit(bytes, path, [&](Action&& action) {
    if (auto* add = std::get_if<AddFile>(&action)) {
      if (rows.add) batch.adds.push_back(std::move(*add));
    } else if (std::holds_alternative<Sidecar>(action) ||
               (std::holds_alternative<RemoveFile>(action) ? rows.remove : rows.small)) {
      batch.others.push_back(std::move(action));
    }
  }));
  return sink(std::move(batch));
}

// Sidecars lie in a folder of their own whatever path they are given, so only the name counts.
Result<std::vector<std::string>> LogReader::read_parts_of(const Checkpoint& checkpoint,
                                                          CheckpointRows rows,
                                                          const CheckpointSink& sink) const {
  std::vector<std::string> sidecars;
  for (const std::string& part : checkpoint.parts) {
    auto read = read_checkpoint_file(part, rows, [&](CheckpointBatch&& batch) {
      for (const Action& action : batch.others) {
        const auto* sidecar = std::get_if<Sidecar>(&action);
        if (sidecar == nullptr) continue;
        const std::string path = decode_path(sidecar->path);
        const std::string name = path.substr(path.rfind('/') + 1);
        if (!name.ends_with(".parquet")) {
          return Done(Error{Fault::kCorrupt, "a sidecar of the checkpoint has no name of a file"});
        }
        sidecars.push_back(sidecar_folder(table_path_) + "/" + name);
      }
      return sink(std::move(batch));
    });
    if (!read) return std::move(read).error().at(part);
  }
  return sidecars;
}

// The parts, and the sidecars that they name; one that names further ones is not followed.
Done LogReader::read_checkpoint(const Checkpoint& checkpoint, CheckpointRows rows,
                                const CheckpointSink& sink) const {
  TRY(const auto sidecars, read_parts_of(checkpoint, rows, sink));
  rows.small = false;
  for (const std::string& path : sidecars) {
    auto read = context_.parquet.read_checkpoint(path, rows, sink);
    if (!read) return std::move(read).error().at(path);
  }
  return done();
}

Result<TableState> LogReader::replay(const LogSegment& segment, bool& checkpoint_failed) const {
  Replay replay;
  checkpoint_failed = false;
  if (segment.checkpoint) {
    auto read = read_checkpoint(*segment.checkpoint, {}, [&](CheckpointBatch&& batch) {
      replay.checkpoint(std::move(batch));
      return done();
    });
    if (!read) {
      checkpoint_failed = true;
      return std::move(read).error().in("the checkpoint cannot be read");
    }
    TRY_DONE(date_checkpoint(segment, replay));
  }
  TRY(auto parts, read_parts(segment.commits));
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const CommitFile& commit = segment.commits[i];
    replay.commit(commit.version, commit.object, std::move(parts[i]));
  }
  return std::move(replay).finish();
}

Done LogReader::date_checkpoint(const LogSegment& segment, Replay& replay) const {
  const Checkpoint& checkpoint = *segment.checkpoint;
  if (!segment.checkpoint_commit) {
    const auto object = context_.store.head(checkpoint.parts.front());
    replay.checkpoint_version(checkpoint.version, object ? object->modified_at : Timestamp{});
    return done();
  }
  const store::ObjectInfo& commit = segment.checkpoint_commit->object;
  std::optional<std::int64_t> in_commit_ms;
  if (replay.in_commit_timestamps()) {
    TRY(std::string bytes, context_.store.read(commit.path));
    TRY(const auto info, parse_commit_info(bytes, commit.path));
    if (info) in_commit_ms = info->in_commit_timestamp_ms;
  }
  replay.checkpoint_version(checkpoint.version, commit, in_commit_ms);
  return done();
}

Result<CheckpointUses> LogReader::uses_of(const Checkpoint& checkpoint) const {
  CheckpointUses out;
  const CheckpointRows rows{.add = false, .remove = false, .small = true};
  TRY(out.sidecars, read_parts_of(checkpoint, rows, [&](CheckpointBatch&& batch) {
        for (const Action& action : batch.others) {
          if (std::holds_alternative<CheckpointMetadata>(action)) out.is_v2 = true;
        }
        return done();
      }));
  out.is_v2 = out.is_v2 || !out.sidecars.empty();
  return out;
}

// Calls `use` with the segment of `version`. Where it says that the checkpoint cannot be read, an
// older one and the commits after it say the same, if they are still there.
template <class Use>
auto LogReader::with_segment(std::optional<LogVersion> version, const Use& use) const {
  using Answer = std::invoke_result_t<Use, const LogSegment&, bool&>;
  const auto try_all = [&]() -> Answer {
    TRY(LogListing listing, list_recent(version));
    std::vector<std::string> bad;
    std::optional<Error> why;
    for (;;) {
      auto segment = find_segment(listing, version, bad);
      if (!segment) return missing_table(why ? std::move(*why) : std::move(segment).error());
      bool checkpoint_failed = false;
      auto answer = use(*segment, checkpoint_failed);
      if (answer) return answer;
      const Fault fault = answer.error().fault;
      const bool another_may_do = fault == Fault::kCorrupt || fault == Fault::kNotFound;
      if (!checkpoint_failed || !another_may_do) return missing_table(std::move(answer).error());
      if (!why) why = std::move(answer).error();
      bad.push_back(segment->checkpoint->name());
      TRY(listing, list_all());
    }
  };
  return try_all();
}

std::string LogReader::checksum_of(const LogSegment& segment) const {
  if (!segment.has_checksum) return {};
  const auto text = context_.store.read(checksum_path(table_path_, segment.version));
  return text ? *text : std::string();
}

void LogReader::warn(const TableState& state, std::string_view why) const {
  log(LogLevel::kWarning, "checksum_differs",
      {{"table", table_path_},
       {"version", std::to_string(state.version)},
       {"reason", std::string(why)},
       {"try", "claimlake table check"}});
}

// A checksum tells of a checkpoint that is not what the log says: then an older one and the commits
// after it are read. Where these say the same, or are gone, it is the checksum that is wrong, or
// nobody can know: the newest checkpoint counts, as for readers that look at no checksum.
Result<TableState> LogReader::load(std::optional<LogVersion> version) const {
  std::optional<TableState> doubtful;
  std::string why;
  auto loaded = with_segment(
      version, [&](const LogSegment& segment, bool& checkpoint_failed) -> Result<TableState> {
        const auto how = context_.store.distant() ? std::launch::async : std::launch::deferred;
        auto checksum = std::async(how, [&] { return checksum_of(segment); });
        TRY(TableState state, replay(segment, checkpoint_failed));
        auto differs = contradiction(checksum.get(), state);
        if (!differs) return state;
        if (!doubtful) {
          doubtful = state;
          why = *std::move(differs);
        }
        if (!segment.checkpoint) return state;
        checkpoint_failed = true;
        return Error{Fault::kCorrupt, "the checksum of the version differs: " + why};
      });
  if (!doubtful) return loaded;
  warn(*doubtful, why);
  if (!loaded && loaded.error().fault == Fault::kCorrupt) return *std::move(doubtful);
  return loaded;
}

Result<std::optional<ReadCommit>> LogReader::read_commit(LogVersion version) const {
  const std::string path = commit_path(table_path_, version);
  ReadCommit out;
  auto object = context_.store.head(path);
  if (!object && object.error().fault == Fault::kNotFound) return std::optional<ReadCommit>();
  TRY(out.object, std::move(object));
  TRY(std::string bytes, context_.store.read(path));
  TRY(out.actions, parse_commit(bytes, path));
  return std::optional<ReadCommit>(std::move(out));
}

// Asks for the next version by name, so that the cost does not grow with the log, and looks whether
// the version that is known is still the same one: a log that was cleaned up past it, or a table
// that was made anew, is loaded from the start.
Result<TableState> LogReader::refresh(const TableState& known) const {
  Result<store::ObjectInfo> object = Error{Fault::kNotFound, ""};
  const auto look = [&] { object = context_.store.head(commit_path(table_path_, known.version)); };
  std::optional<std::thread> looking;
  if (context_.store.distant()) {
    looking.emplace(look);
  } else {
    look();
  }
  auto next = read_commit(known.version + 1);
  if (looking) looking->join();
  if (!object && object.error().fault != Fault::kNotFound) return object.error();
  if (!object || !known.commit || !same_object(*object, *known.commit)) return load(std::nullopt);
  TRY(auto commit, std::move(next));
  if (!commit) return known;
  Replay replay(known);
  replay.commit(known.version + 1, commit->object, std::move(commit->actions));
  TRY_DONE(replay_newer(known.version + 2, replay));
  return std::move(replay).finish();
}

// Over a network one listing and all of them at once, else one after the other: there a listing
// costs more the longer the log is.
Done LogReader::replay_newer(LogVersion next, Replay& replay) const {
  if (!context_.store.distant()) {
    for (;; ++next) {
      TRY(auto commit, read_commit(next));
      if (!commit) return done();
      replay.commit(next, commit->object, std::move(commit->actions));
    }
  }
  TRY(const auto objects, context_.store.list(log_folder(table_path_), commit_name(next)));
  std::vector<CommitFile> newer = sort_out(objects).commits;
  std::size_t whole = 0;  // up to a gap
  while (whole < newer.size() && newer[whole].version == next + static_cast<LogVersion>(whole))
    ++whole;
  newer.erase(newer.begin() + static_cast<std::ptrdiff_t>(whole), newer.end());
  TRY(auto parts, read_parts(newer));
  for (std::size_t i = 0; i < parts.size(); ++i) {
    replay.commit(newer[i].version, newer[i].object, std::move(parts[i]));
  }
  return done();
}

// The files of `version` by the names that `_last_checkpoint` leads to, whether they are there or
// not: unlike a listing, this costs the same for a log of any length.
std::optional<LogSegment> LogReader::segment_by_name(LogVersion version) const {
  const std::string folder = log_folder(table_path_) + "/";
  const auto text = context_.store.read(folder + "_last_checkpoint");
  const auto hint = text ? parse_last_checkpoint(*text) : std::nullopt;
  if (!hint || hint->version >= version || version - hint->version > kCommitsByName) {
    return std::nullopt;
  }
  LogSegment out;
  out.version = version;
  out.checkpoint = Checkpoint{hint->version, {folder + hint->name}};
  for (LogVersion next = hint->version + 1; next <= version; ++next) {
    out.commits.push_back({next, {commit_path(table_path_, next)}});
  }
  return out;
}

Result<std::vector<RemoveFile>> LogReader::tombstones(LogVersion version,
                                                      std::int64_t since_ms) const {
  if (const auto segment = segment_by_name(version)) {
    bool ignored = false;
    auto found = tombstones_of(*segment, since_ms, ignored);
    if (found) return found;  // else the hint was wrong, and the listing tells
  }
  return with_segment(version, [&](const LogSegment& segment, bool& checkpoint_failed) {
    return tombstones_of(segment, since_ms, checkpoint_failed);
  });
}

Result<std::vector<RemoveFile>> LogReader::tombstones_of(const LogSegment& segment,
                                                         std::int64_t since_ms,
                                                         bool& checkpoint_failed) const {
  std::unordered_map<std::string, RemoveFile> found;
  const auto note = [&](Action& action) {
    if (auto* remove = std::get_if<RemoveFile>(&action)) {
      if (remove->deletion_timestamp_ms.value_or(0) <= since_ms) return;
      std::string key = tombstone_key(remove->path, remove->deletion_vector);
      found.insert_or_assign(std::move(key), std::move(*remove));
    } else if (const auto* add = std::get_if<AddFile>(&action)) {
      found.erase(tombstone_key(add->path, add->deletion_vector));
    }
  };
  if (segment.checkpoint) {
    const CheckpointRows rows{.add = false, .remove = true, .small = false};
    auto read = read_checkpoint(*segment.checkpoint, rows, [&](CheckpointBatch&& batch) {
      for (Action& action : batch.others) note(action);
      return done();
    });
    checkpoint_failed = !read;
    if (!read) return std::move(read).error();
  }
  std::vector<std::vector<Action>> commits(segment.commits.size());
  TRY_DONE(read_each(segment.commits, [&](std::size_t i, std::string& bytes) -> Done {
    TRY(commits[i], parse_commit(bytes, segment.commits[i].object.path));
    return done();
  }));
  for (std::vector<Action>& actions : commits) {
    for (Action& action : actions) {
      if (std::holds_alternative<RemoveFile>(action)) note(action);
    }
    for (Action& action : actions) {
      if (std::holds_alternative<AddFile>(action)) note(action);
    }
  }
  std::vector<RemoveFile> out;
  out.reserve(found.size());
  for (auto& [key, remove] : found) out.push_back(std::move(remove));
  return out;
}

}  // namespace claimlake::delta
