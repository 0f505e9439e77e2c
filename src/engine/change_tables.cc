#include "engine/change_tables.h"

#include <fmt/format.h>

#include <duckdb/catalog/catalog.hpp>
#include <duckdb/catalog/catalog_entry/table_catalog_entry.hpp>
#include <duckdb/function/function_set.hpp>
#include <duckdb/function/table_function.hpp>
#include <duckdb/main/database.hpp>
#include <duckdb/parser/parsed_data/create_table_function_info.hpp>
#include <duckdb/parser/statement/select_statement.hpp>
#include <duckdb/parser/tableref/subqueryref.hpp>
#include <set>

#include "base/text.h"
#include "engine/catalog_schema.h"
#include "engine/catalog_table.h"
#include "engine/errors.h"
#include "engine/session_state.h"
#include "engine/statement.h"

namespace claimlake::engine {
namespace {

using duckdb::ClientContext;
using duckdb::LogicalType;
using duckdb::Value;

// The table that a call names, as this query sees it.
struct Target {
  LakeSchema* schema = nullptr;
  std::string name;  // without the schema
  delta::SnapshotPtr snapshot;
  TableDirectory* directory = nullptr;
};

[[noreturn]] void refuse(std::string what, std::string next) {
  throw_error({Fault::kInvalidInput, std::move(what), "", std::move(next)});
}

Target find_target(ClientContext& context, const Value& argument) {
  const std::string text = argument.IsNull() ? "" : argument.ToString();
  auto parts = split(to_lower(text), '.');
  if (parts.size() == 3 && parts[0] == "lake") parts.erase(parts.begin());
  const auto state = SessionState::of(context);
  if (parts.size() == 1 && state) parts.insert(parts.begin(), state->default_schema);
  if (parts.size() != 2 || parts[1].empty()) {
    refuse(fmt::format("'{}' is no name of a table", text), "name one as in 'gold.notes'");
  }
  // Says which names are near, if there is none.
  auto& entry =
      duckdb::Catalog::GetEntry<duckdb::TableCatalogEntry>(context, "lake", parts[0], parts[1]);
  const auto files = files_of(entry);
  auto* schema = dynamic_cast<LakeSchema*>(&entry.schema);
  if (!files || schema == nullptr || schema->directory(context) == nullptr) {
    refuse(fmt::format("{} is no table of the lake", text), "SHOW ALL TABLES");
  }
  return {schema, parts[1], files->snapshot(), schema->directory(context)};
}

// A version, or a time.
At read_bound(const Value& value) {
  const LogicalType& type = value.type();
  if (value.IsNull()) refuse("A version or time is NULL", "give one, as in 3 or '2026-01-31'");
  if (type.IsIntegral()) {
    return {value.DefaultCastAs(LogicalType::BIGINT).GetValue<std::int64_t>(), {}};
  }
  Value time;
  std::string ignored;
  if (!value.DefaultTryCastAs(LogicalType::TIMESTAMP_TZ, time, &ignored) || time.IsNull()) {
    refuse(fmt::format("{} is neither a version nor a time", value.ToSQLString()),
           "give one, as in 3 or '2026-01-31 10:00:00'");
  }
  return {{}, Timestamp(std::chrono::microseconds(time.GetValueUnsafe<std::int64_t>()))};
}

std::string bound_text(const At& at) {
  if (at.version) return std::to_string(*at.version);
  return at.timestamp ? to_text(*at.timestamp) : "";
}

duckdb::unique_ptr<duckdb::TableRef> as_relation(const std::string& select) {
  return duckdb::make_uniq<duckdb::SubqueryRef>(parse_select(select));
}

// The files under a name of their own; two calls for the same rows share it.
std::string show(ClientContext& context, const Target& target, const std::string& what,
                 const delta::SnapshotPtr& files, const std::string& folder) {
  const std::string entry = to_lower(fmt::format("{} {}", what, target.name));
  target.schema->show(context, entry, files, folder);
  return fmt::format("lake.{}.{}", sql_identifier(target.schema->name), sql_identifier(entry));
}

duckdb::unique_ptr<duckdb::TableRef> table_changes(ClientContext& context,
                                                   duckdb::TableFunctionBindInput& input) {
  const Target target = find_target(context, input.inputs[0]);
  const At from = read_bound(input.inputs[1]);
  // What is newest to this query, so that all of it sees one version.
  At to{target.snapshot->version(), {}};
  if (input.inputs.size() > 2) to = read_bound(input.inputs[2]);
  const TableChanges changes =
      value_or_throw(target.directory->changes(target.schema->name, target.name, from, to));
  const std::string range = fmt::format("{} to {} of", bound_text(from), bound_text(to));
  std::string select;
  const auto add = [&](const char* what, const delta::SnapshotPtr& files) {
    if (files->files().empty() && (files != changes.rows.derived || !select.empty())) return;
    const std::string relation = show(context, target, what + range, files, changes.path);
    select += (select.empty() ? "SELECT * FROM " : " UNION ALL SELECT * FROM ") + relation;
  };
  add("change files ", changes.rows.told);
  add("changed files ", changes.rows.derived);
  return as_relation(select);
}

// Lower case.
std::set<std::string> names_in(const Value& list) {
  std::set<std::string> out;
  if (list.IsNull()) return out;
  for (const Value& name : duckdb::ListValue::GetChildren(list)) {
    if (!name.IsNull()) out.insert(to_lower(name.ToString()));
  }
  return out;
}

// Equal rows on both sides cancel each other, one by one.
duckdb::unique_ptr<duckdb::TableRef> table_diff(ClientContext& context,
                                                duckdb::TableFunctionBindInput& input) {
  const Target target = find_target(context, input.inputs[0]);
  const At from = read_bound(input.inputs[1]);
  const At to = read_bound(input.inputs[2]);
  const TableChanges changes =
      value_or_throw(target.directory->difference(target.schema->name, target.name, from, to));
  const std::string relation =
      show(context, target, fmt::format("difference {} to {} of", bound_text(from), bound_text(to)),
           changes.rows.derived, changes.path);
  std::set<std::string> wanted;
  if (input.inputs.size() > 3) wanted = names_in(input.inputs[3]);
  const bool all = wanted.empty();
  std::string columns;
  for (const delta::Field& field : changes.rows.derived->schema().fields) {
    if (!all && wanted.erase(to_lower(field.name)) == 0) continue;
    if (field.name != delta::kChangeType) columns += sql_identifier(field.name) + ", ";
  }
  if (!wanted.empty()) {
    refuse(fmt::format("{} has no column {}", target.name, *wanted.begin()), "DESCRIBE the table");
  }
  return as_relation(fmt::format(
      "SELECT {0}CASE WHEN __more > 0 THEN '{1}' ELSE '{2}' END AS {3} FROM (SELECT {0}__more, "
      "unnest(range(abs(__more))) AS __each FROM (SELECT {0}CAST(sum(CASE {3} WHEN '{1}' THEN 1 "
      "ELSE -1 END) AS BIGINT) AS __more FROM {4} GROUP BY {5}) WHERE __more <> 0)",
      columns, delta::kInserted, delta::kDeleted, delta::kChangeType, relation,
      columns.substr(0, columns.size() - 2)));
}

// Never asked for: the function stands for another relation.
duckdb::unique_ptr<duckdb::FunctionData> no_bind(ClientContext&, duckdb::TableFunctionBindInput&,
                                                 duckdb::vector<LogicalType>&,
                                                 duckdb::vector<std::string>&) {
  throw duckdb::InternalException("a function that is replaced was bound");
}

void add(duckdb::DatabaseInstance& database, const char* name,
         duckdb::table_function_bind_replace_t replace, std::size_t least_bounds, bool columns) {
  duckdb::TableFunctionSet overloads(name);
  for (std::size_t bounds = least_bounds; bounds <= 2; ++bounds) {
    duckdb::vector<LogicalType> arguments{LogicalType::VARCHAR};
    arguments.insert(arguments.end(), bounds, LogicalType::ANY);
    duckdb::TableFunction function(name, arguments, nullptr, no_bind);
    function.bind_replace = replace;
    overloads.AddFunction(function);
  }
  if (columns) {
    duckdb::TableFunction function(name,
                                   {LogicalType::VARCHAR, LogicalType::ANY, LogicalType::ANY,
                                    LogicalType::LIST(LogicalType::VARCHAR)},
                                   nullptr, no_bind);
    function.bind_replace = replace;
    overloads.AddFunction(function);
  }
  duckdb::CreateTableFunctionInfo info(std::move(overloads));
  info.internal = true;
  auto transaction = duckdb::CatalogTransaction::GetSystemTransaction(database);
  duckdb::Catalog::GetSystemCatalog(database).CreateTableFunction(transaction, info);
}

}  // namespace

void register_change_tables(duckdb::DatabaseInstance& database) {
  add(database, "table_changes", table_changes, 1, false);
  add(database, "table_diff", table_diff, 2, true);
}

}  // namespace claimlake::engine
