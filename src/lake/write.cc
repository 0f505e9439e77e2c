// How rows become a version: stage, discard, commit, create.

#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "delta/column_mapping.h"
#include "delta/evolve.h"
#include "delta/json_writer.h"
#include "delta/new_table.h"
#include "lake/file_actions.h"
#include "lake/lake.h"

namespace claimlake::lake {
namespace {

// True if the file belongs to one of the partitions that `replace` names.
bool is_replaced(const delta::AddFile& file, const std::vector<delta::PartitionValues>& replace) {
  return std::any_of(replace.begin(), replace.end(), [&](const delta::PartitionValues& wanted) {
    return std::all_of(wanted.begin(), wanted.end(), [&](const auto& entry) {
      const auto found = file.partition_values.find(entry.first);
      return found != file.partition_values.end() && found->second == entry.second;
    });
  });
}

// Names the columns of `partitions` as the log does.
void to_physical(std::vector<delta::PartitionValues>& partitions, const delta::Snapshot& table) {
  const auto columns = delta::stored_columns(table);
  if (columns.mapping == delta::ColumnMapping::kNone) return;
  for (delta::PartitionValues& partition : partitions) {
    delta::PartitionValues named;
    for (auto& [column, value] : partition) {
      named[delta::physical_names({column}, columns.schema, columns.mapping)[0]] = value;
    }
    partition = std::move(named);
  }
}

const char* mode_text(WriteMode mode) {
  return mode == WriteMode::kAppend ? "Append" : "Overwrite";
}

delta::CommitInfo commit_info(const WriteRequest& request, const std::string& user, bool creates) {
  delta::CommitInfo info;
  info.operation = creates ? "CREATE TABLE AS SELECT" : "WRITE";
  if (!creates) info.parameters["mode"] = delta::json_string(mode_text(request.mode));
  for (const auto& [key, value] : request.parameters)
    info.parameters[key] = delta::json_string(value);
  info.metrics["numFiles"] = std::to_string(request.staged.files.size());
  info.metrics["numOutputRows"] = std::to_string(request.staged.rows());
  info.metrics["numOutputBytes"] = std::to_string(request.staged.bytes());
  info.user = user;
  info.run = request.run;
  info.is_blind_append = request.mode == WriteMode::kAppend;
  return info;
}

// Writes the documentation of the columns where Spark and others show it.
delta::Schema with_docs(delta::Schema schema, const std::map<std::string, std::string>& docs) {
  for (delta::Field& field : schema.fields) {
    const auto doc = docs.find(field.name);
    if (doc != docs.end() && !doc->second.empty())
      field.metadata["comment"] = delta::json_string(doc->second);
  }
  return schema;
}

// The actions that bring the table's description to what `request` needs: a new table, a wider
// schema, or another one where everything is replaced. None if it fits.
Result<std::vector<delta::Action>> description_actions(const WriteRequest& request,
                                                       const LakeContext& context) {
  const delta::Schema schema = with_docs(request.staged.schema, request.column_docs);
  if (request.base == nullptr) {
    return delta::new_table({.schema = schema,
                             .partition_columns = request.staged.partition_columns,
                             .properties = request.properties,
                             .name = request.staged.table.text(),
                             .description = request.description},
                            context.clock, context.random);
  }
  delta::Metadata metadata = request.base->metadata();
  if (request.mode == WriteMode::kOverwrite) {
    const std::string text = delta::to_json(schema);
    if (text == metadata.schema_json &&
        metadata.partition_columns == request.staged.partition_columns) {
      return std::vector<delta::Action>{};
    }
    delta::set_schema(metadata, schema);
    metadata.partition_columns = request.staged.partition_columns;
    return std::vector<delta::Action>{metadata};
  }
  TRY(auto merged, delta::merge_for_append(request.base->schema(), schema, request.add_columns));
  if (!merged) return std::vector<delta::Action>{};
  delta::set_schema(metadata, *merged);
  return std::vector<delta::Action>{metadata};
}

}  // namespace

std::int64_t Staged::rows() const {
  std::int64_t sum = 0;
  for (const engine::WrittenFile& file : files) sum += file.rows;
  return sum;
}

std::int64_t Staged::bytes() const {
  std::int64_t sum = 0;
  for (const engine::WrittenFile& file : files) sum += file.size;
  return sum;
}

Result<Staged> Lake::stage(engine::Session& session, const TableName& name, std::string_view select,
                           const std::vector<std::string>& partition_columns,
                           const std::string& folder, std::optional<delta::StoredColumns> columns) {
  Staged staged;
  staged.table = name;
  staged.partition_columns = partition_columns;
  engine::WriteOptions options;
  options.folder = folder.empty() ? name.folder() : name.folder() + "/" + folder;
  options.partition_columns = partition_columns;
  // Its least value says for nothing whether a row must not be published (docs/decisions/0003).
  options.stats_always = {"_quality_score"};
  if (!columns) {
    TRY(const auto table, snapshot_if_any(name));
    columns.emplace();
    if (table) columns = delta::stored_columns(*table);
  }
  if (columns->mapping != delta::ColumnMapping::kNone) {
    // New columns need their names before they are written.
    TRY(const auto described, session.describe(select));
    TRY(delta::Schema rows, engine::delta_schema(described));
    columns->schema = delta::mapped_like(std::move(rows), *columns, context_.random);
    options.stats_always =
        delta::physical_names(options.stats_always, columns->schema, columns->mapping);
    options.stored = *columns;
  }
  TRY(auto written, session.write_parquet(select, options));
  staged.files = std::move(written.files);
  auto schema = engine::delta_schema(written.columns);
  if (!schema) {
    discard(staged);
    return std::move(schema).error();
  }
  const bool mapped = columns->mapping != delta::ColumnMapping::kNone;
  staged.schema = mapped ? std::move(columns->schema) : *std::move(schema);
  return staged;
}

void Lake::discard(const Staged& staged) {
  for (const engine::WrittenFile& file : staged.files) {
    auto removed = context_.store.remove(file.path);
    // What stays is unseen by readers and goes with the next vacuum.
    if (!removed) log(LogLevel::kWarning, "staged_file_left", {{"file", file.path}});
  }
}

Result<delta::SnapshotPtr> Lake::commit(WriteRequest request) {
  delta::CommitRequest commit;
  commit.base = request.base;
  auto description = description_actions(request, context_);
  if (!description) {
    discard(request.staged);
    return std::move(description).error().at(request.staged.table.text());
  }
  commit.actions = *std::move(description);
  const Timestamp now = context_.clock.now();
  if (request.base != nullptr) to_physical(request.replace, *request.base);
  if (request.base != nullptr && request.mode != WriteMode::kAppend) {
    for (const delta::AddFile& file : request.base->files()) {
      if (request.mode == WriteMode::kOverwrite || is_replaced(file, request.replace)) {
        commit.actions.emplace_back(remove_file(file, now));
      }
    }
    commit.read.whole_table = request.mode == WriteMode::kOverwrite;
    commit.read.partitions = request.replace;
  }
  for (const delta::Txn& position : request.positions) commit.actions.emplace_back(position);
  for (const engine::WrittenFile& file : request.staged.files) {
    commit.actions.emplace_back(add_file(file, request.staged.table, now));
  }
  commit.info = commit_info(request, context_.user, request.base == nullptr);

  auto committed = commit_actions(request.staged.table, std::move(commit));
  // After a lost answer the commit may be there, and then its files are needed.
  if (!committed && committed.error().fault != Fault::kUnavailable) discard(request.staged);
  return committed;
}

Result<delta::SnapshotPtr> Lake::commit_actions(const TableName& name,
                                                delta::CommitRequest request) {
  const auto table = find(name);
  auto committed = table->log.commit(std::move(request));
  if (!committed) return std::move(committed).error().at(name.text());
  table->newest.with([&](delta::SnapshotPtr& newest) {
    if (newest == nullptr || newest->version() < (*committed)->version()) newest = *committed;
  });
  return committed;
}

Result<delta::SnapshotPtr> Lake::create(const TableName& name, const delta::Schema& schema,
                                        const std::vector<std::string>& partition_columns,
                                        const std::map<std::string, std::string>& properties,
                                        const std::string& run) {
  WriteRequest request;
  request.staged.table = name;
  request.staged.schema = schema;
  request.staged.partition_columns = partition_columns;
  request.properties = properties;
  request.run = run;
  return commit(std::move(request));
}

}  // namespace claimlake::lake
