// What drops old versions from a log, and looks through it before.
#include <algorithm>

#include "delta/feature_change.h"
#include "delta/features.h"
#include "delta/log.h"
#include "delta/log_cleanup.h"
#include "delta/log_json.h"
#include "delta/log_reader.h"
#include "delta/properties.h"

namespace claimlake::delta {
namespace {

// Oldest first: what is left when this stops can be read on.
Done remove_all(store::Store& store, const std::vector<std::string>& paths) {
  for (const std::string& path : paths) {
    const auto removed = store.remove(path);
    if (!removed && removed.error().fault != Fault::kNotFound) return removed.error();
  }
  return done();
}

// Whether readers must know the feature v2Checkpoint for it. One that cannot be read helps nobody
// and hinders nobody.
bool is_v2(const Checkpoint& checkpoint, const LogReader& reader) {
  const std::string name = checkpoint.name().substr(checkpoint.name().rfind('/') + 1);
  if (std::count(name.begin(), name.end(), '.') == 3) return true;  // VERSION.checkpoint.UUID.json
  if (checkpoint.parts.size() > 1) return false;
  const auto uses = reader.uses_of(checkpoint);
  return uses && uses->is_v2;
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
    if (feature == "v2Checkpoint" && is_v2(checkpoint, reader)) note(checkpoint.version);
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
  const auto old = log_before(objects, first_kept);
  TRY_DONE(remove_all(context_.store, old));
  return static_cast<std::int64_t>(old.size());
}

Done Log::clean_up(const Snapshot& snapshot) {
  const TableProperties properties = read_properties(snapshot.metadata().configuration);
  if (!properties.log_cleanup || has_feature(snapshot.protocol(), "checkpointProtection")) {
    return done();
  }
  TRY_DONE(drop_expired(properties));
  return drop_orphans();
}

Done Log::drop_expired(const TableProperties& properties) {
  const Timestamp cutoff =
      std::chrono::floor<std::chrono::days>(context_.clock.now() - properties.log_retention);
  TRY(const auto objects, context_.store.list(log_folder(table_path_)));
  const auto first_kept = expired_before(objects, cutoff);
  if (!first_kept) return done();
  if (properties.in_commit_timestamps) {
    const std::string path = commit_path(table_path_, *first_kept);
    TRY(std::string bytes, context_.store.read(path));
    TRY(const auto info, parse_commit_info(bytes, path));
    const std::chrono::milliseconds written(info ? info->in_commit_timestamp_ms.value_or(0) : 0);
    if (Timestamp(written) > cutoff) return done();
  }
  return remove_all(context_.store, log_before(objects, *first_kept));
}

// Sidecars are listed before the checkpoints that may name them, so that none is missed. One
// checkpoint that cannot be read, and nobody knows which sidecars are its own: then all stay.
Done Log::drop_orphans() {
  const Timestamp now = context_.clock.now();
  TRY(const auto sidecars, context_.store.list(sidecar_folder(table_path_)));
  if (orphan_sidecars(sidecars, {}, now).empty()) return done();
  const LogReader reader(context_, table_path_);
  TRY(const LogListing listing, reader.list_all());
  std::set<std::string> named;
  for (const Checkpoint& checkpoint : listing.checkpoints) {
    TRY(const CheckpointUses uses, reader.uses_of(checkpoint));
    named.insert(uses.sidecars.begin(), uses.sidecars.end());
  }
  return remove_all(context_.store, orphan_sidecars(sidecars, named, now));
}

}  // namespace claimlake::delta
