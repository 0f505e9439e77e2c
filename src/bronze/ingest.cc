#include "bronze/ingest.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>

#include "base/text.h"
#include "bronze/raw_batch.h"

namespace claimlake::bronze {
namespace {

// How often a batch is tried anew because another process committed first.
constexpr int kAttemptsMax = 5;
// All files of a commit are open at once, and a process may open about a thousand.
constexpr std::size_t kFilesPerCommit = 256;

// Gives each file its hash and takes out those whose bytes the table has, and those that cannot
// be read.
Result<std::vector<RawFile>> new_files(const IngestContext& context, const delta::Snapshot& table,
                                       const store::Store& store, std::vector<RawFile> files,
                                       IngestReport& report) {
  std::vector<RawFile> fresh;
  std::set<std::string> seen;
  for (RawFile& file : files) {
    if (file.sha256.empty()) {
      auto hash = content_hash(store, file, context.cancel);
      if (!hash) {
        if (hash.error().fault == Fault::kCancelled) return std::move(hash).error();
        report.left_out.push_back({file.name, std::move(hash).error().at(file.name)});
        continue;
      }
      file.sha256 = *std::move(hash);
    }
    if (table.txn(file_app_id(file.sha256)) || !seen.insert(file.sha256).second) {
      ++report.files_known;
    } else {
      fresh.push_back(std::move(file));
    }
  }
  return fresh;
}

// Opens the files as one source of rows; a file that is refused (a wrong header) is left out.
Result<std::shared_ptr<RawBatch>> open_batch(const IngestContext& context,
                                             const BronzeSource& source, const store::Store& store,
                                             const Arrival& arrival, std::vector<RawFile>& files,
                                             IngestReport& report) {
  TRY(RawSchema schema, raw_schema(source));
  auto rows = std::make_shared<RawBatch>(std::move(schema), arrival, context.cancel);
  std::vector<RawFile> good;
  for (RawFile& file : files) {
    auto added = rows->add(store, file);
    if (added) {
      good.push_back(std::move(file));
    } else {
      report.left_out.push_back({file.name, std::move(added).error().at(file.name)});
    }
  }
  files = std::move(good);
  return rows;
}

lake::WriteRequest write_request(const IngestContext& context, const BronzeSource& source,
                                 const std::vector<RawFile>& files, const Arrival& arrival,
                                 lake::Staged staged, delta::SnapshotPtr base) {
  lake::WriteRequest request;
  request.staged = std::move(staged);
  request.mode = lake::WriteMode::kAppend;
  request.add_columns = true;  // a pack that declares a new column widens its own table
  for (const RawFile& file : files) {
    request.positions.push_back({file_app_id(file.sha256), 1, std::nullopt});
  }
  request.run = context.run;
  request.properties = {{lake::kRowGroupRowsProperty, std::to_string(lake::kLookUpRowGroupRows)}};
  request.column_docs = source.column_docs;
  request.column_tags = source.column_tags;
  request.parameters = {{"batchId", arrival.batch_id},
                        {"rawFiles", std::to_string(files.size())},
                        {"firstRawFile", files.front().name}};
  request.base = std::move(base);
  return request;
}

// Takes those out of `files` that are no longer what was read, and says so of each.
Result<std::vector<LeftOut>> take_out_changed(const store::Store& store,
                                              std::vector<RawFile>& files) {
  std::vector<LeftOut> changed;
  std::vector<RawFile> resting;
  for (RawFile& file : files) {
    auto same = check_unchanged(store, file);
    if (same) {
      resting.push_back(std::move(file));
    } else if (same.error().fault == Fault::kConflict || same.error().fault == Fault::kNotFound) {
      changed.push_back({file.name, std::move(same).error().at(file.name)});
    } else {
      return std::move(same).error();
    }
  }
  files = std::move(resting);
  return changed;
}

// The SELECT of the Bronze model with columns of the types that the source declares: dates, doubles
// and wide decimals are read as texts, which have been found to fit.
Result<std::string> typed_select(engine::Session& session, const BronzeSource& source) {
  TRY(const auto columns, session.describe(source.select));
  std::string items;
  bool casts = false;
  for (const engine::ColumnInfo& column : columns) {
    const auto declared = std::find_if(source.columns.begin(), source.columns.end(),
                                       [&](const auto& each) { return each.name == column.name; });
    const std::string name = sql_identifier(column.name);
    const bool text =
        column.type == "VARCHAR" && declared != source.columns.end() && declared->type != "VARCHAR";
    casts = casts || text;
    items += (items.empty() ? "" : ", ") +
             (text ? fmt::format("CAST({0} AS {1}) AS {0}", name, declared->type) : name);
  }
  if (!casts) return source.select;
  return fmt::format("SELECT {} FROM ({}\n) AS arrived", items, source.select);
}

Result<lake::Staged> stage(IngestContext& context, const BronzeSource& source,
                           std::shared_ptr<RawBatch> rows) {
  TRY(const auto session, context.engine.session({.access = engine::Access::kInternal}));
  ProgressStep step(context.progress, source.table.text(), rows->estimated_rows(),
                    [&session] { return session->progress(); });
  TRY_DONE(session->bind_source("raw." + source.name, std::move(rows)));
  TRY(const std::string select, typed_select(*session, source));
  TRY(auto staged, context.lake.stage(*session, source.table, select, {}, "", std::nullopt,
                                      {.row_group_rows = lake::kLookUpRowGroupRows}));
  step.rows(staged.rows());
  return staged;
}

// Files that are new in `base`, as one commit. In the last attempt a file that never rests is left
// out; before, it is a conflict.
struct Group {
  std::vector<RawFile> files;
  delta::SnapshotPtr base;
  bool last_attempt = false;
};

Result<delta::SnapshotPtr> take_in(IngestContext& context, const BronzeSource& source,
                                   const store::Store& store, Group group, IngestReport& report) {
  std::vector<RawFile>& files = group.files;
  Arrival arrival;
  arrival.at = context.clock.now();
  arrival.batch_id =
      to_compact(arrival.at) + "_" + fmt::format("{:04x}", context.random.below(65'536));
  TRY(const auto rows, open_batch(context, source, store, arrival, files, report));
  if (files.empty()) return group.base;

  auto staging = stage(context, source, rows);
  if (auto refused = rows->too_broken()) {
    if (staging) context.lake.discard(*staging);
    std::erase_if(files, [&](const RawFile& file) { return file.name == refused->where; });
    report.left_out.push_back({refused->where, *refused});
    return take_in(context, source, store, std::move(group), report);
  }
  TRY(auto staged, std::move(staging));
  const auto broken = rows->take_broken();
  std::vector<LeftOut> changed;
  auto settled = [&]() -> Done {
    TRY(changed, take_out_changed(store, files));
    if (context.cancel.cancelled()) return Error{Fault::kCancelled, "Stopped before the commit"};
    if (changed.empty() && !broken.empty()) {
      TRY_DONE(context.keep_broken(source.table, broken));
    }
    return done();
  }();
  if (!settled || !changed.empty()) context.lake.discard(staged);
  TRY_DONE(std::move(settled));
  if (!changed.empty()) {
    if (!group.last_attempt) {
      changed.front().why.fault = Fault::kConflict;
      return std::move(changed.front().why);
    }
    std::move(changed.begin(), changed.end(), std::back_inserter(report.left_out));
    return take_in(context, source, store, std::move(group), report);
  }
  const std::int64_t rows_count = staged.rows();
  TRY(auto committed, context.lake.commit(write_request(context, source, files, arrival,
                                                        std::move(staged), group.base)));
  report.files_new += static_cast<std::int64_t>(files.size());
  report.rows += rows_count;
  report.broken += static_cast<std::int64_t>(broken.size());
  return committed;
}

// Takes `files` in, some hundred per commit. `report` tells what was committed also on an error.
Done take_in_groups(IngestContext& context, const BronzeSource& source, const store::Store& store,
                    std::vector<RawFile> files, bool last_attempt, IngestReport& report) {
  for (std::size_t first = 0; first < files.size(); first += kFilesPerCommit) {
    const std::size_t last = std::min(files.size(), first + kFilesPerCommit);
    Group group{{std::make_move_iterator(files.begin() + static_cast<long>(first)),
                 std::make_move_iterator(files.begin() + static_cast<long>(last))},
                report.version,
                last_attempt};
    TRY(report.version, take_in(context, source, store, std::move(group), report));
  }
  return done();
}

}  // namespace

std::string file_app_id(const std::string& sha256) { return "claimlake.file." + sha256; }

Result<IngestReport> ingest(IngestContext& context, const BronzeSource& source,
                            const store::Store& raw_store, std::vector<RawFile> files) {
  IngestReport total;
  for (int attempt = 1;; ++attempt) {
    IngestReport report;
    TRY(report.version, context.lake.snapshot(source.table));
    TRY(auto fresh, new_files(context, *report.version, raw_store, files, report));
    // What this call has committed before a conflict is known now, but it is still its work.
    total.files_known = report.files_known - total.files_new;
    total.left_out = std::move(report.left_out);
    total.version = report.version;
    if (!fresh.empty() && context.begins) context.begins();
    const bool last = attempt == kAttemptsMax;
    auto committed = take_in_groups(context, source, raw_store, std::move(fresh), last, total);
    if (committed) return total;
    if (committed.error().fault != Fault::kConflict || last) {
      return std::move(committed).error();
    }
    // Somebody took in some of these files, or a file is still being written: look again.
    for (RawFile& file : files) {
      file.sha256.clear();
      const auto now = raw_store.head(file.path);
      if (!now) continue;  // who reads it says why it cannot be read
      file.size = now->size;
      file.modified_at = now->modified_at;
    }
  }
}

}  // namespace claimlake::bronze
