#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/text.h"
#include "delta/json_writer.h"
#include "lake/bound_version.h"
#include "lake/file_actions.h"
#include "lake/maintain.h"

namespace claimlake::lake {
namespace {

// Files are made of about this size.
constexpr std::int64_t kTargetBytes = std::int64_t{128} << 20;
// A file of at least this share of it is large enough.
constexpr std::int64_t kLargePercent = 75;
// A file that has lost at least this share of its rows is written anew, whatever its size.
constexpr std::int64_t kLostPercent = 5;

bool lost_many(const delta::AddFile& file, std::optional<std::int64_t> rows) {
  if (!file.deletion_vector) return false;
  return !rows || file.deletion_vector->cardinality * 100 >= *rows * kLostPercent;
}

// The numbers of the files that are worth writing anew: by partition, and there are at least two of
// them, or one that has lost many rows.
std::vector<std::size_t> worth_it(const delta::Snapshot& table,
                                  const std::optional<std::vector<std::size_t>>& among) {
  std::map<delta::PartitionValues, std::vector<std::size_t>> small;
  for (std::size_t i = 0; i < table.files().size(); ++i) {
    const delta::AddFile& file = table.files()[i];
    if (among && !std::binary_search(among->begin(), among->end(), i)) continue;
    const bool large = file.size * 100 >= kTargetBytes * kLargePercent;
    if (large && !lost_many(file, table.row_count(i))) continue;
    small[file.partition_values].push_back(i);
  }
  std::vector<std::size_t> out;
  for (const auto& [partition, numbers] : small) {
    const bool alone = numbers.size() == 1;
    const std::size_t only = numbers.front();
    if (alone && !lost_many(table.files()[only], table.row_count(only))) continue;
    out.insert(out.end(), numbers.begin(), numbers.end());
  }
  std::sort(out.begin(), out.end());
  return out;
}

// The files with rows for which `condition` holds.
Result<std::vector<std::size_t>> files_where(engine::Session& session, const TableName& name,
                                             const std::string& condition) {
  TRY(const auto rows, session.query(fmt::format(
                           "SELECT DISTINCT t.file_number FROM lake.{}.{} AS t WHERE {} ORDER BY 1",
                           sql_identifier(name.schema), sql_identifier(name.table), condition)));
  std::vector<std::size_t> out;
  for (;;) {
    TRY(const bool more, rows->next());
    if (!more) return out;
    for (std::size_t i = 0; i < rows->row_count(); ++i) {
      out.push_back(static_cast<std::size_t>(rows->integer(0, i)));
    }
  }
}

}  // namespace

Result<MaintenanceReport> optimize(Lake& lake, engine::Session& session, const Optimize& what,
                                   const std::string& run, const Cancel& cancel) {
  MaintenanceReport report;
  TRY(report.snapshot, lake.snapshot(what.name));
  const delta::SnapshotPtr base = report.snapshot;
  BoundVersion bound(session, what.name);
  TRY_DONE(bound.to(base));
  std::optional<std::vector<std::size_t>> among;
  if (!what.condition.empty()) {
    TRY(among, files_where(session, what.name, what.condition));
  }
  const auto numbers = worth_it(*base, among);
  if (numbers.empty()) return report;
  std::string list;
  std::string columns;
  for (const std::size_t number : numbers)
    list += (list.empty() ? "" : ", ") + std::to_string(number);
  for (const delta::Field& field : base->schema().fields) {
    columns += (columns.empty() ? "" : ", ") + std::string("t.") + sql_identifier(field.name);
  }
  TRY(const Staged staged,
      lake.stage(
          session, what.name,
          fmt::format("SELECT {} FROM lake.{}.{} AS t WHERE t.file_number IN ({})", columns,
                      sql_identifier(what.name.schema), sql_identifier(what.name.table), list),
          base->metadata().partition_columns, "", delta::stored_columns(*base)));
  auto request = maintenance_request(lake, base, "OPTIMIZE", run);
  const Timestamp now = lake.context().clock.now();
  for (const std::size_t number : numbers) {
    delta::RemoveFile remove = remove_file(base->files()[number], now);
    remove.data_change = false;
    report.bytes_removed += base->files()[number].size;
    request.actions.emplace_back(std::move(remove));
  }
  for (const engine::WrittenFile& file : staged.files) {
    delta::AddFile add = add_file(file, what.name, now);
    add.data_change = false;
    request.actions.emplace_back(std::move(add));
  }
  report.files_removed = static_cast<std::int64_t>(numbers.size());
  report.files_added = static_cast<std::int64_t>(staged.files.size());
  report.bytes_added = staged.bytes();
  // Lists stand as texts in the history: Spark cannot open a table where they stand as lists.
  request.info.parameters["predicate"] = delta::json_string("[]");
  request.info.parameters["zOrderBy"] = delta::json_string("[]");
  request.info.metrics = {{"numRemovedFiles", std::to_string(report.files_removed)},
                          {"numRemovedBytes", std::to_string(report.bytes_removed)},
                          {"numAddedFiles", std::to_string(report.files_added)},
                          {"numAddedBytes", std::to_string(report.bytes_added)}};
  if (cancel.cancelled()) {
    lake.discard(staged);
    return Error{Fault::kCancelled, "OPTIMIZE was stopped; the table is as it was",
                 what.name.text()};
  }
  auto committed = lake.commit_actions(what.name, std::move(request));
  if (!committed) {
    // After a lost answer the commit may be there, and then its files are needed.
    if (committed.error().fault != Fault::kUnavailable) lake.discard(staged);
    return std::move(committed).error();
  }
  report.snapshot = *std::move(committed);
  return report;
}

}  // namespace claimlake::lake
