#include "lake/create_table.h"

#include <fmt/format.h>

#include "delta/clustering.h"
#include "delta/column_mapping.h"
#include "delta/json_writer.h"
#include "delta/new_table.h"
#include "delta/properties.h"
#include "delta/stats_columns.h"
#include "lake/bound_version.h"
#include "lake/clone_table.h"
#include "lake/cluster.h"
#include "lake/define_rules.h"
#include "lake/file_actions.h"
#include "lake/maintain.h"
#include "lake/rewrite.h"

namespace claimlake::lake {
namespace {

constexpr const char* kVectors = "delta.enableDeletionVectors";

// What the table is to be, without its rows.
Result<WriteRequest> described(Lake& lake, const CreateTable& create) {
  WriteRequest request;
  request.staged.table = create.name;
  request.staged.schema = create.schema;
  request.staged.partition_columns = create.partition_columns;
  request.properties = create.properties;
  request.description = create.comment;
  if (create.like) {
    TRY(const auto model, lake.snapshot(*create.like));
    request.staged.schema = model->schema();
    request.staged.partition_columns = model->metadata().partition_columns;
    request.clustering = clustering_columns(*model);
    request.properties = model->metadata().configuration;
    request.description = model->metadata().description;
    forget_numbers(request.staged.schema);
  } else {
    request.properties.try_emplace(kVectors, "true");
  }
  for (const delta::Check& check : create.checks) {
    request.properties[delta::kConstraint + check.name] = check.expression;
  }
  TRY_DONE(check_rules(request.staged.schema, request.properties));
  return request;
}

// As Spark says it in the history: texts that hold JSON.
std::map<std::string, std::string> said(const WriteRequest& request) {
  std::string columns, properties;
  delta::JsonWriter(columns).texts(request.staged.partition_columns);
  delta::JsonWriter(properties).texts(request.properties);
  std::map<std::string, std::string> out = {
      {"isManaged", "true"}, {"partitionBy", columns}, {"properties", properties}};
  if (!request.description.empty()) out["description"] = request.description;
  if (!request.clustering.empty()) {
    std::vector<std::string> texts;
    for (const delta::FieldPath& path : request.clustering) {
      texts.push_back(delta::quoted_text(path));
    }
    delta::JsonWriter(out["clusterBy"]).texts(texts);
  }
  return out;
}

const char* operation_of(const CreateTable& create) {
  const bool select = !create.select.empty();
  switch (create.mode) {
    case CreateTable::Mode::kCreateOrReplace:
      return select ? "CREATE OR REPLACE TABLE AS SELECT" : "CREATE OR REPLACE TABLE";
    case CreateTable::Mode::kReplace:
      return select ? "REPLACE TABLE AS SELECT" : "REPLACE TABLE";
    case CreateTable::Mode::kCreate:
    case CreateTable::Mode::kCreateIfNone:
      break;
  }
  return select ? "CREATE TABLE AS SELECT" : "CREATE TABLE";
}

// How the table will store its columns, of which `request` then says which it is clustered by.
// `before`: the table that goes.
Result<delta::StoredColumns> new_columns(Lake& lake, engine::Session& session,
                                         const CreateTable& create,
                                         const delta::SnapshotPtr& before, WriteRequest& request) {
  delta::StoredColumns columns;
  columns.mapping = delta::asked_mapping(request.properties);
  columns.configuration = request.properties;
  columns.partition_columns = create.partition_columns;
  if (before != nullptr) columns.max_id = delta::stored_columns(*before).max_id;
  if (create.clustering.empty() && !request.properties.contains(delta::kStatsColumns)) {
    return columns;
  }
  columns.schema = request.staged.schema;
  if (!create.select.empty()) {
    TRY(const auto selected, session.describe(create.select));
    TRY(columns.schema, engine::delta_schema(selected));
  }
  if (columns.mapping != delta::ColumnMapping::kNone) {
    delta::map_columns(columns.schema, columns.max_id, &lake.context().random);
  }
  TRY_DONE(
      delta::check_stats_columns(columns.schema, columns.partition_columns, request.properties));
  if (create.clustering.empty()) return columns;
  TRY(request.clustering, order_columns(columns, create.clustering, "CLUSTER BY"));
  for (const delta::FieldPath& path : request.clustering) {
    TRY(columns.clustering.emplace_back(), delta::physical_path(columns, path));
  }
  return columns;
}

// The rows of AS SELECT, if there is one.
Done stage_rows(Lake& lake, engine::Session& session, const CreateTable& create,
                const delta::SnapshotPtr& before, WriteRequest& request) {
  TRY(delta::StoredColumns columns, new_columns(lake, session, create, before, request));
  if (create.select.empty()) return done();
  TRY(request.staged, lake.stage(session, create.name, create.select, create.partition_columns, "",
                                 std::move(columns)));
  return done();
}

// The table is clustered as it says, and no more as the one before was.
Done replace_clustering(const delta::Snapshot& base, const WriteRequest& what,
                        std::vector<delta::Action>& actions) {
  TRY_DONE(add_clustering(what.clustering, actions));
  if (what.clustering.empty() && !clustering_columns(base).empty()) {
    actions.emplace_back(delta::clustering_domain({}));
  }
  return done();
}

// One version that takes the place of all that the table was, on the log that is there: what was
// before can still be read, and a SELECT may read it.
Done replace(Lake& lake, engine::Session& session, const CreateTable& create,
             const delta::SnapshotPtr& base, WriteRequest what) {
  BoundVersion bound(session, create.name);
  TRY_DONE(bound.to(base));
  TRY_DONE(stage_rows(lake, session, create, base, what));
  auto request = maintenance_request(lake, base, operation_of(create), what.run);
  request.read.whole_table = true;
  auto description = delta::new_table({.schema = what.staged.schema,
                                       .partition_columns = what.staged.partition_columns,
                                       .properties = what.properties,
                                       .name = create.name.text(),
                                       .description = what.description,
                                       .old_protocol = &base->protocol(),
                                       .old_metadata = &base->metadata()},
                                      lake.context().clock, lake.context().random);
  Done clustered = description ? replace_clustering(*base, what, *description) : done();
  if (!description || !clustered) {
    lake.discard(what.staged);
    Error error = description ? clustered.error() : description.error();
    return std::move(error).at(create.name.text());
  }
  for (delta::Action& action : *description) {
    const auto* protocol = std::get_if<delta::Protocol>(&action);
    if (protocol != nullptr && *protocol == base->protocol()) continue;
    request.actions.push_back(std::move(action));
  }
  const Timestamp now = lake.context().clock.now();
  for (const delta::AddFile& file : base->files()) {
    request.actions.emplace_back(remove_file(file, now));
  }
  for (const engine::WrittenFile& file : what.staged.files) {
    request.actions.emplace_back(add_file(file, create.name, now));
  }
  for (const auto& [key, value] : said(what)) {
    request.info.parameters[key] = delta::json_string(value);
  }
  request.info.metrics = {{"numFiles", std::to_string(what.staged.files.size())},
                          {"numOutputRows", std::to_string(what.staged.rows())},
                          {"numOutputBytes", std::to_string(what.staged.bytes())},
                          {"numRemovedFiles", std::to_string(base->files().size())},
                          {"numRemovedBytes", std::to_string(base->files_bytes())}};
  const auto committed = lake.commit_actions(create.name, std::move(request));
  if (committed) return done();
  // After a lost answer the commit may be there, and then its files are needed.
  if (committed.error().fault != Fault::kUnavailable) lake.discard(what.staged);
  return committed.error();
}

// Rows that a table promises to keep are not replaced either.
Done check_replaceable(const CreateTable& create, const delta::Snapshot& table) {
  if (!delta::read_properties(table.metadata().configuration).append_only || table.files().empty())
    return done();
  return Error{Fault::kInvalidInput, "The table is append-only (delta.appendOnly), and has rows",
               create.name.text(),
               "ALTER TABLE ... SET TBLPROPERTIES ('delta.appendOnly' = 'false') first"};
}

}  // namespace

Done create_table(Lake& lake, engine::Session& session, const CreateTable& create,
                  const std::string& run) {
  using Mode = CreateTable::Mode;
  TRY(const auto existing, lake.snapshot_if_any(create.name));
  if (existing && create.mode == Mode::kCreateIfNone) return done();
  if (existing && create.mode == Mode::kCreate) {
    return Error{Fault::kConflict, fmt::format("There is a table {} already", create.name.text()),
                 "", "choose another name, or write CREATE TABLE IF NOT EXISTS"};
  }
  if (!existing && create.mode == Mode::kReplace) {
    return Error{Fault::kNotFound, fmt::format("There is no table {}", create.name.text()), "",
                 "write CREATE OR REPLACE TABLE"};
  }
  if (existing) {
    TRY_DONE(check_replaceable(create, *existing));
  }
  if (create.clone) return clone_table(lake, create, existing, run);
  TRY(WriteRequest request, described(lake, create));
  request.run = run;
  if (existing) {
    return replace(lake, session, create, existing, std::move(request));
  }
  request.operation = operation_of(create);
  TRY_DONE(stage_rows(lake, session, create, nullptr, request));
  request.parameters = said(request);
  TRY_DONE(lake.commit(std::move(request)));
  return done();
}

}  // namespace claimlake::lake
