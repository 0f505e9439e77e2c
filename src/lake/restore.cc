#include <algorithm>
#include <map>
#include <set>
#include <span>

#include "base/text.h"
#include "delta/column_mapping.h"
#include "delta/partition_path.h"
#include "lake/file_actions.h"
#include "lake/maintain.h"
#include "store/at_once.h"

namespace claimlake::lake {
namespace {

// An error that names the first of `files` that is not in the store any more.
Done check_there(Lake& lake, const TableName& name,
                 const std::vector<const delta::AddFile*>& files) {
  store::Store& store = lake.store();
  return store::for_each_at_once(
      store::requests_at_once(store), files.size(), [&](std::size_t i) -> Done {
        TRY(const std::string path,
            delta::path_in_store(files[i]->path, name.folder(), store.root()));
        const auto there = store.head(path);
        if (there) return done();
        if (there.error().fault != Fault::kNotFound) return there.error();
        return Error{Fault::kNotFound, "A file of that version is gone: it was vacuumed", path,
                     "restore a later version: claimlake table history " + name.text()};
      });
}

// The history down to the version after `target`, if the log has it; newest first.
Result<std::vector<delta::Log::HistoryEntry>> history_since(Lake& lake, const TableName& name,
                                                            std::size_t count,
                                                            delta::LogVersion target) {
  for (;; count *= 2) {  // the table may have grown meanwhile
    TRY(auto history, lake.history(name, count));
    if (history.size() < count || history.back().version <= target + 1) return history;
  }
}

// The newest start of a VACUUM that lacks its end. Those of other engines name no run: an end is
// taken for that of the start before it.
std::optional<delta::Log::HistoryEntry> running_vacuum(
    std::span<const delta::Log::HistoryEntry> history, Timestamp now) {
  std::multiset<std::string> ended;
  for (const auto& entry : history) {
    if (entry.info.operation == delta::kVacuumEnd) ended.insert(entry.info.run);
    if (entry.info.operation != delta::kVacuumStart) continue;
    if (const auto end = ended.find(entry.info.run); end != ended.end()) {
      ended.erase(end);
    } else if (now < entry.timestamp + kVacuumMayRun) {
      return entry;
    }
  }
  return std::nullopt;
}

std::chrono::milliseconds retention_of(const delta::CommitInfo& vacuum) {
  for (const char* name : {"specifiedRetentionMillis", "defaultRetentionMillis"}) {
    const auto found = vacuum.parameters.find(name);
    if (found == vacuum.parameters.end()) continue;
    std::string digits = found->second;  // JSON: a number, or one as a text
    std::erase(digits, '"');
    const auto value = whole_number(digits);
    if (value && *value >= 0) {
      return std::chrono::floor<std::chrono::milliseconds>(from_millis(*value).time_since_epoch());
    }
  }
  return {};
}

// An error if a VACUUM is at work that does not keep one of `files`.
Done check_no_vacuum(Lake& lake, const TableName& name, const delta::SnapshotPtr& base,
                     delta::LogVersion target, const std::vector<const delta::AddFile*>& files) {
  TRY(const auto history,
      history_since(lake, name, static_cast<std::size_t>(base->version() - target), target));
  const auto vacuum = running_vacuum(history, lake.context().clock.now());
  if (!vacuum) return done();
  TRY(const auto kept, lake.tombstones(name, base, vacuum->timestamp - retention_of(vacuum->info)));
  std::set<std::string> keys;
  for (const delta::RemoveFile& file : kept) keys.insert(key_of(file));
  const auto in_danger = std::ranges::find_if(
      files, [&](const delta::AddFile* file) { return !keys.contains(key_of(*file)); });
  if (in_danger == files.end()) return done();
  return Error{Fault::kConflict,
               "A VACUUM (version " + std::to_string(vacuum->version) +
                   ") may be deleting what this would bring back: " + (*in_danger)->path,
               name.text(),
               "wait until it says that it has ended, in DESCRIBE HISTORY; if it died, until " +
                   to_text(vacuum->timestamp + kVacuumMayRun)};
}

}  // namespace

Result<MaintenanceReport> restore(Lake& lake, const Restore& what, const std::string& run) {
  TRY(const auto base, lake.snapshot(what.name));
  TRY(const auto target, lake.table(what.name.schema, what.name.table,
                                    {.version = what.version, .timestamp = what.timestamp}));
  auto request = maintenance_request(lake, base, "RESTORE", run);
  request.read.whole_table = true;
  // The rows of that version come back with its rules, by which they were checked.
  request.checked_rows = true;
  std::map<std::string, const delta::AddFile*> wanted;
  for (const delta::AddFile& file : target.snapshot->files()) wanted.emplace(key_of(file), &file);
  MaintenanceReport report;
  const Timestamp now = lake.context().clock.now();
  std::map<std::string, const delta::AddFile*> by_path;
  for (const delta::AddFile& file : base->files()) {
    by_path.emplace(file.path, &file);
    if (wanted.erase(key_of(file)) > 0) continue;
    request.actions.emplace_back(remove_file(file, now));
    ++report.files_removed;
    report.bytes_removed += file.size;
  }
  std::vector<const delta::AddFile*> returning;
  for (const auto& [key, file] : wanted) {
    returning.push_back(file);
    request.actions.emplace_back(*file);
    auto& add = std::get<delta::AddFile>(request.actions.back());
    add.data_change = true;
    // Its rows may have got their ids since then.
    const auto now_there = by_path.find(file->path);
    if (now_there != by_path.end() && !add.base_row_id) {
      add.base_row_id = now_there->second->base_row_id;
      add.default_row_commit_version = now_there->second->default_row_commit_version;
    }
    ++report.files_added;
    report.bytes_added += file->size;
  }
  if (!returning.empty()) {
    request.read.brings_back = true;
    TRY_DONE(check_no_vacuum(lake, what.name, base, target.snapshot->version(), returning));
    TRY_DONE(check_there(lake, what.name, returning));
  }
  delta::Metadata metadata = target.snapshot->metadata();
  // Ids of columns that are gone now are not given again.
  const auto& properties = base->metadata().configuration;
  const auto max_id = properties.find(delta::kMaxColumnId);
  if (max_id != properties.end()) metadata.configuration[delta::kMaxColumnId] = max_id->second;
  if (!(metadata == base->metadata())) request.actions.emplace_back(std::move(metadata));
  report.snapshot = base;
  if (request.actions.empty()) return report;
  request.info.parameters["version"] = std::to_string(target.snapshot->version());
  request.info.metrics = {
      {"numRestoredFiles", std::to_string(report.files_added)},
      {"numRemovedFiles", std::to_string(report.files_removed)},
      {"restoredFilesSize", std::to_string(report.bytes_added)},
      {"removedFilesSize", std::to_string(report.bytes_removed)},
      {"tableSizeAfterRestore", std::to_string(target.snapshot->files_bytes())},
      {"numOfFilesAfterRestore", std::to_string(target.snapshot->files().size())}};
  TRY(report.snapshot, lake.commit_actions(what.name, std::move(request)));
  return report;
}

}  // namespace claimlake::lake
