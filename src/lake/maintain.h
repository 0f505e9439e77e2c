#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/cancel.h"
#include "delta/schema_change.h"
#include "lake/lake.h"
#include "lake/sql_cursor.h"

namespace claimlake::lake {

// RESTORE TABLE t TO VERSION AS OF 3 | TIMESTAMP AS OF '2026-01-31 10:00:00'.
struct Restore {
  TableName name;
  std::optional<delta::LogVersion> version;
  std::optional<Timestamp> timestamp;
};
// OPTIMIZE t [FULL] [WHERE condition] [ZORDER BY (a, s.b, ...)].
struct Optimize {
  TableName name;
  std::string condition;  // "" = all
  std::vector<delta::FieldPath> order;
  bool full = false;  // also what was clustered before
  // Only the smallest files, and only if there are many: done again and again as a table grows, it
  // writes each row a few times in all, while OPTIMIZE as people say it writes all small files.
  bool little = false;
  // If little: no larger file (one that lost most of its rows counts as what is left), and no more
  // than so many bytes of a partition at once.
  std::int64_t little_bytes_max = std::numeric_limits<std::int64_t>::max();
};
// VACUUM t [RETAIN n HOURS] [DRY RUN].
struct Vacuum {
  TableName name;
  std::optional<std::chrono::hours> retain;
  bool dry_run = false;
};
using Maintenance = std::variant<Restore, Optimize, Vacuum>;

// VERSION AS OF 3 | TIMESTAMP AS OF '2026-01-31 10:00:00'
Done read_as_of(SqlCursor& cursor, std::optional<delta::LogVersion>& version,
                std::optional<Timestamp>& timestamp);
// Absent: another statement. Errors: kInvalidInput with the place of what cannot be read.
Result<std::optional<Maintenance>> parse_maintenance(std::string_view sql);

// What all of them commit on: named, and without actions yet.
delta::CommitRequest maintenance_request(const Lake& lake, delta::SnapshotPtr base,
                                         const char* operation, const std::string& run);

// A VACUUM that has not said its end within this has died.
inline constexpr std::chrono::hours kVacuumMayRun{24};

struct MaintenanceReport {
  delta::SnapshotPtr snapshot;  // after it
  std::int64_t files_added = 0;
  std::int64_t files_removed = 0;
  std::int64_t bytes_added = 0;
  std::int64_t bytes_removed = 0;
};

struct VacuumReport {
  delta::SnapshotPtr snapshot;              // whose files were kept
  std::vector<store::ObjectInfo> vacuumed;  // what is gone, or would be (dry run)
};

// Makes the newest version hold the rows, schema and properties of an old one; nothing is deleted.
// Errors: kNotFound (no such version; a file of it is gone, which one), kConflict (also a VACUUM
// that may still delete such files).
Result<MaintenanceReport> restore(Lake& lake, const Restore& what, const std::string& run);

// Writes files that are small, or have lost many rows, anew as larger ones, partition by partition.
// With an order, all files, each partition along a Z curve over these columns (engine/curve.h); of
// a clustered table, those that nobody has clustered, along the curve of its columns.
// No row changes. Errors: kInvalidInput (a column that nothing can be ordered by), kConflict (a
// file was changed meanwhile), those of Session::query.
Result<MaintenanceReport> optimize(Lake& lake, engine::Session& session, const Optimize& what,
                                   const std::string& run, const Cancel& cancel);

// What of `table` an Optimize that is `little` would write anew.
struct LittleDue {
  std::int64_t files = 0;
  std::int64_t bytes = 0;
};
LittleDue little_due(const delta::Snapshot& table,
                     std::int64_t bytes_max = std::numeric_limits<std::int64_t>::max());

// Deletes the files in the table's folder that no version within the retention needs, and that are
// older than it. Files of running writers are younger. Errors: kInvalidInput: a retention shorter
// than the table's (delta.deletedFileRetentionDuration).
// Commits its start and its end (docs/formats/conflict.md) if there is something to delete.
Result<VacuumReport> vacuum(Lake& lake, const Vacuum& what, const std::string& run,
                            const Cancel& cancel);

}  // namespace claimlake::lake
