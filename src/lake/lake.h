#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/guarded.h"
#include "delta/log.h"
#include "engine/engine.h"
#include "lake/table_name.h"

namespace claimlake::lake {

// What a lake stands on. All outlive the Lake.
struct LakeContext {
  store::Store& store;
  const Clock& clock;
  Random& random;
  delta::ParquetIo& parquet;
  std::string user;  // named in each commit
};

// Parquet files that are written and durable, but that no version shows yet.
struct Staged {
  TableName table;
  delta::Schema schema;  // of the select; with ids and physical names if the table maps its columns
  std::vector<std::string> partition_columns;
  std::vector<engine::WrittenFile> files;

  std::int64_t rows() const;
  std::int64_t bytes() const;
};

enum class WriteMode {
  kAppend,             // adds rows; the columns must be the table's (or fewer)
  kOverwrite,          // replaces all rows; columns and partitioning may change
  kReplacePartitions,  // replaces the rows of the partitions named in the request
};

// One version to be committed. A table that does not exist is created by it.
struct WriteRequest {
  Staged staged;
  WriteMode mode = WriteMode::kAppend;
  // kReplacePartitions: each entry is column -> value for some of the partition columns.
  std::vector<delta::PartitionValues> replace;
  // Adds columns that the rows have and the table has not. Without it they are an error.
  bool add_columns = false;
  std::vector<delta::Txn> positions;               // committed together with the rows
  std::map<std::string, std::string> properties;   // for a table that is created
  std::string description;                         // likewise
  std::map<std::string, std::string> column_docs;  // likewise, by column
  std::string run;                                 // id of the run that writes
  std::map<std::string, std::string> parameters;   // said in the history, plain text
  // The version that the rows were computed against; a later one may be a conflict.
  delta::SnapshotPtr base;
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

  // All tables, ascending by name.
  std::vector<TableName> all_tables();
  // The newest version. Errors: kNotFound (says which names are near), kCorrupt.
  Result<delta::SnapshotPtr> snapshot(const TableName& name);
  // The newest version, or null if there is no such table.
  Result<delta::SnapshotPtr> snapshot_if_any(const TableName& name);
  Result<std::vector<delta::Log::HistoryEntry>> history(const TableName& name, std::size_t limit);

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
                       std::optional<delta::StoredColumns> columns = {});
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
  // One table: its log, and the newest version that was seen.
  struct Table {
    explicit Table(delta::Log table_log) : log(std::move(table_log)) {}
    delta::Log log;
    Guarded<delta::SnapshotPtr> newest;
  };
  std::shared_ptr<Table> find(const TableName& name);

  LakeContext context_;
  Guarded<std::map<TableName, std::shared_ptr<Table>>> tables_;
  Guarded<std::map<TableName, engine::ViewDefinition>> views_;
  Guarded<std::map<TableName, engine::FunctionDefinition>> functions_;
};

}  // namespace claimlake::lake
