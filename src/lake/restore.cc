#include <algorithm>
#include <map>

#include "delta/column_mapping.h"
#include "delta/partition_path.h"
#include "lake/file_actions.h"
#include "lake/maintain.h"

namespace claimlake::lake {
namespace {

// What identifies a file in the log.
std::string key_of(const delta::AddFile& file) {
  return file.path + (file.deletion_vector ? "\n" + file.deletion_vector->unique_id() : "");
}

// An error that names the first of `files` that is not in the store any more.
Done check_there(Lake& lake, const TableName& name,
                 const std::vector<const delta::AddFile*>& files) {
  for (const delta::AddFile* file : files) {
    TRY(const std::string path,
        delta::path_in_store(file->path, name.folder(), lake.store().root()));
    const auto there = lake.store().head(path);
    if (there) continue;
    if (there.error().fault != Fault::kNotFound) return there.error();
    return Error{Fault::kNotFound, "A file of that version is gone: it was vacuumed", path,
                 "restore a later version: claimlake table history " + name.text()};
  }
  return done();
}

}  // namespace

Result<MaintenanceReport> restore(Lake& lake, const Restore& what, const std::string& run) {
  TRY(const auto base, lake.snapshot(what.name));
  TRY(const auto target, lake.table(what.name.schema, what.name.table,
                                    {.version = what.version, .timestamp = what.timestamp}));
  auto request = maintenance_request(lake, base, "RESTORE", run);
  request.read.whole_table = true;
  std::map<std::string, const delta::AddFile*> wanted;
  for (const delta::AddFile& file : target.snapshot->files()) wanted.emplace(key_of(file), &file);
  MaintenanceReport report;
  const Timestamp now = lake.context().clock.now();
  for (const delta::AddFile& file : base->files()) {
    if (wanted.erase(key_of(file)) > 0) continue;
    request.actions.emplace_back(remove_file(file, now));
    ++report.files_removed;
    report.bytes_removed += file.size;
  }
  std::vector<const delta::AddFile*> returning;
  for (const auto& [key, file] : wanted) {
    returning.push_back(file);
    request.actions.emplace_back(*file);
    std::get<delta::AddFile>(request.actions.back()).data_change = true;
    ++report.files_added;
    report.bytes_added += file->size;
  }
  TRY_DONE(check_there(lake, what.name, returning));
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
