#include "lake/rewrite.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "delta/partition_path.h"
#include "delta/properties.h"
#include "delta/stats_columns.h"
#include "engine/look_up.h"
#include "lake/kept_rows.h"

namespace claimlake::lake {
namespace {

// As DuckDB makes them. Where files are small, so are groups: a file ends between two of them.
constexpr std::int64_t kGroupRows = 122'880;
constexpr std::int64_t kLeastGroupRows = 2'048;
constexpr std::int64_t kGroupsInFile = 8;
constexpr std::size_t kMostOrderColumns = 32;  // a place on a curve has 64 bits

Error refused(std::string what, std::string next = {}) {
  return {Fault::kInvalidInput, std::move(what), "", std::move(next)};
}

// Along a curve, a partition is written by itself: DuckDB's partitioned COPY makes one file of each
// and keeps no order.
Result<Staged> stage_along(Lake& lake, engine::Session& session, const TableName& name,
                           const delta::Snapshot& table, const RewrittenFiles& files) {
  const delta::StoredColumns columns = columns_with_kept(table);
  const delta::AddFile& first = table.files()[files.numbers.front()];
  const std::string folder = delta::partition_folder(
      delta::physical_names(columns.partition_columns, columns.schema, columns.mapping),
      first.partition_values);
  std::int64_t bytes = 0;
  std::int64_t rows = 0;
  for (const std::size_t number : files.numbers) {
    bytes += table.files()[number].size;
    rows += table.row_count(number).value_or(0);
  }
  TRY(Staged staged, lake.stage(session, name, select_of(name, table, files.numbers, false), {},
                                folder, columns, {files.curve, group_rows(bytes, rows, columns)}));
  for (engine::WrittenFile& file : staged.files) file.partition_values = first.partition_values;
  return staged;
}

}  // namespace

std::string select_of(const TableName& name, const delta::Snapshot& table,
                      const std::vector<std::size_t>& numbers, bool with_partition_columns) {
  std::string columns;
  const auto& partition = table.metadata().partition_columns;
  for (const delta::Field& field : table.schema().fields) {
    const bool apart = std::find(partition.begin(), partition.end(), field.name) != partition.end();
    if (apart && !with_partition_columns) continue;
    columns += (columns.empty() ? "" : ", ") + std::string("t.") + sql_identifier(field.name);
  }
  columns += kept_by_copies(table, "t");
  std::string list;
  for (const std::size_t number : numbers) {
    list += (list.empty() ? "" : ", ") + std::to_string(number);
  }
  return fmt::format("SELECT {} FROM lake.{}.{} AS t WHERE t.file_number IN ({})", columns,
                     sql_identifier(name.schema), sql_identifier(name.table), list);
}

std::int64_t group_rows(std::int64_t bytes, std::int64_t rows,
                        const delta::StoredColumns& columns) {
  if (bytes <= 0) return kGroupRows;
  const auto target = delta::read_properties(columns.configuration).target_file_bytes;
  const double in_file = static_cast<double>(rows) / static_cast<double>(bytes) *
                         static_cast<double>(target) / kGroupsInFile;
  if (in_file >= kGroupRows) return kGroupRows;
  return std::max(kLeastGroupRows, static_cast<std::int64_t>(in_file));
}

std::vector<RewrittenFiles> by_partition(const delta::Snapshot& table,
                                         const std::vector<std::size_t>* among) {
  std::map<delta::PartitionValues, RewrittenFiles> partitions;
  for (std::size_t i = 0; i < table.files().size(); ++i) {
    if (among != nullptr && !std::binary_search(among->begin(), among->end(), i)) continue;
    partitions[table.files()[i].partition_values].numbers.push_back(i);
  }
  std::vector<RewrittenFiles> out;
  for (auto& [values, files] : partitions) out.push_back(std::move(files));
  return out;
}

// How many rows `files` have without those that are deleted; absent if the log does not say.
std::optional<std::int64_t> rows_in(const delta::Snapshot& table,
                                    const std::vector<RewrittenFiles>& files) {
  std::int64_t rows = 0;
  for (const RewrittenFiles& together : files) {
    for (const std::size_t number : together.numbers) {
      const auto of_file = table.row_count(number);
      const auto& vector = table.files()[number].deletion_vector;
      if (!of_file || (vector && vector->cardinality < 0)) return std::nullopt;
      rows += *of_file - (vector ? vector->cardinality : 0);
    }
  }
  return rows;
}

Result<Staged> stage_again(Lake& lake, engine::Session& session, const TableName& name,
                           const delta::Snapshot& table, const std::vector<RewrittenFiles>& files) {
  const std::string hides = engine::column_that_hides_places(table.schema());
  if (!hides.empty()) {
    return Error{Fault::kInvalidInput,
                 fmt::format("Files cannot be written anew: the table's column {} hides where its "
                             "rows stand",
                             hides),
                 name.text(), "rename the column"};
  }
  Staged staged;
  staged.table = name;
  for (const RewrittenFiles& together : files) {
    Result<Staged> more =
        together.curve.empty()
            ? lake.stage(session, name, select_of(name, table, together.numbers, true),
                         table.metadata().partition_columns, "", columns_with_kept(table))
            : stage_along(lake, session, name, table, together);
    if (!more) {
      lake.discard(staged);
      return std::move(more).error();
    }
    staged.files.insert(staged.files.end(), std::make_move_iterator(more->files.begin()),
                        std::make_move_iterator(more->files.end()));
  }
  // No row may get lost, whatever goes wrong in reading them.
  const auto before = rows_in(table, files);
  if (before && *before != staged.rows()) {
    lake.discard(staged);
    return Error{Fault::kCorrupt,
                 fmt::format("The files to be written anew hold {} rows by the log, and {} were "
                             "read",
                             *before, staged.rows()),
                 name.text(), "claimlake table check says which file is wrong"};
  }
  return staged;
}

Result<std::vector<delta::FieldPath>> order_columns(const delta::StoredColumns& columns,
                                                    const std::vector<delta::FieldPath>& named,
                                                    const std::string& what) {
  std::vector<delta::FieldPath> out;
  std::set<delta::FieldPath> seen;
  delta::StatsColumns stats = delta::stats_columns(columns);
  if (named.size() > kMostOrderColumns) {
    return refused(fmt::format("{} takes {} columns at most: of more, each would order too little",
                               what, kMostOrderColumns),
                   "name the columns that conditions name most");
  }
  for (const delta::FieldPath& path : named) {
    const std::string said = fmt::format("{}: column {}", what, delta::text_of(path));
    TRY(const delta::Field field, delta::field_at(columns.schema, path));
    TRY(delta::FieldPath in_files, delta::physical_path(columns, path));
    const auto own = delta::logical_path(columns, in_files);
    if (!own) return refused(said + " is in a list or a map");
    for (const std::string& partition : columns.partition_columns) {
      if (to_lower(partition) != to_lower(path.front())) continue;
      return refused(said + " partitions the table: its files hold one value of it each already",
                     "name other columns, and a condition on this one with WHERE");
    }
    if (!delta::has_bounds(field.type)) {
      return refused(fmt::format("{} of type {} has no order that statistics of files know", said,
                                 field.type.text()),
                     "name columns with numbers, texts, dates or times");
    }
    if (stats.take(in_files) != delta::StatsKept::kAll) {
      return refused(said + " has no statistics, without which no file can be left out for it",
                     fmt::format("name it in {}, or take its tag away if it holds no personal data",
                                 delta::kStatsColumns));
    }
    if (!seen.insert(*own).second) return refused(said + " is named twice");
    out.push_back(*own);
  }
  return out;
}

}  // namespace claimlake::lake
