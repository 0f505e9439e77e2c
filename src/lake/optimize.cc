#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/text.h"
#include "delta/clustering.h"
#include "delta/json_writer.h"
#include "delta/properties.h"
#include "delta/stats_columns.h"
#include "engine/look_up.h"
#include "lake/bound_version.h"
#include "lake/cluster.h"
#include "lake/file_actions.h"
#include "lake/maintain.h"
#include "lake/rewrite.h"

namespace claimlake::lake {
namespace {

Error refused(std::string what, std::string next) {
  return {Fault::kInvalidInput, std::move(what), "", std::move(next)};
}

// A file of at least this share of the size that the table asks for is large enough.
constexpr std::int64_t kLargePercent = 75;
// A file that has lost at least this share of its rows is written anew, whatever its size: by who
// asks for it, and by upkeep, which would else write a large table anew every few refreshes.
constexpr std::int64_t kLostPercent = 5;
constexpr std::int64_t kLostPercentOfLittle = 20;

std::int64_t target_bytes(const delta::Snapshot& table) {
  return delta::read_properties(table.metadata().configuration).target_file_bytes;
}

bool is_large(const delta::AddFile& file, std::int64_t target) {
  return file.size >= target / 100 * kLargePercent;
}

bool lost_many(const delta::AddFile& file, std::optional<std::int64_t> rows,
               std::int64_t percent = kLostPercent) {
  if (!file.deletion_vector) return false;
  return !rows || file.deletion_vector->cardinality * 100 >= *rows * percent;
}

// The numbers of the files that are worth writing anew: by partition, and there are at least two of
// them, or one that has lost many rows.
std::vector<std::size_t> worth_it(const delta::Snapshot& table,
                                  const std::vector<std::size_t>* among) {
  const std::int64_t target = target_bytes(table);
  std::map<delta::PartitionValues, std::vector<std::size_t>> small;
  for (std::size_t i = 0; i < table.files().size(); ++i) {
    const delta::AddFile& file = table.files()[i];
    if (among != nullptr && !std::binary_search(among->begin(), among->end(), i)) continue;
    if (is_large(file, target) && !lost_many(file, table.row_count(i))) continue;
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

// Of the files `numbers` of one partition as many of the smallest as are worth writing together:
// sixteen at least of which each is small beside those before it, so that a row goes from a file to
// one that is several times larger; and with them what is smaller still, which weighs little.
constexpr std::size_t kLittleFilesMin = 16;
constexpr std::int64_t kLittleBytes = std::int64_t{64}
                                      << 10;  // so small that one more is no matter
constexpr std::int64_t kTimesLarger = 2;

std::vector<std::size_t> smallest(const delta::Snapshot& table, std::vector<std::size_t> numbers,
                                  std::int64_t bytes_max) {
  std::sort(numbers.begin(), numbers.end(), [&](std::size_t a, std::size_t b) {
    return table.files()[a].size < table.files()[b].size;
  });
  std::size_t first = 0;  // of those of like size
  std::int64_t bytes = 0;
  std::int64_t all_bytes = 0;
  std::size_t count = 0;
  for (; count < numbers.size(); ++count) {
    const std::int64_t size = table.files()[numbers[count]].size;
    if (count > first && size > std::max(kLittleBytes, bytes * kTimesLarger)) {
      if (count - first >= kLittleFilesMin) break;
      first = count;
      bytes = 0;
    }
    if (all_bytes + size > bytes_max) break;
    bytes += size;
    all_bytes += size;
  }
  numbers.resize(count - first < kLittleFilesMin ? 0 : count);
  return numbers;
}

// What is left of a file, about: in the time of writing that, this is what it weighs, though all of
// one that lost most of its rows is read.
constexpr std::int64_t kTimesRead = 8;

std::int64_t bytes_left(const delta::AddFile& file, std::optional<std::int64_t> rows) {
  const bool lost_most = rows && *rows > 0 && lost_many(file, rows, 50);
  if (!lost_most) return file.size;
  const auto left = static_cast<double>(*rows - file.deletion_vector->cardinality);
  const auto written = static_cast<double>(file.size) * left / static_cast<double>(*rows);
  return std::max(static_cast<std::int64_t>(written), file.size / kTimesRead);
}

std::vector<std::size_t> little(const delta::Snapshot& table, const std::vector<std::size_t>& worth,
                                std::int64_t bytes_max) {
  std::map<delta::PartitionValues, std::vector<std::size_t>> by_partition;
  std::vector<std::size_t> out;
  for (const std::size_t number : worth) {
    const delta::AddFile& file = table.files()[number];
    if (file.size > kLittleBytes && bytes_left(file, table.row_count(number)) <= bytes_max &&
        lost_many(file, table.row_count(number), kLostPercentOfLittle)) {
      out.push_back(number);
    } else if (!is_large(file, target_bytes(table))) {
      by_partition[file.partition_values].push_back(number);
    }
  }
  for (auto& [partition, numbers] : by_partition) {
    const auto chosen = smallest(table, std::move(numbers), bytes_max);
    out.insert(out.end(), chosen.begin(), chosen.end());
  }
  std::sort(out.begin(), out.end());
  return out;
}

// "[\"a\",\"s.b\"]" as a text: lists stand as texts in the history, for Spark cannot open a table
// where they stand as lists.
std::string list_as_text(const std::vector<std::string>& texts) {
  std::string list;
  delta::JsonWriter(list).texts(texts);
  return delta::json_string(list);
}

class Optimizing {
 public:
  Optimizing(Lake& lake, engine::Session& session, const Optimize& what, const std::string& run,
             const Cancel& cancel)
      : lake_(lake), session_(session), what_(what), run_(run), cancel_(cancel) {}

  Result<MaintenanceReport> go();

 private:
  Result<std::vector<std::size_t>> files_where() const;
  Result<std::vector<RewrittenFiles>> choose();
  Result<std::vector<RewrittenFiles>> choose_clustered() const;
  std::int64_t target() const { return target_bytes(*base_); }
  delta::CommitRequest request(const std::vector<RewrittenFiles>& files, const Staged& staged);
  std::map<std::string, std::string> metrics(const Staged& staged) const;

  Lake& lake_;
  engine::Session& session_;
  const Optimize& what_;
  const std::string& run_;
  const Cancel& cancel_;
  delta::SnapshotPtr base_;
  std::vector<delta::FieldPath> clustering_;  // in the names of the table
  std::vector<std::int64_t> removed_bytes_;
  std::int64_t vectors_removed_ = 0;
};

// The files with rows for which the condition holds.
Result<std::vector<std::size_t>> Optimizing::files_where() const {
  TRY(const auto rows,
      session_.query(fmt::format(
          "SELECT DISTINCT t.file_number FROM lake.{}.{} AS t WHERE {} ORDER BY 1",
          sql_identifier(what_.name.schema), sql_identifier(what_.name.table), what_.condition)));
  std::vector<std::size_t> out;
  for (;;) {
    TRY(const bool more, rows->next());
    if (!more) return out;
    for (std::size_t i = 0; i < rows->row_count(); ++i) {
      out.push_back(static_cast<std::size_t>(rows->integer(0, i)));
    }
  }
}

Result<std::vector<RewrittenFiles>> Optimizing::choose() {
  std::vector<std::size_t> numbers;
  if (!what_.condition.empty()) {
    TRY(numbers, files_where());
  }
  const auto* among = what_.condition.empty() ? nullptr : &numbers;
  if (!clustering_.empty() || what_.full) return choose_clustered();
  if (what_.order.empty()) {
    RewrittenFiles all{worth_it(*base_, among)};
    if (what_.little) all.numbers = little(*base_, all.numbers, what_.little_bytes_max);
    if (all.numbers.empty()) return std::vector<RewrittenFiles>{};
    return std::vector<RewrittenFiles>{std::move(all)};
  }
  TRY(const auto curve, order_columns(delta::stored_columns(*base_), what_.order, "ZORDER BY"));
  auto partitions = by_partition(*base_, among);
  for (RewrittenFiles& files : partitions) files.curve = curve;
  return partitions;
}

// All that nobody has clustered yet; and, to be clustered with it, what was but has stayed small or
// has lost many rows. Files that another one has clustered in another way are left to it.
Result<std::vector<RewrittenFiles>> Optimizing::choose_clustered() const {
  if (clustering_.empty()) {
    return refused("OPTIMIZE FULL is for clustered tables",
                   "write OPTIMIZE, or ALTER TABLE ... CLUSTER BY (column, ...) first");
  }
  if (!what_.order.empty() || !what_.condition.empty()) {
    return refused("the table is clustered, so that OPTIMIZE takes no WHERE and no ZORDER BY",
                   "ALTER TABLE ... CLUSTER BY (column, ...) sets other columns, or NONE");
  }
  RewrittenFiles all{{}, clustering_};
  bool anything_new = what_.full;
  for (std::size_t i = 0; i < base_->files().size(); ++i) {
    const delta::AddFile& file = base_->files()[i];
    const bool ours = file.clustering_provider == delta::kClusteringProvider;
    const bool clustered = !file.clustering_provider.empty();
    if (clustered && !ours) continue;
    const bool lost = lost_many(file, base_->row_count(i));
    const bool settled = clustered && is_large(file, target()) && !lost;
    if (settled && !what_.full) continue;
    anything_new = anything_new || !clustered || lost;
    all.numbers.push_back(i);
  }
  if (!anything_new || all.numbers.empty()) return std::vector<RewrittenFiles>{};
  return std::vector<RewrittenFiles>{std::move(all)};
}

// As Spark tells them, texts all of them.
std::map<std::string, std::string> Optimizing::metrics(const Staged& staged) const {
  std::map<std::string, std::string> out;
  const auto put = [&](const char* name, std::int64_t value) { out[name] = std::to_string(value); };
  std::vector<std::int64_t> added;
  for (const engine::WrittenFile& file : staged.files) added.push_back(file.size);
  std::sort(added.begin(), added.end());
  std::int64_t removed = 0;
  for (const std::int64_t bytes : removed_bytes_) removed += bytes;
  put("numRemovedFiles", static_cast<std::int64_t>(removed_bytes_.size()));
  put("numRemovedBytes", removed);
  put("numAddedFiles", static_cast<std::int64_t>(added.size()));
  put("numAddedBytes", staged.bytes());
  put("numDeletionVectorsRemoved", vectors_removed_);
  if (added.empty()) return out;
  put("minFileSize", added.front());
  put("p25FileSize", added[added.size() / 4]);
  put("p50FileSize", added[added.size() / 2]);
  put("p75FileSize", added[added.size() * 3 / 4]);
  put("maxFileSize", added.back());
  return out;
}

delta::CommitRequest Optimizing::request(const std::vector<RewrittenFiles>& files,
                                         const Staged& staged) {
  auto request = maintenance_request(lake_, base_, "OPTIMIZE", run_);
  const Timestamp now = lake_.context().clock.now();
  for (const RewrittenFiles& together : files) {
    for (const std::size_t number : together.numbers) {
      const delta::AddFile& file = base_->files()[number];
      delta::RemoveFile remove = remove_file(file, now);
      remove.data_change = false;
      removed_bytes_.push_back(file.size);
      if (file.deletion_vector) ++vectors_removed_;
      request.actions.emplace_back(std::move(remove));
    }
  }
  for (const engine::WrittenFile& file : staged.files) {
    delta::AddFile add = add_file(file, what_.name, now);
    add.data_change = false;
    request.actions.emplace_back(std::move(add));
  }
  std::vector<std::string> order;
  for (const delta::FieldPath& path : what_.order) order.push_back(delta::quoted_text(path));
  std::vector<std::string> condition;
  if (!what_.condition.empty()) condition.push_back(what_.condition);
  request.info.parameters["predicate"] = list_as_text(condition);
  request.info.parameters["zOrderBy"] = list_as_text(order);
  request.info.parameters["clusterBy"] = list_as_text(clustering_texts(*base_));
  if (!clustering_.empty()) request.info.parameters["isFull"] = what_.full ? "true" : "false";
  request.info.parameters["auto"] = "false";
  request.info.metrics = metrics(staged);
  return request;
}

Result<MaintenanceReport> Optimizing::go() {
  MaintenanceReport report;
  TRY(base_, lake_.snapshot(what_.name));
  report.snapshot = base_;
  clustering_ = clustering_columns(*base_);
  BoundVersion bound(session_, what_.name);
  TRY_DONE(bound.to(base_));
  TRY(const std::vector<RewrittenFiles> files, choose());
  if (files.empty()) return report;
  TRY(Staged staged, stage_again(lake_, session_, what_.name, *base_, files));
  if (!clustering_.empty()) {
    Cube(clustering_, lake_.context().random).mark(staged.files);
  }
  delta::CommitRequest change = request(files, staged);
  if (cancel_.cancelled()) {
    lake_.discard(staged);
    return Error{Fault::kCancelled, "OPTIMIZE was stopped; the table is as it was",
                 what_.name.text()};
  }
  auto committed = lake_.commit_actions(what_.name, std::move(change));
  if (!committed) {
    // After a lost answer the commit may be there, and then its files are needed.
    if (committed.error().fault != Fault::kUnavailable) lake_.discard(staged);
    return std::move(committed).error();
  }
  report.snapshot = *std::move(committed);
  report.files_removed = static_cast<std::int64_t>(removed_bytes_.size());
  for (const std::int64_t bytes : removed_bytes_) report.bytes_removed += bytes;
  report.files_added = static_cast<std::int64_t>(staged.files.size());
  report.bytes_added = staged.bytes();
  return report;
}

}  // namespace

Result<MaintenanceReport> optimize(Lake& lake, engine::Session& session, const Optimize& what,
                                   const std::string& run, const Cancel& cancel) {
  return Optimizing(lake, session, what, run, cancel).go();
}

LittleDue little_due(const delta::Snapshot& table, std::int64_t bytes_max) {
  // A clustered table is laid out as a whole, by who says OPTIMIZE.
  const bool clustered = !delta::stored_columns(table).clustering.empty();
  LittleDue due;
  if (clustered || !engine::column_that_hides_places(table.schema()).empty()) return due;
  for (const std::size_t number : little(table, worth_it(table, nullptr), bytes_max)) {
    ++due.files;
    due.bytes += table.files()[number].size;
  }
  return due;
}

}  // namespace claimlake::lake
