#include "check/check_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <optional>

#include "check/checkpoints.h"
#include "check/compacted_log.h"
#include "check/data_files.h"
#include "check/log_folder.h"
#include "check/table_log.h"
#include "check/version_checksum.h"
#include "delta/partition_path.h"

namespace claimlake::check {
namespace {

class TableCheck {
 public:
  TableCheck(const CheckContext& context, std::string table_path, LogFolder folder)
      : context_(context),
        store_(context.log.store),
        table_path_(std::move(table_path)),
        folder_(std::move(folder)),
        parquet_(store_, context.session),
        log_(report_.findings),
        checkpoints_(store_, folder_, parquet_, report_.findings),
        files_(store_, table_path_, parquet_, report_.findings) {}

  Result<CheckReport> run(const CheckOptions& options) {
    report_.oldest = folder_.oldest();
    report_.newest = folder_.newest();
    TRY_DONE(replay());
    TRY_DONE(checkpoints_.check_last());
    TRY_DONE(check_compacted_logs(store_, folder_, report_.findings));
    TRY_DONE(files_.check(log_, options.with_rows, context_.progress, context_.cancel));
    TRY_DONE(compare_with_reader());
    for (const auto& [path, file] : log_.state().files) {
      ++report_.files;
      report_.bytes += file.add.size;
    }
    return std::move(report_);
  }

 private:
  // All versions, oldest first: the entry, and what else is said of the version.
  Done replay() {
    std::atomic<LogVersion> at = report_.oldest;
    const auto count = static_cast<double>(report_.newest - report_.oldest + 1);
    const ProgressStep step(context_.progress, "log", 0, [&at, first = report_.oldest, count] {
      return static_cast<double>(at.load() - first) / count;
    });
    if (folder_.commits.contains(0)) log_.begin({}, folder_.path);
    std::optional<LogVersion> last;
    for (LogVersion version = report_.oldest;; version = next_after(version)) {
      at = version;
      if (context_.cancel.cancelled()) return Error{Fault::kCancelled, "The check was cancelled"};
      if (last && version > *last + 1) note_gap(*last + 1, version - 1);
      TRY_DONE(check_version(version));
      last = version;
      if (version == report_.newest) break;
    }
    if (!log_.is_known()) {
      report_.findings.add(
          Rule::kLogGap, folder_.path,
          fmt::format("version {} cannot be told: what it builds on is not there", report_.newest));
    }
    return done();
  }

  Done check_version(LogVersion version) {
    const auto commit = folder_.commits.find(version);
    if (commit != folder_.commits.end()) {
      TRY(const std::string text, store_.read(commit->second));
      log_.commit(version, commit->second, text);
      TRY_DONE(files_.check_changes(log_.change_files()));
    } else {
      note_gap(version, version);
    }
    TRY_DONE(check_checkpoints(version));
    const auto checksum = folder_.checksums.find(version);
    if (checksum != folder_.checksums.end() && log_.is_known()) {
      TRY(const std::string text, store_.read(checksum->second));
      check_version_checksum(text, checksum->second, log_, report_.findings);
    }
    return done();
  }

  // Where the log does not say how the table was, a checkpoint is believed.
  Done check_checkpoints(LogVersion version) {
    const auto found = folder_.checkpoints.find(version);
    if (found == folder_.checkpoints.end()) return done();
    for (const CheckpointFiles& checkpoint : found->second) {
      if (log_.is_known()) {
        TRY_DONE(checkpoints_.compare(checkpoint, version, log_));
        continue;
      }
      TRY(auto state, checkpoints_.load(checkpoint, version));
      if (state) log_.begin(*std::move(state), checkpoint.name);
    }
    return done();
  }

  // Entries that are not there. A log that was cleaned up begins later, or has only checkpoints.
  void note_gap(LogVersion first, LogVersion last) {
    log_.lose();
    if (folder_.commits.empty() || last < folder_.commits.begin()->first) return;
    report_.findings.add(
        Rule::kLogGap, folder_.path,
        first == last ? fmt::format("the entry of version {} is not there", first)
                      : fmt::format("the entries of versions {} to {} are not there", first, last));
  }
  // The next version of which anything is there.
  LogVersion next_after(LogVersion version) const {
    LogVersion next = report_.newest;
    if (const auto commit = folder_.commits.upper_bound(version); commit != folder_.commits.end()) {
      next = std::min(next, commit->first);
    }
    if (const auto checkpoint = folder_.checkpoints.upper_bound(version);
        checkpoint != folder_.checkpoints.end()) {
      next = std::min(next, checkpoint->first);
    }
    return next;
  }

  // What queries see must be what was found here. Says nothing of a table that is broken anyway.
  Done compare_with_reader() {
    if (!report_.ok() || !log_.is_known()) return done();
    const delta::Log log(context_.log, table_path_);
    auto opened = log.snapshot();
    if (!opened) {
      // A feature that this program does not know is no fault of the table.
      if (opened.error().fault == Fault::kInvalidInput) return done();
      if (opened.error().fault != Fault::kCorrupt) return std::move(opened).error();
      report_.findings.add(Rule::kReaderDiffers, folder_.path, opened.error().text());
      return done();
    }
    const auto& files = log_.state().files;
    const delta::Snapshot& snapshot = **opened;
    // Somebody may have committed since.
    if (snapshot.version() != report_.newest) return done();
    if (snapshot.files().size() != files.size()) {
      report_.findings.add(Rule::kReaderDiffers, folder_.path,
                           fmt::format("the reader sees {} files, the check {}",
                                       snapshot.files().size(), files.size()));
    }
    for (const delta::AddFile& add : snapshot.files()) {
      const auto live = files.find(delta::decode_path(add.path));
      const std::string what =
          live == files.end() ? "the check does not see it" : difference(live->second.add, add);
      if (!what.empty()) report_.findings.add(Rule::kReaderDiffers, add.path, what);
    }
    return done();
  }

  const CheckContext& context_;
  const store::Store& store_;
  const std::string table_path_;
  const LogFolder folder_;
  CheckReport report_;
  ParquetFiles parquet_;
  TableLog log_;
  Checkpoints checkpoints_;
  DataFiles files_;
};

}  // namespace

Result<CheckReport> check_table(const CheckContext& context, std::string_view table_path,
                                const CheckOptions& options) {
  TRY(LogFolder folder, list_log_folder(context.log.store, table_path));
  if (folder.empty()) {
    const std::string root = context.log.store.root();
    return Error{Fault::kNotFound, "There is no Delta table: no log entry in " + folder.path, root,
                 "name the folder that holds _delta_log"};
  }
  return TableCheck(context, std::string(table_path), std::move(folder)).run(options);
}

}  // namespace claimlake::check
