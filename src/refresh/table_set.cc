#include "refresh/table_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "delta/deletion_vector.h"
#include "delta/log.h"
#include "delta/partition_path.h"
#include "delta/properties.h"
#include "refresh/pipeline.h"

namespace claimlake::refresh {
namespace {

using store::HeldCommits;

// Cleaning up lists the whole log, so it is done less often than checkpoints are written.
constexpr int kCheckpointsPerCleanup = 10;

// The folder of a table is its name with a slash.
std::optional<lake::TableName> table_of(const std::string& folder) {
  const auto parts = split(folder, '/');
  if (parts.size() != 2) return std::nullopt;
  auto name = lake::TableName::parse(parts[0] + "." + parts[1]);
  if (!name) return std::nullopt;
  return *std::move(name);
}

// Why the set is kept back; null: nothing is in the way. A table that waits for an input, or that
// others have built, is as it would be without this refresh.
const TableReport* in_the_way(const std::vector<TableReport>& reports) {
  const auto found = std::find_if(reports.begin(), reports.end(), [](const TableReport& table) {
    return !table.of_other_definition &&
           (table.outcome == TableOutcome::kRefused || table.outcome == TableOutcome::kFailed);
  });
  return found == reports.end() ? nullptr : &*found;
}

// The file of the deletion vector that an action names; "" if there is none.
std::string vector_file(const nlohmann::json& action, const std::string& table,
                        const std::string& root) {
  const auto vector = action.find("deletionVector");
  if (vector == action.end() || !vector->is_object()) return "";
  const auto path = delta::deletion_vector_path(
      {.storage_type = vector->value("storageType", ""),
       .path_or_inline = vector->value("pathOrInlineDv", ""),
       .offset =
           vector->contains("offset") ? std::optional(vector->value("offset", 0)) : std::nullopt,
       .size_in_bytes = vector->value("sizeInBytes", 0),
       .cardinality = vector->value("cardinality", std::int64_t{0})},
      table, root);
  return path ? *path : "";
}

// The files that a commit brought, those of deletion vectors too: not those that it takes out, or
// names again with other rows taken out.
std::vector<std::string> new_files(const HeldCommits::Commit& commit, const std::string& root) {
  std::map<std::string, bool> brought;
  const auto note = [&](const std::string& path, bool is_new) {
    if (path.empty()) return;
    const auto [at, first] = brought.emplace(path, is_new);
    at->second = at->second && is_new;
  };
  for (const std::string& line : split(commit.bytes, '\n')) {
    const auto action = nlohmann::json::parse(line, nullptr, false);
    if (!action.is_object()) continue;
    for (const char* kind : {"add", "cdc", "remove"}) {
      if (!action.contains(kind)) continue;
      const bool is_new = std::string_view(kind) != "remove";
      const auto path = delta::path_in_store(action[kind].value("path", ""), commit.table, root);
      if (path) note(*path, is_new);
      note(vector_file(action[kind], commit.table, root), is_new);
    }
  }
  std::vector<std::string> out;
  for (const auto& [path, is_new] : brought) {
    if (is_new) out.push_back(path);
  }
  return out;
}

}  // namespace

TableSet::TableSet(lake::Lake& readers, engine::Engine& engine, const pack::Pack& pack)
    : readers_(readers),
      held_(readers.store(), readers.context().clock),
      log_files_(engine.parquet_io()),
      lake_({held_, readers.context().clock, readers.context().random, log_files_,
             readers.context().user, readers.context().snapshot_bytes,
             readers.context().large_table_rows}) {
  show_views(lake_, pack);
}

TableSet::End TableSet::settle(std::vector<TableReport>& reports) {
  // Who has taken a name may also be why a table failed.
  const auto taken = held_.taken();
  if (taken && !taken->empty()) {
    drop(reports, fmt::format("another writer has committed {} meanwhile", *taken));
    return End::kAgain;
  }
  if (const TableReport* cause = in_the_way(reports)) {
    keep_back(reports, TableReport(*cause));
    forget(held_.drop(), {});
    return End::kKeptBack;
  }
  const HeldCommits::Published done = held_.publish();
  tend_logs(done.commits);
  if (done.taken.empty() && !done.failed) return End::kPublished;
  forget(held_.drop(), done.unknown);
  const std::string why =
      done.failed ? fmt::format("it could not be published: {}", done.failed->text())
                  : fmt::format("another writer has committed {} while the tables were published",
                                done.taken);
  for (TableReport& report : reports) {
    if (report.outcome != TableOutcome::kBuilt) continue;
    const bool is_out =
        std::any_of(done.commits.begin(), done.commits.end(), [&](const auto& commit) {
          const auto name = table_of(commit.table);
          return name && name->text() == report.table && commit.version == report.version;
        });
    if (!is_out) unpublished(report, TableOutcome::kFailed, why + "; the next refresh goes on");
  }
  return done.failed ? End::kPublished : End::kAgain;
}

void TableSet::drop(std::vector<TableReport>& reports, const std::string& why) {
  for (TableReport& report : reports) {
    if (report.outcome == TableOutcome::kBuilt) {
      unpublished(report, TableOutcome::kFailed, why + "; nothing of this refresh was published");
    }
  }
  forget(held_.drop(), {});
}

// None of the tables is published because of `cause`.
void TableSet::keep_back(std::vector<TableReport>& reports, const TableReport& cause) {
  const char* what = cause.outcome == TableOutcome::kRefused ? "was refused" : "failed";
  for (TableReport& report : reports) {
    if (report.outcome != TableOutcome::kBuilt) continue;
    unpublished(report, cause.outcome,
                fmt::format("kept back, because {} {} and the pack says publish: together: {}",
                            cause.table, what, cause.message));
    report.kept_back_by = cause.table;
  }
}

void TableSet::unpublished(TableReport& report, TableOutcome outcome, std::string why) {
  report.outcome = outcome;
  report.message = std::move(why);
  report.rows = 0;
  report.refused_rows = 0;
  report.version.reset();
  const auto name = lake::TableName::parse(report.table);
  if (!name) return;
  const auto seen = readers_.snapshot_if_any(*name);
  if (seen && *seen != nullptr) report.version = (*seen)->version();
}

// Nothing that was seen of the tables is used again, and files that no version will name go. Those
// of a commit that may be there after all stay.
void TableSet::forget(const Commits& dropped, const std::optional<HeldCommits::Commit>& unknown) {
  for (const HeldCommits::Commit& commit : dropped) {
    if (const auto name = table_of(commit.table)) lake_.forget(*name);
    const bool may_be_there = unknown && unknown->table == commit.table;
    if (may_be_there) continue;
    for (const std::string& path : new_files(commit, held_.root())) {
      if (held_.remove(path)) continue;
      // What stays is unseen by readers and goes with the next vacuum.
      log(LogLevel::kWarning, "staged_file_left", {{"file", path}});
    }
  }
}

// What a commit does beside the log when it is due, for versions that were kept back then.
void TableSet::tend_logs(const Commits& published) {
  std::map<std::string, std::pair<std::int64_t, std::int64_t>> versions;  // first and last
  for (const HeldCommits::Commit& commit : published) {
    const auto [at, first] =
        versions.emplace(commit.table, std::pair(commit.version, commit.version));
    at->second.second = commit.version;
  }
  for (const auto& [table, range] : versions) {
    const auto name = table_of(table);
    if (!name) continue;
    const auto snapshot = readers_.snapshot_if_any(*name);
    if (!snapshot || *snapshot == nullptr) continue;
    const auto properties = delta::read_properties((*snapshot)->metadata().configuration);
    const std::int64_t interval =
        delta::commits_per_checkpoint(properties, (*snapshot)->files().size());
    const auto due = [&](std::int64_t every) {
      return range.second / every > (range.first - 1) / every && range.second > 0;
    };
    if (!due(interval)) continue;
    const lake::LakeContext& context = readers_.context();
    delta::Log of({context.store, context.parquet, context.clock, context.random}, table);
    Done tended = of.checkpoint(*snapshot);
    if (tended && due(interval * kCheckpointsPerCleanup)) tended = of.clean_up(**snapshot);
    // The version is published whether or not this succeeds; the next one that is due makes good.
    if (!tended) {
      log(LogLevel::kWarning, "checkpoint_failed",
          {{"table", table}, {"reason", tended.error().message}});
    }
  }
}

}  // namespace claimlake::refresh
