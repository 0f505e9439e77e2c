#include "lake/define.h"

#include <fmt/format.h>

#include "delta/column_mapping.h"
#include "delta/evolve.h"
#include "delta/json_writer.h"
#include "delta/new_table.h"
#include "lake/define_rules.h"

namespace claimlake::lake {
namespace {

constexpr const char* kVectors = "delta.enableDeletionVectors";

Error refused(std::string what, std::string next) {
  return {Fault::kInvalidInput, std::move(what), "", std::move(next)};
}

class Define {
 public:
  Define(Lake& lake, engine::Session& session, const std::string& run)
      : lake_(lake), session_(session), run_(run) {}

  Done operator()(const CreateTable& create);
  Done operator()(const SetProperties& set);
  Done operator()(const UnsetProperties& unset);
  Done operator()(const AddColumns& add);
  Done operator()(const RenameColumn& rename) { return alter(rename); }
  Done operator()(const DropColumns& drop) { return alter(drop); }
  Done operator()(const AlterColumn& alteration) { return alter(alteration, session_); }
  Done operator()(const DropFeature& drop) { return drop_feature(lake_, session_, drop, run_); }
  Done operator()(const AddConstraint& add) { return add_constraint(lake_, session_, add, run_); }
  Done operator()(const DropConstraint& drop) { return drop_constraint(lake_, drop, run_); }
  Done operator()(const SetDefault& set) { return set_default(lake_, set, run_); }
  Done operator()(const SyncIdentity& sync) { return sync_identity(lake_, session_, sync, run_); }

 private:
  template <class Change, class... More>
  Done alter(const Change& change, More&... more) {
    TRY(const auto base, lake_.snapshot(change.name));
    TRY(Altered after, altered(base, change, more...));
    if (after.metadata == base->metadata()) return done();
    return commit(change.name, base, std::move(after.metadata), after.operation,
                  std::move(after.parameters), after.reads_rows);
  }
  Done commit(const TableName& name, const delta::SnapshotPtr& base, delta::Metadata metadata,
              const char* operation, std::map<std::string, std::string> parameters,
              bool looked_at_rows = false) {
    return commit_definition(lake_, {name, base, std::move(metadata), operation,
                                     std::move(parameters), run_, looked_at_rows});
  }

  Lake& lake_;
  engine::Session& session_;
  const std::string& run_;
};

Done Define::operator()(const CreateTable& create) {
  TRY(const auto existing, lake_.snapshot_if_any(create.name));
  if (existing && create.if_not_exists) return done();
  if (existing) {
    return Error{Fault::kConflict, fmt::format("There is a table {} already", create.name.text()),
                 "", "choose another name, or write CREATE TABLE IF NOT EXISTS"};
  }
  WriteRequest request;
  request.staged.table = create.name;
  request.staged.schema = create.schema;
  request.staged.partition_columns = create.partition_columns;
  request.properties = create.properties;
  request.description = create.comment;
  request.run = run_;
  if (create.like) {
    TRY(const auto model, lake_.snapshot(*create.like));
    request.staged.schema = model->schema();
    request.staged.partition_columns = model->metadata().partition_columns;
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
  if (!create.select.empty()) {
    delta::StoredColumns columns;
    columns.mapping = delta::asked_mapping(request.properties);
    TRY(request.staged, lake_.stage(session_, create.name, create.select, create.partition_columns,
                                    "", std::move(columns)));
  }
  TRY_DONE(lake_.commit(std::move(request)));
  return done();
}

Done Define::operator()(const SetProperties& set) {
  TRY(const auto base, lake_.snapshot(set.name));
  TRY_DONE(delta::check_table_properties(set.properties));
  for (const auto& [key, value] : set.properties) {
    if (key.starts_with(delta::kConstraint)) {
      return refused(fmt::format("{} is set with the rows of the table looked at", key),
                     "ALTER TABLE ... ADD CONSTRAINT name CHECK (condition)");
    }
  }
  delta::Metadata metadata = base->metadata();
  std::string said;
  for (const auto& [key, value] : set.properties) {
    metadata.configuration[key] = value;
    said += (said.empty() ? "" : ",") + delta::json_string(key) + ":" + delta::json_string(value);
  }
  if (metadata == base->metadata()) return done();
  TRY_DONE(delta::change_mapping(metadata, base->metadata()));
  return commit(set.name, base, std::move(metadata), "SET TBLPROPERTIES",
                {{"properties", delta::json_string("{" + said + "}")}});
}

Done Define::operator()(const UnsetProperties& unset) {
  TRY(const auto base, lake_.snapshot(unset.name));
  delta::Metadata metadata = base->metadata();
  std::string said;
  for (const std::string& key : unset.properties) {
    if (metadata.configuration.erase(key) == 0 && !unset.if_exists) {
      return refused(fmt::format("Table {} has no property {}", unset.name.text(), key),
                     "write UNSET TBLPROPERTIES IF EXISTS");
    }
    said += (said.empty() ? "" : ",") + delta::json_string(key);
  }
  if (metadata == base->metadata()) return done();
  TRY_DONE(delta::change_mapping(metadata, base->metadata()));
  return commit(unset.name, base, std::move(metadata), "UNSET TBLPROPERTIES",
                {{"properties", delta::json_string("[" + said + "]")}});
}

Done Define::operator()(const AddColumns& add) {
  TRY(const auto base, lake_.snapshot(add.name));
  delta::StoredColumns columns = delta::stored_columns(*base);
  std::string said;
  for (std::size_t i = 0; i < add.fields.size(); ++i) {
    const delta::Field& field = add.fields[i];
    if (!field.nullable) {
      return refused(fmt::format("Column {} cannot be NOT NULL: the rows that are there have none",
                                 field.name),
                     "add it without NOT NULL");
    }
    TRY(columns.schema, delta::with_field(columns.schema, add.parents[i], field, add.places[i]));
    said += (said.empty() ? "" : ", ") + field.name + " " + field.type.text();
  }
  if (columns.mapping != delta::ColumnMapping::kNone) {
    delta::map_columns(columns.schema, columns.max_id, &lake_.context().random);
  }
  delta::Metadata metadata = base->metadata();
  delta::set_schema(metadata, columns.schema);
  return commit(add.name, base, std::move(metadata), "ADD COLUMNS",
                {{"columns", delta::json_string(said)}});
}

}  // namespace

Done define(Lake& lake, engine::Session& session, const Definition& definition,
            const std::string& run) {
  return std::visit(Define(lake, session, run), definition);
}

}  // namespace claimlake::lake
