#include "lake/define.h"

#include <fmt/format.h>

#include "delta/column_mapping.h"
#include "delta/evolve.h"
#include "delta/json_writer.h"
#include "delta/new_table.h"
#include "delta/stats_columns.h"
#include "lake/create_table.h"
#include "lake/define_rules.h"
#include "lake/rewrite.h"

namespace claimlake::lake {
namespace {

Error refused(std::string what, std::string next) {
  return {Fault::kInvalidInput, std::move(what), "", std::move(next)};
}

class Define {
 public:
  Define(Lake& lake, engine::Session& session, const std::string& run, const Cancel& cancel)
      : lake_(lake), session_(session), run_(run), cancel_(cancel) {}

  Done operator()(const CreateTable& create) { return create_table(lake_, session_, create, run_); }
  Done operator()(const SetProperties& set);
  Done operator()(const UnsetProperties& unset);
  Done operator()(const AddColumns& add);
  Done operator()(const RenameColumn& rename) { return alter(rename); }
  Done operator()(const DropColumns& drop) { return alter(drop); }
  Done operator()(const AlterColumn& alteration) { return alter(alteration, session_); }
  Done operator()(const DropFeature& drop) { return drop_feature(lake_, session_, drop, run_); }
  Done operator()(const DropTable& drop) { return drop_table(lake_, drop, run_, cancel_); }
  Done operator()(const ConvertTable& convert) {
    return convert_table(lake_, session_, convert, run_, cancel_);
  }
  Done operator()(const AddConstraint& add) { return add_constraint(lake_, session_, add, run_); }
  Done operator()(const DropConstraint& drop) { return drop_constraint(lake_, drop, run_); }
  Done operator()(const SetDefault& set) { return set_default(lake_, set, run_); }
  Done operator()(const ClusterBy& what) { return cluster_by(lake_, what, run_); }
  Done operator()(const SetTags& what) { return set_tags(lake_, what, run_); }
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
  const Cancel& cancel_;
};

Done Define::operator()(const SetProperties& set) {
  TRY(const auto base, lake_.snapshot(set.name));
  TRY_DONE(delta::check_table_properties(set.properties));
  for (const auto& [key, value] : set.properties) {
    if (key.starts_with(delta::kConstraint)) {
      return refused(fmt::format("{} is set with the rows of the table looked at", key),
                     "ALTER TABLE ... ADD CONSTRAINT name CHECK (condition)");
    }
  }
  TRY_DONE(delta::check_stats_columns(base->schema(), base->metadata().partition_columns,
                                      set.properties));
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
            const std::string& run, const Cancel& cancel) {
  return std::visit(Define(lake, session, run, cancel), definition);
}

}  // namespace claimlake::lake
