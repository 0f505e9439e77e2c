// A row stands in a file, and no version since the one that added the file wrote the row; deletion
// vectors leave a file its name. Where the version before that had the same row in another file
// (OPTIMIZE, or a change of other rows of a table without deletion vectors), it goes on from there.
#include "refresh/row_writer.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "lake/bound_version.h"

namespace claimlake::refresh {
namespace {

// How far back it is looked for. Further back it costs more than it is worth to a reader.
constexpr std::int64_t kHistoryMax = 1000;
constexpr int kMovesMax = 50;
constexpr int kRemovedMax = 20;

Result<std::string> condition_of(const delta::Schema& schema, const RowValues& row) {
  std::string sql;
  for (const auto& [column, value] : row) {
    const delta::Field* field = schema.find(column);
    if (field == nullptr) {
      return Error{Fault::kNotFound, "An older version has no column " + column};
    }
    TRY(const std::string type, engine::sql_type(field->type));
    const std::string name = sql_identifier(column);
    sql += (sql.empty() ? "" : " AND ") + name;
    sql += value ? fmt::format(" = CAST({} AS {})", sql_string(*value), type) : " IS NULL";
  }
  return sql;
}

}  // namespace

RowWriters::RowWriters(lake::Lake& lake, engine::Session& session, lake::TableName name,
                       delta::SnapshotPtr table)
    : lake_(lake), session_(session), name_(std::move(name)), table_(std::move(table)) {
  versions_[table_->version()] = table_;
}

Result<delta::SnapshotPtr> RowWriters::at(delta::LogVersion version) {
  delta::SnapshotPtr& known = versions_[version];
  if (known == nullptr) {
    TRY(const auto found, lake_.table(name_.schema, name_.table, {.version = version}));
    known = found.snapshot;
  }
  return known;
}

Result<std::optional<RowWriters::Stored>> RowWriters::find(const delta::SnapshotPtr& table,
                                                           const RowValues& row) {
  TRY(const std::string condition, condition_of(table->schema(), row));
  lake::BoundVersion bound(session_, name_);
  TRY_DONE(bound.to(table));
  TRY(const auto rows,
      session_.query(fmt::format("SELECT file_number, CAST(_stored AS VARCHAR) FROM {} AS _stored "
                                 "WHERE {} ORDER BY ALL LIMIT 1",
                                 name_.text(), condition)));
  TRY(const auto found, engine::read_all(*rows));
  if (found.rows.empty()) return std::optional<Stored>();
  const auto number = whole_number(found.rows[0].at(0).value_or(""));
  CHECK(number && static_cast<std::size_t>(*number) < table->files().size(), "a file of the table");
  return std::optional<Stored>(Stored{table->files()[static_cast<std::size_t>(*number)].path,
                                      found.rows[0].at(1).value_or("")});
}

// The first version that has the file: all from it to `last` have it.
Result<delta::LogVersion> RowWriters::added_by(const std::string& path, delta::LogVersion last) {
  delta::LogVersion without = -1;
  while (last - without > 1) {
    const delta::LogVersion middle = without + (last - without) / 2;
    const auto snapshot = at(middle);
    // A version that cannot be read any more is earlier than all that can.
    const bool has =
        snapshot && std::any_of((*snapshot)->files().begin(), (*snapshot)->files().end(),
                                [&](const auto& file) { return file.path == path; });
    (has ? last : without) = middle;
  }
  return last;
}

Result<RowWriter> RowWriters::writer(delta::LogVersion version) {
  const std::int64_t back = table_->version() - version + 1;
  if (!writers_.contains(version) && back <= kHistoryMax) {
    // More may have been committed since.
    TRY(const auto newest, lake_.snapshot(name_));
    const auto limit = static_cast<std::size_t>(newest->version() - version + 1);
    TRY(const auto history, lake_.history(name_, limit));
    for (const auto& entry : history) {
      writers_[entry.version] = {entry.version, entry.info.operation, entry.info.run,
                                 entry.timestamp};
    }
  }
  const auto found = writers_.find(version);
  return found == writers_.end() ? RowWriter{.version = version} : found->second;
}

Result<std::optional<RowWriter>> RowWriters::of(const RowValues& row) {
  delta::SnapshotPtr table = table_;
  TRY(auto stored, find(table, row));
  for (int i = 0; i < kMovesMax && stored; ++i) {
    TRY(const delta::LogVersion version, added_by(stored->file, table->version()));
    std::optional<Stored> earlier;
    // Versions that cannot be read any more tell nothing of the row.
    if (const auto before = at(std::max<std::int64_t>(version - 1, 0)); version > 0 && before) {
      auto had = find(*before, row);
      if (!had && had.error().fault == Fault::kCancelled) return std::move(had).error();
      if (had) earlier = *std::move(had);
      table = *before;
    }
    if (!earlier || earlier->text != stored->text) {
      TRY(const RowWriter from, writer(version));
      return std::optional<RowWriter>(from);
    }
    stored = std::move(earlier);
  }
  return std::optional<RowWriter>();
}

Result<std::optional<RowWriter>> RowWriters::who_removed(const RowValues& row) {
  const delta::LogVersion newest = table_->version();
  for (delta::LogVersion version = newest - 1;
       version >= std::max<std::int64_t>(0, newest - kRemovedMax); --version) {
    const auto table = at(version);
    if (!table) break;
    const auto had = find(*table, row);
    if (!had) break;  // its files are gone
    if (!*had) continue;
    TRY(const RowWriter by, writer(version + 1));
    return std::optional<RowWriter>(by);
  }
  return std::optional<RowWriter>();
}

}  // namespace claimlake::refresh
