#include "lake/define_rules.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "delta/evolve.h"
#include "delta/feature_change.h"
#include "delta/json_writer.h"
#include "delta/new_table.h"
#include "delta/row_tracking.h"
#include "lake/bound_version.h"
#include "lake/row_rules.h"

namespace claimlake::lake {
namespace {

// How many rows an error shows.
constexpr std::size_t kShownRows = 5;

Error refused(std::string what, std::string next) {
  return {Fault::kInvalidInput, std::move(what), "", std::move(next)};
}

Result<std::size_t> find_column(const delta::Schema& schema, const TableName& table,
                                const std::string& column) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < schema.fields.size(); ++i) {
    if (to_lower(schema.fields[i].name) == to_lower(column)) return i;
    names.push_back(schema.fields[i].name);
  }
  const std::string near = nearest(column, names);
  return refused(fmt::format("Table {} has no column {}", table.text(), column),
                 near.empty() ? "DESCRIBE the table" : fmt::format("did you mean {}?", near));
}

std::string relation(const TableName& name) {
  return fmt::format("lake.{}.{}", sql_identifier(name.schema), sql_identifier(name.table));
}

// Errors if rows of the table break the constraint: how many, and what the constraint looks at in
// some of them.
Done check_rows(engine::Session& session, const TableName& name, const delta::Schema& schema,
                const RowCheck& check) {
  const std::string from = fmt::format("FROM {} WHERE NOT ({})", relation(name), check.sql);
  TRY(const auto counted, session.query("SELECT count(*) " + from));
  TRY(const bool any, counted->next());
  CHECK(any, "an aggregate gives one row");
  const std::int64_t rows = counted->integer(0, 0);
  if (rows == 0) return done();
  std::string columns;
  for (const std::size_t column : check.columns) {
    const std::string& field = schema.fields[column].name;
    columns += fmt::format("{}{} || coalesce(CAST({} AS VARCHAR), 'NULL')",
                           columns.empty() ? "" : " || ', ' || ", sql_string(field + " = "),
                           sql_identifier(field));
  }
  std::string shown;
  if (!columns.empty()) {
    TRY(const auto broken,
        session.query(fmt::format("SELECT {} {} LIMIT {}", columns, from, kShownRows)));
    TRY(const auto table, engine::read_all(*broken, kShownRows));
    for (const auto& row : table.rows) shown += (shown.empty() ? ": " : "; ") + row[0].value_or("");
  }
  return Error{
      Fault::kInvalidInput,
      fmt::format("{} {} {}{}", rows, rows == 1 ? "row breaks" : "rows break", check.said, shown),
      name.text(), "correct these rows first, with UPDATE or DELETE"};
}

}  // namespace

namespace {

// Files without ids of rows; the log gives them some.
void add_files_again(const delta::Snapshot& table, delta::CommitRequest& request) {
  for (const delta::AddFile& file : table.files()) {
    if (file.base_row_id && file.default_row_commit_version) continue;
    delta::AddFile add = file;
    add.data_change = false;
    request.actions.emplace_back(std::move(add));
  }
  request.checked_rows = true;  // when they came
}

}  // namespace

Done commit_definition(Lake& lake, DefinitionCommit commit) {
  TRY(const delta::Schema schema, delta::parse_schema(commit.metadata.schema_json));
  const delta::Protocol protocol =
      delta::needed_protocol(schema, commit.metadata.configuration, &commit.base->protocol());
  commit.metadata.configuration =
      delta::without_asked_features(std::move(commit.metadata.configuration));
  TRY_DONE(delta::name_row_tracking_columns(commit.metadata, &commit.base->metadata(),
                                            lake.context().random));
  delta::CommitRequest request;
  request.base = commit.base;
  // The rows that are there get ids in the version that demands them.
  const bool numbers_rows = delta::tracks_rows(protocol, commit.metadata) &&
                            !delta::tracks_rows(commit.base->protocol(), commit.base->metadata());
  if (!(protocol == commit.base->protocol())) request.actions.emplace_back(protocol);
  if (!(commit.metadata == commit.base->metadata())) {
    request.actions.emplace_back(std::move(commit.metadata));
  }
  if (request.actions.empty()) return done();
  request.read.whole_table = commit.looked_at_rows || numbers_rows;
  if (numbers_rows) add_files_again(*commit.base, request);
  request.info.operation = commit.operation;
  request.info.parameters = std::move(commit.parameters);
  request.info.user = lake.context().user;
  request.info.run = commit.run;
  TRY_DONE(lake.commit_actions(commit.name, std::move(request)));
  return done();
}

Done check_rules(const delta::Schema& schema,
                 const std::map<std::string, std::string>& properties) {
  delta::Metadata metadata;
  metadata.configuration = properties;
  TRY(const RowRules rules, row_rules(metadata, schema));
  for (std::size_t i = 0; i < rules.columns.size(); ++i) {
    const ColumnRule& rule = rules.columns[i];
    const int ways = (rule.default_value.empty() ? 0 : 1) + (rule.generated.empty() ? 0 : 1) +
                     (rule.identity ? 1 : 0);
    if (ways > 1) {
      return refused(
          fmt::format("Column {} gets its value in {} ways", schema.fields[i].name, ways),
          "keep one of DEFAULT, GENERATED AS and IDENTITY");
    }
  }
  return done();
}

void forget_numbers(delta::Schema& schema) {
  for (delta::Field& field : schema.fields) field.metadata.erase(delta::kIdentityHighWaterMark);
}

Done add_constraint(Lake& lake, engine::Session& session, const AddConstraint& add,
                    const std::string& run) {
  TRY(const auto base, lake.snapshot(add.name));
  const std::string key = delta::kConstraint + add.check.name;
  delta::Metadata metadata = base->metadata();
  if (!metadata.configuration.emplace(key, add.check.expression).second) {
    return refused(
        fmt::format("Table {} has a constraint {} already", add.name.text(), add.check.name),
        "choose another name, or drop that one first");
  }
  TRY(const RowCheck check, row_check(add.check, base->schema()));
  BoundVersion bound(session, add.name);
  TRY_DONE(bound.to(base));
  // Binds the expression too, so that one that makes no sense is told before it is kept.
  TRY_DONE(check_rows(session, add.name, base->schema(), check));
  return commit_definition(lake, {add.name,
                                  base,
                                  std::move(metadata),
                                  "ADD CONSTRAINT",
                                  {{"name", delta::json_string(add.check.name)},
                                   {"expr", delta::json_string(add.check.expression)}},
                                  run,
                                  true});
}

Done drop_constraint(Lake& lake, const DropConstraint& drop, const std::string& run) {
  TRY(const auto base, lake.snapshot(drop.name));
  delta::Metadata metadata = base->metadata();
  std::vector<std::string> names;
  for (const auto& [key, value] : base->metadata().configuration) {
    if (!key.starts_with(delta::kConstraint)) continue;
    names.push_back(key.substr(std::string(delta::kConstraint).size()));
    if (to_lower(names.back()) == to_lower(drop.constraint)) metadata.configuration.erase(key);
  }
  if (metadata == base->metadata()) {
    if (drop.if_exists) return done();
    const std::string near = nearest(drop.constraint, names);
    return refused(
        fmt::format("Table {} has no constraint {}", drop.name.text(), drop.constraint),
        near.empty() ? "write DROP CONSTRAINT IF EXISTS" : fmt::format("did you mean {}?", near));
  }
  return commit_definition(lake, {drop.name,
                                  base,
                                  std::move(metadata),
                                  "DROP CONSTRAINT",
                                  {{"name", delta::json_string(drop.constraint)}},
                                  run});
}

Done set_default(Lake& lake, const SetDefault& set, const std::string& run) {
  TRY(const auto base, lake.snapshot(set.name));
  delta::Schema schema = base->schema();
  TRY(const std::size_t column, find_column(schema, set.name, set.column));
  delta::Field& field = schema.fields[column];
  if (set.value.empty()) {
    field.metadata.erase(delta::kDefault);
  } else {
    field.metadata[delta::kDefault] = delta::json_string(set.value);
  }
  delta::Metadata metadata = base->metadata();
  TRY_DONE(check_rules(schema, metadata.configuration));
  metadata.schema_json = delta::to_json(schema);
  if (metadata == base->metadata()) return done();
  return commit_definition(lake, {set.name,
                                  base,
                                  std::move(metadata),
                                  "CHANGE COLUMN",
                                  {{"column", delta::json_string(field.name)}},
                                  run});
}

Done sync_identity(Lake& lake, engine::Session& session, const SyncIdentity& sync,
                   const std::string& run) {
  TRY(const auto base, lake.snapshot(sync.name));
  delta::Schema schema = base->schema();
  TRY(const std::size_t column, find_column(schema, sync.name, sync.column));
  delta::Field& field = schema.fields[column];
  TRY(const auto rules, delta::column_rules(field));
  if (!rules.identity) {
    return refused(fmt::format("Column {} is no identity column", field.name),
                   "name one that is GENERATED AS IDENTITY");
  }
  delta::Identity identity = *rules.identity;
  const bool up = identity.step > 0;
  BoundVersion bound(session, sync.name);
  TRY_DONE(bound.to(base));
  TRY(const auto rows,
      session.query(fmt::format("SELECT CAST({}({}) AS BIGINT) FROM {}", up ? "max" : "min",
                                sql_identifier(field.name), relation(sync.name))));
  TRY(const bool any, rows->next());
  CHECK(any, "an aggregate gives one row");
  if (rows->is_null(0, 0)) return done();
  const std::int64_t last = rows->integer(0, 0);
  const auto mark = identity.high_water_mark.value_or(last);
  identity.high_water_mark = up ? std::max(mark, last) : std::min(mark, last);
  delta::set_identity(field, identity);
  delta::Metadata metadata = base->metadata();
  metadata.schema_json = delta::to_json(schema);
  if (metadata == base->metadata()) return done();
  return commit_definition(lake, {sync.name,
                                  base,
                                  std::move(metadata),
                                  "SYNC IDENTITY",
                                  {{"column", delta::json_string(field.name)}},
                                  run,
                                  true});
}

}  // namespace claimlake::lake
