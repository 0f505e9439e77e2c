// How rows become a version: stage, discard, commit, create.

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "base/log.h"
#include "delta/clustering.h"
#include "delta/column_mapping.h"
#include "delta/evolve.h"
#include "delta/feature_change.h"
#include "delta/json_writer.h"
#include "delta/new_table.h"
#include "delta/properties.h"
#include "delta/stats_columns.h"
#include "lake/cluster.h"
#include "lake/column_tags.h"
#include "lake/file_actions.h"
#include "lake/lake.h"
#include "store/environment.h"

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
  if (!request.operation.empty()) info.operation = request.operation;
  if (info.operation == "WRITE") {
    info.parameters["mode"] = delta::json_string(mode_text(request.mode));
  }
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

delta::Schema with_tags(delta::Schema schema,
                        const std::map<std::string, std::vector<std::string>>& column_tags) {
  for (delta::Field& field : schema.fields) {
    const auto wanted = column_tags.find(field.name);
    if (wanted == column_tags.end()) continue;
    std::vector<std::string> tags = delta::tags_of(field);
    for (const std::string& tag : wanted->second) {
      if (std::find(tags.begin(), tags.end(), tag) == tags.end()) tags.push_back(tag);
    }
    delta::set_tags(field, tags);
  }
  return schema;
}

// Takes the bounds of columns that become personal by `description` out of what was staged before
// anybody said so.
Done drop_personal_bounds(const std::vector<delta::Action>& description,
                          const delta::SnapshotPtr& base, std::vector<engine::WrittenFile>& files) {
  const delta::Metadata* metadata = nullptr;
  const delta::Protocol* protocol = base == nullptr ? nullptr : &base->protocol();
  for (const delta::Action& action : description) {
    if (const auto* made = std::get_if<delta::Protocol>(&action)) protocol = made;
    if (const auto* made = std::get_if<delta::Metadata>(&action)) metadata = made;
  }
  if (metadata == nullptr) return done();  // as stage() knew it
  CHECK(protocol != nullptr, "a new table has a protocol");
  TRY(const delta::Schema schema, delta::parse_schema(metadata->schema_json));
  const auto personal =
      delta::personal_columns(delta::stored_columns(*protocol, *metadata, schema));
  if (personal.empty()) return done();
  for (engine::WrittenFile& file : files) {
    file.stats_json = delta::without_bounds(file.stats_json, personal);
  }
  return done();
}

// The actions that bring the table's description to what `request` needs: a new table, a wider
// schema, or another one where everything is replaced. None if it fits.
Result<std::vector<delta::Action>> description_actions(const WriteRequest& request,
                                                       const LakeContext& context) {
  delta::Schema schema = with_docs(request.staged.schema, request.column_docs);
  if (request.base != nullptr) schema = with_tags_of(std::move(schema), request.base->schema());
  schema = with_tags(std::move(schema), request.column_tags);
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
                           const std::string& folder, std::optional<delta::StoredColumns> columns,
                           const RowOrder& order) {
  if (name.schema.ends_with(store::kOfMain)) {
    return Error{Fault::kInvalidInput,
                 fmt::format("{} is a table of main, which is only read here", name.text()), "",
                 "change it in main, without --env"};
  }
  Staged staged;
  staged.table = name;
  staged.partition_columns = partition_columns;
  engine::WriteOptions options;
  options.folder = folder.empty() ? name.folder() : name.folder() + "/" + folder;
  options.partition_columns = partition_columns;
  options.curve = order.curve;
  options.row_group_rows = order.row_group_rows;
  if (!columns) {
    TRY(const auto table, snapshot_if_any(name));
    columns.emplace();
    if (table) columns = delta::stored_columns(*table);
  }
  const auto properties = delta::read_properties(columns->configuration);
  options.target_file_bytes = properties.target_file_bytes;
  if (properties.row_group_rows > 0) options.row_group_rows = properties.row_group_rows;
  const delta::StoredColumns as_given = *columns;  // with the tags, which those of the rows lack
  const bool known = !columns->schema.fields.empty();
  if (known) options.stats = delta::stats_columns(*columns);
  std::vector<std::string> score{"_quality_score"};
  if (columns->mapping != delta::ColumnMapping::kNone) {
    // New columns need their names before they are written.
    TRY(const auto described, session.describe(select));
    TRY(delta::Schema rows, engine::delta_schema(described));
    columns->schema = delta::mapped_like(std::move(rows), *columns, context_.random);
    score = delta::physical_names(score, columns->schema, columns->mapping);
    options.stored = *columns;
  }
  if (!known) options.stats = delta::stats_columns(*columns);
  for (const std::string& name : columns->beside) {
    options.stats.set({name}, delta::StatsKept::kNothing);
  }
  // Its least value says for nothing whether a row must not be published (docs/decisions/0003).
  options.stats.set(score, delta::StatsKept::kAll);
  TRY(auto written, session.write_parquet(select, options));
  staged.files = std::move(written.files);
  auto schema = engine::delta_schema(written.columns);
  if (!schema) {
    discard(staged);
    return std::move(schema).error();
  }
  const bool mapped = columns->mapping != delta::ColumnMapping::kNone;
  staged.schema = mapped ? columns->schema : *std::move(schema);
  // Of less than a file's worth there is nothing to lay out.
  const bool one_file = staged.bytes() <= options.target_file_bytes;
  if (columns->clustering.empty() || one_file || !order.curve.empty() || !folder.empty()) {
    return staged;
  }
  return along_clustering(*this, session, std::move(staged), as_given);
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
  const auto complete = [&]() -> Done {
    TRY_DONE(drop_personal_bounds(commit.actions, request.base, request.staged.files));
    return add_clustering(request.clustering, commit.actions);
  };
  if (const Done completed = complete(); !completed) {
    discard(request.staged);
    return completed.error();
  }
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
  commit.read.names_version = request.names_version;
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
  auto committed = log_of(name)->commit(std::move(request));
  if (!committed) return std::move(committed).error().at(name.text());
  keep(name, *committed);
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
  request.operation = "CREATE TABLE";
  request.run = run;
  return commit(std::move(request));
}

}  // namespace claimlake::lake
