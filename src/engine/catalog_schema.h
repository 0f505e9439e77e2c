#pragma once

#include <duckdb/catalog/catalog_entry/schema_catalog_entry.hpp>
#include <duckdb/transaction/transaction.hpp>
#include <map>
#include <mutex>

#include "base/guarded.h"
#include "base/held.h"
#include "engine/instance.h"
#include "engine/session_state.h"
#include "engine/table_files.h"

namespace claimlake::engine {

// The newest versions that queries have read, by "schema.table", so that their typed statistics are
// computed once. Thread-safe.
class KnownTables {
 public:
  explicit KnownTables(std::int64_t bytes) : tables_(Tables(bytes)) {}
  // What is known of `version`, made if it is not. What a session sees through a directory of its
  // own (null: that of the engine) is known apart. Throws Errors of TableFiles::make.
  std::shared_ptr<const TableFiles> of(const std::string& name, TableVersion version,
                                       const store::Store& store, const TableDirectory* own);

 private:
  using Tables = Held<std::string, std::shared_ptr<const TableFiles>>;
  Guarded<Tables> tables_;
};

// Where the catalog gets its tables from. All outlive it.
struct LakeAccess {
  store::Store* store;
  DirectorySlot* slot;
  KnownTables* known;
  TableDirectory* directory() const { return slot->directory.load(); }
};

// [[noreturn]] kInvalidInput: SQL does not change the tables of the lake.
[[noreturn]] void refuse_change(const char* statement);

// One query's view of the lake: every table is looked up once, so that all of the query reads one
// version of it. Keeps the entries that the plan refers to.
class LakeTransaction final : public duckdb::Transaction {
 public:
  LakeTransaction(duckdb::TransactionManager& manager, duckdb::ClientContext& context)
      : Transaction(manager, context) {}

  // The entry kept as `key`; made with `make` (may return null: there is none) the first time.
  template <class Make>
  duckdb::optional_ptr<duckdb::CatalogEntry> entry(const std::string& key, const Make& make) {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(key);
    if (found != entries_.end()) return found->second.get();
    return entries_.emplace(key, make()).first->second.get();
  }

 private:
  std::recursive_mutex mutex_;
  std::map<std::string, duckdb::unique_ptr<duckdb::CatalogEntry>> entries_;
};

// A schema of the lake: tables, views and table functions of the directory, and what the session
// has bound, which comes first.
class LakeSchema final : public duckdb::SchemaCatalogEntry {
 public:
  LakeSchema(duckdb::Catalog& catalog, duckdb::CreateSchemaInfo& info, LakeAccess access)
      : SchemaCatalogEntry(catalog, info), access_(access) {}

  using EntryPtr = duckdb::optional_ptr<duckdb::CatalogEntry>;
  EntryPtr LookupEntry(duckdb::CatalogTransaction transaction,
                       const duckdb::EntryLookupInfo& lookup) override;
  duckdb::SimilarCatalogEntry GetSimilarEntry(duckdb::CatalogTransaction transaction,
                                              const duckdb::EntryLookupInfo& lookup) override;
  void Scan(duckdb::ClientContext& context, duckdb::CatalogType type,
            const std::function<void(duckdb::CatalogEntry&)>& callback) override;
  void Scan(duckdb::CatalogType, const std::function<void(duckdb::CatalogEntry&)>&) override;

  // Makes these files readable in this query as table `entry` of the schema.
  void show(duckdb::ClientContext& context, const std::string& entry, delta::SnapshotPtr files,
            const std::string& folder);
  // What the session of `context` sees; null: the engine shows none yet.
  TableDirectory* directory(duckdb::ClientContext& context) const;

  EntryPtr CreateIndex(duckdb::CatalogTransaction, duckdb::CreateIndexInfo&,
                       duckdb::TableCatalogEntry&) override;
  EntryPtr CreateFunction(duckdb::CatalogTransaction, duckdb::CreateFunctionInfo&) override;
  EntryPtr CreateTable(duckdb::CatalogTransaction, duckdb::BoundCreateTableInfo&) override;
  EntryPtr CreateView(duckdb::CatalogTransaction, duckdb::CreateViewInfo&) override;
  EntryPtr CreateSequence(duckdb::CatalogTransaction, duckdb::CreateSequenceInfo&) override;
  EntryPtr CreateTableFunction(duckdb::CatalogTransaction,
                               duckdb::CreateTableFunctionInfo&) override;
  EntryPtr CreateCopyFunction(duckdb::CatalogTransaction, duckdb::CreateCopyFunctionInfo&) override;
  EntryPtr CreatePragmaFunction(duckdb::CatalogTransaction,
                                duckdb::CreatePragmaFunctionInfo&) override;
  EntryPtr CreateCollation(duckdb::CatalogTransaction, duckdb::CreateCollationInfo&) override;
  EntryPtr CreateType(duckdb::CatalogTransaction, duckdb::CreateTypeInfo&) override;
  void DropEntry(duckdb::ClientContext&, duckdb::DropInfo&) override;
  void Alter(duckdb::CatalogTransaction, duckdb::AlterInfo&) override;

 private:
  EntryPtr find_table(duckdb::ClientContext& context, const std::string& table, const At& at);
  EntryPtr find_function(duckdb::ClientContext& context, const std::string& function);
  duckdb::unique_ptr<duckdb::CatalogEntry> make_bound(duckdb::ClientContext& context,
                                                      const std::string& table,
                                                      const Binding& binding);
  duckdb::unique_ptr<duckdb::CatalogEntry> make_table(duckdb::ClientContext& context,
                                                      const std::string& table, const At& at);
  duckdb::unique_ptr<duckdb::CatalogEntry> make_view(duckdb::ClientContext& context,
                                                     const std::string& view);
  // The names of what can be read here, for listings.
  std::vector<std::string> names(duckdb::ClientContext& context);
  std::shared_ptr<const TableFiles> files_of(duckdb::ClientContext& context,
                                             const std::string& table, TableVersion version);

  const LakeAccess access_;
};

}  // namespace claimlake::engine
