#include "engine/catalog_schema.h"

#include <fmt/format.h>

#include <duckdb/catalog/catalog.hpp>
#include <duckdb/catalog/catalog_entry/table_macro_catalog_entry.hpp>
#include <duckdb/catalog/catalog_entry/view_catalog_entry.hpp>
#include <duckdb/catalog/entry_lookup_info.hpp>
#include <duckdb/catalog/similar_catalog_entry.hpp>
#include <duckdb/parser/parsed_data/create_macro_info.hpp>
#include <duckdb/parser/parsed_data/create_view_info.hpp>
#include <duckdb/parser/parser.hpp>
#include <duckdb/parser/statement/create_statement.hpp>
#include <duckdb/parser/statement/select_statement.hpp>
#include <duckdb/planner/tableref/bound_at_clause.hpp>

#include "base/log.h"
#include "base/text.h"
#include "engine/catalog_table.h"
#include "engine/errors.h"

namespace claimlake::engine {
namespace {

using duckdb::CatalogEntry;
using duckdb::CatalogType;
using duckdb::ClientContext;

At at_clause(duckdb::optional_ptr<duckdb::BoundAtClause> clause) {
  if (!clause) return {};
  const std::string unit = to_lower(clause->Unit());
  const duckdb::Value& value = clause->GetValue();
  if (unit == "version" && !value.IsNull()) {
    return {value.DefaultCastAs(duckdb::LogicalType::BIGINT).GetValue<std::int64_t>(), {}};
  }
  if (unit == "timestamp" && !value.IsNull()) {
    // With a zone, for else the offset of a text would be passed over.
    const auto time = value.DefaultCastAs(duckdb::LogicalType::TIMESTAMP_TZ);
    return {{}, Timestamp(std::chrono::microseconds(time.GetValueUnsafe<std::int64_t>()))};
  }
  throw_error({Fault::kInvalidInput,
               fmt::format("A table is read AT a version or a timestamp, not AT ({}{})", unit,
                           value.IsNull() ? " => NULL" : ""),
               "", "write AT (VERSION => 3) or AT (TIMESTAMP => '2026-01-31 10:00:00')"});
}

std::string at_text(const At& at) {
  if (at.version) return fmt::format("v{}", *at.version);
  if (at.timestamp) return fmt::format("t{}", at.timestamp->time_since_epoch().count());
  return "";
}

// What an entry is kept as in the view that a query has of the lake.
std::string entry_key(const std::string& schema, const std::string& table, const At& at) {
  return fmt::format("table {}.{} {}", schema, table, at_text(at));
}

template <class Statement>
duckdb::unique_ptr<Statement> parse_as(const std::string& sql) {
  duckdb::Parser parser;
  parser.ParseQuery(sql);
  return duckdb::unique_ptr_cast<duckdb::SQLStatement, Statement>(
      std::move(parser.statements.at(0)));
}

}  // namespace

void refuse_change(const char* statement) {
  throw_error({Fault::kInvalidInput,
               fmt::format("{} is not allowed on the tables of the lake", statement), "",
               "tables change through the models of the pack and the table commands"});
}

LakeSchema::EntryPtr LakeSchema::LookupEntry(duckdb::CatalogTransaction transaction,
                                             const duckdb::EntryLookupInfo& lookup) {
  const std::string entry_name = to_lower(lookup.GetEntryName());
  switch (lookup.GetCatalogType()) {
    case CatalogType::TABLE_ENTRY:
    case CatalogType::VIEW_ENTRY:
      return find_table(transaction.GetContext(), entry_name, at_clause(lookup.GetAtClause()));
    case CatalogType::TABLE_FUNCTION_ENTRY:
    case CatalogType::TABLE_MACRO_ENTRY:
      return find_function(transaction.GetContext(), entry_name);
    default:
      return nullptr;
  }
}

LakeSchema::EntryPtr LakeSchema::find_table(ClientContext& context, const std::string& table,
                                            const At& at) {
  auto& transaction = duckdb::Transaction::Get(context, catalog).Cast<LakeTransaction>();
  return transaction.entry(entry_key(name, table, at), [&]() -> duckdb::unique_ptr<CatalogEntry> {
    const auto state = SessionState::of(context);
    if (state) {
      const auto bound = state->bindings.find({name, table});
      if (bound != state->bindings.end() && bound->second.answers(at)) {
        return make_bound(context, table, bound->second);
      }
    }
    if (!directory(context)) return nullptr;
    if (auto entry = make_table(context, table, at)) return entry;
    return make_view(context, table);
  });
}

void LakeSchema::show(ClientContext& context, const std::string& entry, delta::SnapshotPtr files,
                      const std::string& folder) {
  auto& transaction = duckdb::Transaction::Get(context, catalog).Cast<LakeTransaction>();
  transaction.entry(entry_key(name, entry, {}), [&] {
    return make_table_entry(
        catalog, *this, entry,
        value_or_throw(TableFiles::make(entry, folder, *access_.store, std::move(files))));
  });
}

TableDirectory* LakeSchema::directory(ClientContext& context) const {
  const auto state = SessionState::of(context);
  return state && state->directory != nullptr ? state->directory : access_.directory();
}

duckdb::unique_ptr<CatalogEntry> LakeSchema::make_bound(ClientContext& context,
                                                        const std::string& table,
                                                        const Binding& binding) {
  if (binding.source) return make_source_entry(catalog, *this, table, binding.source);
  if (binding.version) {
    return make_table_entry(catalog, *this, table, files_of(context, table, *binding.version));
  }
  return make_table_entry(
      catalog, *this, table,
      value_or_throw(TableFiles::make(name + "." + table, "", *access_.store, binding.files)));
}

duckdb::unique_ptr<CatalogEntry> LakeSchema::make_table(ClientContext& context,
                                                        const std::string& table, const At& at) {
  TableDirectory& tables = *directory(context);
  auto version = tables.table(name, table, at);
  if (!version) {
    // Of a table that has no such version the directory knows more than DuckDB would say; of one
    // that does not exist at all DuckDB says the place, too.
    const bool travels = at.version || at.timestamp;
    const bool exists =
        travels && (tables.table(name, table, {}) || tables.views(name).contains(table));
    if (version.error().fault == Fault::kNotFound && !exists) return nullptr;
    throw_error(version.error());
  }
  return make_table_entry(catalog, *this, table, files_of(context, table, *std::move(version)));
}

std::shared_ptr<const TableFiles> LakeSchema::files_of(ClientContext& context,
                                                       const std::string& table,
                                                       TableVersion version) {
  const auto state = SessionState::of(context);
  return access_.known->of(name + "." + table, std::move(version), *access_.store,
                           state ? state->directory : nullptr);
}

std::shared_ptr<const TableFiles> KnownTables::of(const std::string& name, TableVersion version,
                                                  const store::Store& store,
                                                  const TableDirectory* own) {
  const std::string key =
      own == nullptr ? name : fmt::format("{} {}", name, static_cast<const void*>(own));
  const auto size = [](const auto& files) { return files->memory_bytes(); };
  std::optional<delta::LogVersion> known_version;
  const auto known = tables_.with([&](Tables& tables) -> std::shared_ptr<const TableFiles> {
    const auto* found = tables.find(key, size);
    if (found == nullptr) return nullptr;
    known_version = (*found)->snapshot()->version();
    return (*found)->snapshot() == version.snapshot ? *found : nullptr;
  });
  if (known) return known;
  const auto read_version = version.snapshot->version();
  auto files =
      value_or_throw(TableFiles::make(name, version.path, store, std::move(version.snapshot)));
  if (known_version && *known_version > read_version) return files;
  tables_.with([&](Tables& tables) { tables.put(key, files, size(files)); });
  return files;
}

duckdb::unique_ptr<CatalogEntry> LakeSchema::make_view(ClientContext& context,
                                                       const std::string& view) {
  const auto views = directory(context)->views(name);
  const auto found = views.find(view);
  if (found == views.end()) return nullptr;
  duckdb::CreateViewInfo info(*this, view);
  info.sql = found->second.sql;
  info.query = parse_as<duckdb::SelectStatement>(found->second.sql);
  if (!found->second.description.empty()) info.comment = duckdb::Value(found->second.description);
  return duckdb::make_uniq<duckdb::ViewCatalogEntry>(catalog, *this, info);
}

LakeSchema::EntryPtr LakeSchema::find_function(ClientContext& context,
                                               const std::string& function) {
  if (!directory(context)) return nullptr;
  auto& transaction = duckdb::Transaction::Get(context, catalog).Cast<LakeTransaction>();
  const std::string key = fmt::format("function {}.{}", name, function);
  return transaction.entry(key, [&]() -> duckdb::unique_ptr<CatalogEntry> {
    const auto functions = directory(context)->functions(name);
    const auto found = functions.find(function);
    if (found == functions.end()) return nullptr;
    std::string parameters;
    for (const std::string& parameter : found->second.parameters) {
      parameters += (parameters.empty() ? "" : ", ") + sql_identifier(parameter);
    }
    auto statement = parse_as<duckdb::CreateStatement>(
        fmt::format("CREATE MACRO {}({}) AS TABLE\n{}", sql_identifier(function), parameters,
                    found->second.sql));
    auto& info = statement->info->Cast<duckdb::CreateMacroInfo>();
    info.catalog = catalog.GetName();
    info.schema = name;
    return duckdb::make_uniq<duckdb::TableMacroCatalogEntry>(catalog, *this, info);
  });
}

std::vector<std::string> LakeSchema::names(ClientContext& context) {
  std::vector<std::string> all;
  if (TableDirectory* tables = directory(context)) {
    all = tables->tables(name);
    for (const auto& [view, definition] : tables->views(name)) all.push_back(view);
  }
  if (const auto state = SessionState::of(context)) {
    for (const auto& [key, binding] : state->bindings) {
      if (key.first == name) all.push_back(key.second);
    }
  }
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

duckdb::SimilarCatalogEntry LakeSchema::GetSimilarEntry(duckdb::CatalogTransaction transaction,
                                                        const duckdb::EntryLookupInfo& lookup) {
  duckdb::SimilarCatalogEntry similar;
  if (!transaction.HasContext() || lookup.GetCatalogType() != CatalogType::TABLE_ENTRY)
    return similar;
  const std::string found =
      nearest(to_lower(lookup.GetEntryName()), names(transaction.GetContext()));
  if (found.empty()) return similar;
  similar.name = found;
  similar.schema = this;
  similar.score = 1.0;
  return similar;
}

void LakeSchema::Scan(ClientContext& context, CatalogType type,
                      const std::function<void(CatalogEntry&)>& callback) {
  if (type == CatalogType::TABLE_MACRO_ENTRY || type == CatalogType::TABLE_FUNCTION_ENTRY) {
    TableDirectory* tables = directory(context);
    if (!tables || type != CatalogType::TABLE_MACRO_ENTRY) return;
    for (const auto& [function, definition] : tables->functions(name)) {
      callback(*find_function(context, function));
    }
    return;
  }
  if (type != CatalogType::TABLE_ENTRY && type != CatalogType::VIEW_ENTRY) return;
  for (const std::string& entry_name : names(context)) {
    try {
      EntryPtr entry = find_table(context, entry_name, {});
      // As DuckDB does in its own schemas, views are listed among the tables too.
      if (entry && (type == CatalogType::TABLE_ENTRY || entry->type == type)) callback(*entry);
    } catch (const std::exception& exception) {
      // One table that cannot be read must not hide the others.
      log(LogLevel::kWarning, "engine.table_not_listed",
          {{"table", name + "." + entry_name},
           {"reason", duckdb::ErrorData(exception).RawMessage()}});
    }
  }
}

void LakeSchema::Scan(CatalogType, const std::function<void(CatalogEntry&)>&) {
  throw duckdb::InvalidInputException("The tables of the lake are listed in a session only");
}

LakeSchema::EntryPtr LakeSchema::CreateIndex(duckdb::CatalogTransaction, duckdb::CreateIndexInfo&,
                                             duckdb::TableCatalogEntry&) {
  refuse_change("CREATE INDEX");
}
LakeSchema::EntryPtr LakeSchema::CreateFunction(duckdb::CatalogTransaction,
                                                duckdb::CreateFunctionInfo&) {
  refuse_change("CREATE FUNCTION");
}
LakeSchema::EntryPtr LakeSchema::CreateTable(duckdb::CatalogTransaction,
                                             duckdb::BoundCreateTableInfo&) {
  refuse_change("CREATE TABLE");
}
LakeSchema::EntryPtr LakeSchema::CreateView(duckdb::CatalogTransaction, duckdb::CreateViewInfo&) {
  refuse_change("CREATE VIEW");
}
LakeSchema::EntryPtr LakeSchema::CreateSequence(duckdb::CatalogTransaction,
                                                duckdb::CreateSequenceInfo&) {
  refuse_change("CREATE SEQUENCE");
}
LakeSchema::EntryPtr LakeSchema::CreateTableFunction(duckdb::CatalogTransaction,
                                                     duckdb::CreateTableFunctionInfo&) {
  refuse_change("CREATE FUNCTION");
}
LakeSchema::EntryPtr LakeSchema::CreateCopyFunction(duckdb::CatalogTransaction,
                                                    duckdb::CreateCopyFunctionInfo&) {
  refuse_change("CREATE FUNCTION");
}
LakeSchema::EntryPtr LakeSchema::CreatePragmaFunction(duckdb::CatalogTransaction,
                                                      duckdb::CreatePragmaFunctionInfo&) {
  refuse_change("CREATE FUNCTION");
}
LakeSchema::EntryPtr LakeSchema::CreateCollation(duckdb::CatalogTransaction,
                                                 duckdb::CreateCollationInfo&) {
  refuse_change("CREATE COLLATION");
}
LakeSchema::EntryPtr LakeSchema::CreateType(duckdb::CatalogTransaction, duckdb::CreateTypeInfo&) {
  refuse_change("CREATE TYPE");
}
void LakeSchema::DropEntry(ClientContext&, duckdb::DropInfo&) { refuse_change("DROP"); }
void LakeSchema::Alter(duckdb::CatalogTransaction, duckdb::AlterInfo&) { refuse_change("ALTER"); }

}  // namespace claimlake::engine
