#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/guarded.h"
#include "base/held.h"
#include "delta/log.h"
#include "engine/engine.h"
#include "lake/write_request.h"

namespace claimlake::lake {

// What a lake stands on. All outlive the Lake.
struct LakeContext {
  store::Store& store;
  const Clock& clock;
  Random& random;
  delta::ParquetIo& parquet;
  std::string user;  // named in each commit
  // Memory for what is kept of tables between uses, of all together: the newest version, up to
  // three before it, and what the last commits say of themselves.
  std::int64_t snapshot_bytes = std::int64_t{256} << 20;
  // From so many rows on it pays to leave rows out of a MERGE before they are decoded.
  std::int64_t large_table_rows = 1'000'000;
};

// All tables below one store: a folder layer/table with a Delta log each. Thread-safe.
class Lake final : public engine::TableDirectory {
 public:
  explicit Lake(LakeContext context);
  ~Lake() override;

  // engine::TableDirectory
  std::vector<std::string> schemas() override;
  std::vector<std::string> tables(std::string_view schema) override;
  Result<engine::TableVersion> table(std::string_view schema, std::string_view name,
                                     const engine::At& at) override;
  Result<engine::TableChanges> changes(std::string_view schema, std::string_view name,
                                       const engine::At& from, const engine::At& to) override;
  Result<engine::TableChanges> difference(std::string_view schema, std::string_view name,
                                          const engine::At& from, const engine::At& to) override;
  std::map<std::string, engine::ViewDefinition> views(std::string_view schema) override;
  std::map<std::string, engine::FunctionDefinition> functions(std::string_view schema) override;

  void define_view(const TableName& name, engine::ViewDefinition view);
  void define_function(const TableName& name, engine::FunctionDefinition function);
  // Says who builds a table: "the model silver.dim_pet of the pack".
  void define_built(const TableName& name, std::string by);
  std::string built_by(const TableName& name);  // "" = nobody

  // The SQL of all views and functions.
  std::map<TableName, std::string> definitions() const;

  // All tables, ascending by name.
  std::vector<TableName> all_tables();
  // The newest version. Errors: kNotFound (says which names are near), kCorrupt.
  Result<delta::SnapshotPtr> snapshot(const TableName& name);
  // Nothing that was seen of the table is used again.
  void forget(const TableName& name);
  // The newest version, or null if there is no such table.
  Result<delta::SnapshotPtr> snapshot_if_any(const TableName& name);
  // What the versions take that are kept so that the next use costs new commits only.
  std::int64_t kept_bytes() const;
  Result<std::vector<delta::Log::HistoryEntry>> history(const TableName& name, std::size_t limit);
  // What the newest commits say of themselves: at most `limit`, the newest first, as far as they
  // are in the log. It lists nothing, and what was read before costs nothing.
  struct Commit {
    delta::LogVersion version = 0;
    std::shared_ptr<const delta::CommitInfo> info;  // never null
  };
  Result<std::vector<Commit>> latest_commits(const TableName& name, std::size_t limit);

  // What the log of `snapshot` says was removed after `since` and is not live again.
  Result<std::vector<delta::RemoveFile>> tombstones(const TableName& name,
                                                    const delta::SnapshotPtr& snapshot,
                                                    Timestamp since);

  // Creates an empty table. Errors: kConflict if it exists.
  Result<delta::SnapshotPtr> create(const TableName& name, const delta::Schema& schema,
                                    const std::vector<std::string>& partition_columns,
                                    const std::map<std::string, std::string>& properties,
                                    const std::string& run);

  // Runs `select` in `session` and writes its rows into the table's folder, or a folder in that.
  // Nothing is visible. `columns`: as the table that the rows are for stores them; absent: as its
  // newest version does.
  Result<Staged> stage(engine::Session& session, const TableName& name, std::string_view select,
                       const std::vector<std::string>& partition_columns = {},
                       const std::string& folder = "",
                       std::optional<delta::StoredColumns> columns = {},
                       const RowOrder& order = {});
  // Removes staged files that will not be committed.
  void discard(const Staged& staged);
  // Commits `request` as one version and returns it. On an error (but kUnavailable) nothing was
  // committed and the staged files are removed.
  Result<delta::SnapshotPtr> commit(WriteRequest request);

  // Commits `request` to the table's log as it stands and returns the version. Errors: Log::commit.
  // Files that it names are the caller's to remove then.
  Result<delta::SnapshotPtr> commit_actions(const TableName& name, delta::CommitRequest request);

  store::Store& store() { return context_.store; }
  const LakeContext& context() const { return context_; }

 private:
  std::shared_ptr<delta::Log> log_of(const TableName& name);
  // As snapshot(), but an error does not look for names that are near.
  Result<delta::SnapshotPtr> newest(const TableName& name);
  // What was seen of a table and is kept.
  struct Seen {
    delta::SnapshotPtr newest;
    // The newest ones before it, the last one first: what changed since then is asked soon after.
    std::vector<delta::SnapshotPtr> before;
    std::map<delta::LogVersion, std::shared_ptr<const delta::CommitInfo>> commits;
    std::int64_t memory_bytes() const;
  };
  // The newest version that was seen, or null: of a table may be none that is kept.
  delta::SnapshotPtr kept(const TableName& name);
  // The same of one version.
  delta::SnapshotPtr kept(const TableName& name, delta::LogVersion version);
  void keep(const TableName& name, const delta::SnapshotPtr& snapshot);

  LakeContext context_;
  Guarded<std::map<TableName, std::shared_ptr<delta::Log>>> logs_;
  Guarded<Held<TableName, Seen>> seen_;
  Guarded<std::map<TableName, engine::ViewDefinition>> views_;
  Guarded<std::map<TableName, engine::FunctionDefinition>> functions_;
  Guarded<std::map<TableName, std::string>> builders_;
};

}  // namespace claimlake::lake
