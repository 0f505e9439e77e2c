#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/cancel.h"
#include "lake/lake.h"
#include "lake/sql_cursor.h"

namespace claimlake::lake {

// RESTORE TABLE t TO VERSION AS OF 3 | TIMESTAMP AS OF '2026-01-31 10:00:00'.
struct Restore {
  TableName name;
  std::optional<delta::LogVersion> version;
  std::optional<Timestamp> timestamp;
};
// OPTIMIZE t [WHERE condition on partition columns].
struct Optimize {
  TableName name;
  std::string condition;  // "" = all
};
// VACUUM t [RETAIN n HOURS] [DRY RUN].
struct Vacuum {
  TableName name;
  std::optional<std::chrono::hours> retain;
  bool dry_run = false;
};
using Maintenance = std::variant<Restore, Optimize, Vacuum>;

// Absent: another statement. Errors: kInvalidInput with the place of what cannot be read.
Result<std::optional<Maintenance>> parse_maintenance(std::string_view sql);

// What all of them commit on: named, and without actions yet.
delta::CommitRequest maintenance_request(const Lake& lake, delta::SnapshotPtr base,
                                         const char* operation, const std::string& run);

struct MaintenanceReport {
  delta::SnapshotPtr snapshot;  // after it
  std::int64_t files_added = 0;
  std::int64_t files_removed = 0;
  std::int64_t bytes_added = 0;
  std::int64_t bytes_removed = 0;
  std::vector<std::string> vacuumed;  // paths in the store that are gone, or would be (dry run)
};

// Makes the newest version hold the rows, schema and properties of an old one; nothing is deleted.
// Errors: kNotFound (no such version; a file of it is gone, which one), kConflict.
Result<MaintenanceReport> restore(Lake& lake, const Restore& what, const std::string& run);

// Writes files that are small, or have lost many rows, anew as larger ones, partition by partition.
// No row changes. Errors: kConflict (a file was changed meanwhile), those of Session::query.
Result<MaintenanceReport> optimize(Lake& lake, engine::Session& session, const Optimize& what,
                                   const std::string& run, const Cancel& cancel);

// Deletes the files in the table's folder that no version within the retention needs, and that are
// older than it. Files of running writers are younger. Errors: kInvalidInput: a retention shorter
// than the table's (delta.deletedFileRetentionDuration).
Result<MaintenanceReport> vacuum(Lake& lake, const Vacuum& what, const Cancel& cancel);

}  // namespace claimlake::lake
