#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

#include "delta/deletion_vector.h"
#include "delta/partition_path.h"
#include "delta/properties.h"
#include "lake/environment_files.h"
#include "lake/file_actions.h"
#include "lake/maintain.h"
#include "store/at_once.h"

namespace claimlake::lake {
namespace {

class Needed {
 public:
  Needed(const Lake& lake, const TableName& name)
      : root_(lake.context().store.root()), folder_(name.folder()) {}

  // A file with its vector. One outside of the lake is not ours to delete anyway.
  void keep(std::string_view path, const std::optional<delta::DeletionVector>& vector) {
    if (auto place = delta::path_in_store(path, folder_, root_)) paths_.insert(*std::move(place));
    if (!vector) return;
    if (auto place = delta::deletion_vector_path(*vector, folder_, root_)) {
      paths_.insert(*std::move(place));
    }
  }
  void keep_path(const std::string& path) { paths_.insert(path); }
  bool has(const std::string& path) const { return paths_.contains(path); }

 private:
  const std::string root_;
  const std::string folder_;
  std::unordered_set<std::string> paths_;
};

// Files that the table's versions within the retention need, those removed after `since` included,
// and those that environments share with it.
Result<Needed> needed_by(Lake& lake, const TableName& name, const delta::SnapshotPtr& snapshot,
                         Timestamp since) {
  Needed needed(lake, name);
  for (const delta::AddFile& file : snapshot->files()) needed.keep(file.path, file.deletion_vector);
  TRY(const auto removed, lake.tombstones(name, snapshot, since));
  for (const delta::RemoveFile& file : removed) needed.keep(file.path, file.deletion_vector);
  TRY(const auto shared, files_of_environments(lake, name, since));
  for (const auto& [path, environment] : shared) needed.keep_path(path);
  return needed;
}

std::int64_t bytes_of(const std::vector<store::ObjectInfo>& objects) {
  std::int64_t bytes = 0;
  for (const store::ObjectInfo& object : objects) bytes += object.size;
  return bytes;
}

std::string milliseconds(std::chrono::milliseconds time) { return std::to_string(time.count()); }

// Says in the log that files will be deleted: docs/formats/conflict.md. Returns that version.
// Nothing but a change of the schema or the protocol is in its way, and such a change only once.
Result<delta::SnapshotPtr> commit_start(Lake& lake, const Vacuum& what,
                                        std::chrono::milliseconds retention_of_table,
                                        const VacuumReport& report, const std::string& run) {
  for (int attempt = 0;; ++attempt) {
    TRY(auto base, lake.snapshot(what.name));
    auto request = maintenance_request(lake, std::move(base), delta::kVacuumStart, run);
    request.info.parameters = {{"retentionCheckEnabled", "true"},
                               {"defaultRetentionMillis", milliseconds(retention_of_table)}};
    if (what.retain) {
      request.info.parameters["specifiedRetentionMillis"] = milliseconds(*what.retain);
    }
    request.info.metrics = {{"numFilesToDelete", std::to_string(report.vacuumed.size())},
                            {"sizeOfDataToDelete", std::to_string(bytes_of(report.vacuumed))}};
    auto committed = lake.commit_actions(what.name, std::move(request));
    if (committed || committed.error().fault != Fault::kConflict || attempt == 5) return committed;
  }
}

// The files are deleted whether the log says so or not: a RESTORE waits for it, nothing else.
void commit_end(Lake& lake, const Vacuum& what, const VacuumReport& report,
                const std::string& run) {
  auto base = lake.snapshot(what.name);
  if (!base) return;
  auto request = maintenance_request(lake, *std::move(base), delta::kVacuumEnd, run);
  request.info.parameters = {{"status", "COMPLETED"}};
  request.info.metrics = {{"numDeletedFiles", std::to_string(report.vacuumed.size())}};
  (void)lake.commit_actions(what.name, std::move(request));
}

}  // namespace

Result<VacuumReport> vacuum(Lake& lake, const Vacuum& what, const std::string& run,
                            const Cancel& cancel) {
  VacuumReport report;
  TRY(report.snapshot, lake.snapshot(what.name));
  const auto properties = delta::read_properties(report.snapshot->metadata().configuration);
  const std::chrono::milliseconds retention =
      what.retain ? std::chrono::milliseconds(*what.retain) : properties.deleted_file_retention;
  if (retention < properties.deleted_file_retention) {
    return Error{
        Fault::kInvalidInput,
        fmt::format(
            "Files would be deleted that are younger than the table keeps them: {} "
            "hours (delta.deletedFileRetentionDuration)",
            std::chrono::duration_cast<std::chrono::hours>(properties.deleted_file_retention)
                .count()),
        what.name.text(),
        "leave out RETAIN, or shorten the property if no reader or writer runs for so long"};
  }
  const Timestamp began = lake.context().clock.now();
  const Timestamp since = began - retention;
  TRY(const auto needed, needed_by(lake, what.name, report.snapshot, since));
  const std::string prefix = what.name.folder() + "/";
  TRY(const auto objects, lake.store().list_all(what.name.folder()));
  for (const store::ObjectInfo& object : objects) {
    const auto path = std::string_view(object.path).substr(prefix.size());
    // The files of the change feed are the table's own.
    if (is_hidden(path) && !path.starts_with("_change_data/")) continue;
    if (object.modified_at >= since || needed.has(object.path)) continue;
    report.vacuumed.push_back(object);
  }
  if (what.dry_run || report.vacuumed.empty()) return report;

  TRY(report.snapshot, commit_start(lake, what, properties.deleted_file_retention, report, run));
  TRY(const auto still_needed, needed_by(lake, what.name, report.snapshot, since));
  std::erase_if(report.vacuumed, [&](const auto& object) { return still_needed.has(object.path); });
  TRY_DONE(store::for_each_at_once(
      store::requests_at_once(lake.store()), report.vacuumed.size(), [&](std::size_t i) -> Done {
        if (cancel.cancelled() || lake.context().clock.now() >= began + kVacuumMayRun) {
          return Error{Fault::kCancelled, "VACUUM was stopped; what it deleted was not needed",
                       what.name.text(), "run it again for the rest"};
        }
        auto gone = lake.store().remove(report.vacuumed[i].path);
        if (!gone && gone.error().fault != Fault::kNotFound) return gone;
        return done();
      }));
  commit_end(lake, what, report, run);
  return report;
}

}  // namespace claimlake::lake
