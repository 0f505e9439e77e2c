#include <fmt/format.h>

#include <unordered_set>

#include "delta/deletion_vector.h"
#include "delta/partition_path.h"
#include "delta/properties.h"
#include "lake/maintain.h"

namespace claimlake::lake {
namespace {

// Folders and files of a table that begin so are not of its rows, but for the change feed.
bool is_hidden(std::string_view path) {
  if (path.starts_with("_change_data/")) return false;
  for (std::size_t start = 0; start < path.size();) {
    const auto slash = std::min(path.find('/', start), path.size());
    const std::string_view part = path.substr(start, slash - start);
    // A partition's folder may begin with '_', as its column does: "_day=2026-01-31".
    const bool partition = part.find('=') != std::string_view::npos;
    if (part.starts_with('.') || (part.starts_with('_') && !partition)) return true;
    start = slash + 1;
  }
  return false;
}

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
  bool has(const std::string& path) const { return paths_.contains(path); }

 private:
  const std::string root_;
  const std::string folder_;
  std::unordered_set<std::string> paths_;
};

}  // namespace

Result<MaintenanceReport> vacuum(Lake& lake, const Vacuum& what, const Cancel& cancel) {
  MaintenanceReport report;
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
  const Timestamp since = lake.context().clock.now() - retention;
  Needed needed(lake, what.name);
  for (const delta::AddFile& file : report.snapshot->files()) {
    needed.keep(file.path, file.deletion_vector);
  }
  TRY(const auto removed, lake.tombstones(what.name, report.snapshot, since));
  for (const delta::RemoveFile& file : removed) needed.keep(file.path, file.deletion_vector);
  const std::string prefix = what.name.folder() + "/";
  TRY(const auto objects, lake.store().list_all(what.name.folder()));
  for (const store::ObjectInfo& object : objects) {
    if (is_hidden(std::string_view(object.path).substr(prefix.size()))) continue;
    if (object.modified_at >= since || needed.has(object.path)) continue;
    report.vacuumed.push_back(object.path);
    report.bytes_removed += object.size;
  }
  report.files_removed = static_cast<std::int64_t>(report.vacuumed.size());
  if (what.dry_run || report.vacuumed.empty()) return report;
  for (const std::string& path : report.vacuumed) {
    if (cancel.cancelled()) {
      return Error{Fault::kCancelled, "VACUUM was stopped; what it deleted was not needed",
                   what.name.text(), "run it again for the rest"};
    }
    const auto gone = lake.store().remove(path);
    if (!gone && gone.error().fault != Fault::kNotFound) return gone.error();
  }
  return report;
}

}  // namespace claimlake::lake
