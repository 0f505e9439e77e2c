// What drops old versions from a log, and looks through it before.
#include <algorithm>
#include <charconv>

#include "delta/feature_change.h"
#include "delta/log.h"
#include "delta/log_reader.h"

namespace claimlake::delta {
namespace {

constexpr std::size_t kVersionDigits = 20;

// The version that a file of the log is of; absent for other files.
std::optional<LogVersion> version_of(std::string_view path) {
  const std::string_view name = path.substr(path.rfind('/') + 1);
  if (name.size() <= kVersionDigits || name[kVersionDigits] != '.') return std::nullopt;
  LogVersion version = 0;
  const auto read = std::from_chars(name.data(), name.data() + kVersionDigits, version);
  if (read.ec != std::errc() || read.ptr != name.data() + kVersionDigits) return std::nullopt;
  return version;
}

bool is_v2(const Checkpoint& checkpoint) {
  const std::string name = checkpoint.name().substr(checkpoint.name().rfind('/') + 1);
  return std::count(name.begin(), name.end(), '.') == 3;  // VERSION.checkpoint.UUID.parquet
}

}  // namespace

Result<std::optional<LogVersion>> Log::last_use(std::string_view feature) const {
  const LogReader reader(context_, table_path_);
  TRY(const LogListing listing, reader.list_all());
  std::optional<LogVersion> last;
  const auto note = [&](LogVersion version) { last = std::max(last.value_or(0), version); };
  // The log need not begin with the table: then its oldest version is what a checkpoint says.
  const bool cut = !listing.commits.empty() && listing.commits.front().version > 0;
  if (cut && !listing.checkpoints.empty()) {
    const LogVersion oldest = listing.checkpoints.front().version;
    TRY(const SnapshotPtr table, snapshot_at(oldest));
    const auto& files = table->files();
    if (needs_feature(feature, Action(table->metadata())) ||
        std::any_of(files.begin(), files.end(),
                    [&](const AddFile& file) { return needs_feature(feature, Action(file)); })) {
      note(oldest);
    }
  }
  for (const Checkpoint& checkpoint : listing.checkpoints) {
    if (feature == "v2Checkpoint" && is_v2(checkpoint)) note(checkpoint.version);
  }
  for (const CommitFile& commit : listing.commits) {
    TRY(const auto read, reader.read_commit(commit.version));
    if (!read) continue;  // cleaned up meanwhile
    const auto& actions = read->actions;
    if (std::any_of(actions.begin(), actions.end(),
                    [&](const Action& action) { return needs_feature(feature, action); })) {
      note(commit.version);
    }
  }
  return last;
}

Result<std::int64_t> Log::truncate(LogVersion first_kept) {
  TRY(const SnapshotPtr kept, snapshot_at(first_kept));
  TRY_DONE(checkpoint(kept));
  TRY(const auto objects, context_.store.list(log_folder(table_path_)));
  std::int64_t removed = 0;
  // Oldest first: what is left when this stops can be read on.
  for (const store::ObjectInfo& object : objects) {
    const auto version = version_of(object.path);
    if (!version || *version >= first_kept) continue;
    const auto gone = context_.store.remove(object.path);
    if (!gone && gone.error().fault != Fault::kNotFound) return gone.error();
    ++removed;
  }
  return removed;
}

}  // namespace claimlake::delta
