#include "lake/drop_feature.h"

#include <fmt/format.h>

#include "delta/column_mapping.h"
#include "delta/feature_change.h"
#include "delta/json_writer.h"
#include "delta/properties.h"
#include "delta/row_tracking.h"
#include "lake/bound_version.h"
#include "lake/file_actions.h"
#include "lake/kept_rows.h"
#include "lake/maintain.h"
#include "lake/rewrite.h"

namespace claimlake::lake {
namespace {

delta::AddFile without_row_ids(delta::AddFile file) {
  file.base_row_id.reset();
  file.default_row_commit_version.reset();
  file.data_change = false;
  return file;
}

class FeatureGoing {
 public:
  FeatureGoing(Lake& lake, engine::Session& session, const DropFeature& what,
               const std::string& run)
      : lake_(lake),
        session_(session),
        what_(what),
        run_(run),
        log_({lake.context().store, lake.context().parquet, lake.context().clock,
              lake.context().random},
             what.name.folder()) {}

  Done go();

 private:
  Done clean();
  Result<Staged> written_anew(const std::vector<std::size_t>& numbers);
  Done commit(delta::CommitRequest request);
  delta::CommitRequest request(const char* operation) const;
  Done truncate();
  Done check_history();
  std::chrono::milliseconds retention() const {
    return delta::read_properties(base_->metadata().configuration).drop_feature_retention;
  }

  Lake& lake_;
  engine::Session& session_;
  const DropFeature& what_;
  const std::string& run_;
  delta::Log log_;
  delta::SnapshotPtr base_;
  delta::FeatureDrop drop_;
};

delta::CommitRequest FeatureGoing::request(const char* operation) const {
  auto out = maintenance_request(lake_, base_, operation, run_);
  out.read.whole_table = true;  // rows that come meanwhile may use the feature
  out.info.parameters["featureName"] = delta::json_string(what_.feature);
  return out;
}

Done FeatureGoing::commit(delta::CommitRequest request) {
  TRY(base_, lake_.commit_actions(what_.name, std::move(request)));
  return done();
}

Result<Staged> FeatureGoing::written_anew(const std::vector<std::size_t>& numbers) {
  BoundVersion bound(session_, what_.name);
  TRY_DONE(bound.to(base_));
  delta::StoredColumns stored = columns_with_kept(*base_);
  if (drop_.names_change) {
    stored.schema = delta::without_mapping(std::move(stored.schema));
    stored.mapping = delta::ColumnMapping::kNone;
  }
  return lake_.stage(session_, what_.name, select_of(what_.name, *base_, numbers),
                     base_->metadata().partition_columns, "", std::move(stored));
}

// Makes the table do without the feature, as one version.
Done FeatureGoing::clean() {
  std::vector<std::size_t> numbers;
  bool has_row_ids = false;
  for (std::size_t i = 0; i < base_->files().size(); ++i) {
    const bool vector = drop_.vector_files && base_->files()[i].deletion_vector.has_value();
    if (drop_.all_files || vector) numbers.push_back(i);
    has_row_ids = has_row_ids || base_->files()[i].base_row_id.has_value();
  }
  const std::string* domain = base_->domain(drop_.domain);
  const bool loses_row_ids = drop_.row_ids && has_row_ids;
  if (numbers.empty() && !loses_row_ids && domain == nullptr &&
      drop_.metadata == base_->metadata()) {
    return done();
  }
  delta::CommitRequest change = request("REORG");
  Staged staged;
  if (!numbers.empty()) {
    TRY(staged, written_anew(numbers));
  }
  const Timestamp now = lake_.context().clock.now();
  if (!(drop_.metadata == base_->metadata())) change.actions.emplace_back(drop_.metadata);
  if (domain != nullptr) {
    change.actions.emplace_back(delta::DomainMetadata{drop_.domain, *domain, true});
  }
  if (loses_row_ids) {
    for (const delta::AddFile& file : base_->files()) {
      change.actions.emplace_back(without_row_ids(file));
    }
  }
  for (const std::size_t number : numbers) {
    delta::RemoveFile remove = remove_file(base_->files()[number], now);
    remove.data_change = false;
    change.actions.emplace_back(std::move(remove));
  }
  for (const engine::WrittenFile& file : staged.files) {
    delta::AddFile add = add_file(file, what_.name, now);
    add.data_change = false;
    change.actions.emplace_back(std::move(add));
  }
  auto committed = commit(std::move(change));
  // After a lost answer the commit may be there, and then its files are needed.
  if (!committed && committed.error().fault != Fault::kUnavailable) lake_.discard(staged);
  return committed;
}

// Gives up the versions that are older than the retention. The one that was the newest then goes
// with them: it may be the one that did away with the feature.
Done FeatureGoing::truncate() {
  const auto last = log_.version_at(lake_.context().clock.now() - retention());
  if (!last && last.error().fault == Fault::kNotFound) return done();
  if (!last) return last.error();
  if (*last == base_->version()) {
    TRY_DONE(commit(request("EMPTY COMMIT")));
  }
  TRY_DONE(log_.truncate(*last + 1));
  lake_.forget(what_.name);  // also the versions that are gone
  return done();
}

Done FeatureGoing::check_history() {
  if (!drop_.in_history) return done();
  TRY(const auto before, log_.last_use(what_.feature));
  if (!before) return done();
  if (what_.truncate_history) {
    TRY_DONE(truncate());
  }
  TRY(const auto last, log_.last_use(what_.feature));
  if (!last) return done();
  TRY(const delta::SnapshotPtr version, log_.snapshot_at(*last));
  return Error{
      Fault::kInvalidInput,
      fmt::format("The table does not use the feature '{}' any more, and keeps it in its protocol "
                  "as long as versions that use it can be read; the last one is version {}",
                  what_.feature, *last),
      what_.name.text(),
      fmt::format("after {} write ALTER TABLE {} DROP FEATURE {} TRUNCATE HISTORY: it gives up all "
                  "versions that are older than "
                  "delta.dropFeatureTruncateHistory.retentionDuration (24 hours if not set)",
                  to_text(version->timestamp() + retention()), what_.name.text(), what_.feature)};
}

Done FeatureGoing::go() {
  TRY(base_, lake_.snapshot(what_.name));
  TRY(drop_,
      delta::feature_drop(what_.feature, base_->protocol(), base_->metadata(), base_->schema()));
  TRY_DONE(clean());
  TRY_DONE(check_history());
  delta::CommitRequest last = request("DROP FEATURE");
  last.info.parameters["truncateHistory"] = what_.truncate_history ? "true" : "false";
  if (drop_.row_ids) {
    delta::Metadata metadata = base_->metadata();
    metadata.configuration.erase(delta::kRowTrackingSuspended);
    last.actions.emplace_back(std::move(metadata));
  }
  last.actions.emplace_back(delta::without_feature(base_->protocol(), what_.feature));
  TRY_DONE(commit(std::move(last)));
  // Readers that do not know the feature need not look at what was before.
  return drop_.in_history ? log_.checkpoint(base_) : done();
}

}  // namespace

Result<DropFeature> read_drop_feature(SqlCursor& cursor, const TableName& name) {
  DropFeature out{name, "", false};
  TRY(out.feature, cursor.name());
  out.truncate_history = cursor.take("truncate history");
  return out;
}

Done drop_feature(Lake& lake, engine::Session& session, const DropFeature& what,
                  const std::string& run) {
  return FeatureGoing(lake, session, what, run).go();
}

}  // namespace claimlake::lake
