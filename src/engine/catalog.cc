#include "engine/catalog.h"

#include <map>
#include <mutex>

#include <duckdb/catalog/catalog.hpp>
#include <duckdb/catalog/entry_lookup_info.hpp>
#include <duckdb/main/attached_database.hpp>
#include <duckdb/main/config.hpp>
#include <duckdb/main/database.hpp>
#include <duckdb/parser/parsed_data/attach_info.hpp>
#include <duckdb/parser/parsed_data/create_schema_info.hpp>
#include <duckdb/storage/database_size.hpp>
#include <duckdb/storage/storage_extension.hpp>
#include <duckdb/transaction/transaction_manager.hpp>

#include "base/text.h"
#include "engine/catalog_schema.h"

namespace claimlake::engine {
namespace {

using duckdb::ClientContext;

class LakeTransactionManager final : public duckdb::TransactionManager {
 public:
  using TransactionManager::TransactionManager;
  duckdb::Transaction& StartTransaction(ClientContext& context) override {
    auto transaction = duckdb::make_uniq<LakeTransaction>(*this, context);
    auto& started = *transaction;
    const std::lock_guard lock(mutex_);
    live_.emplace(&started, std::move(transaction));
    return started;
  }
  duckdb::ErrorData CommitTransaction(ClientContext&, duckdb::Transaction& transaction) override {
    end(transaction);
    return {};
  }
  void RollbackTransaction(duckdb::Transaction& transaction) override { end(transaction); }
  void Checkpoint(ClientContext&, bool) override {}

 private:
  void end(duckdb::Transaction& transaction) {
    duckdb::unique_ptr<LakeTransaction> ended;  // destroyed after the lock is let go
    const std::lock_guard lock(mutex_);
    const auto found = live_.find(&transaction);
    ended = std::move(found->second);
    live_.erase(found);
  }

  std::mutex mutex_;
  std::map<duckdb::Transaction*, duckdb::unique_ptr<LakeTransaction>> live_;
};

// The catalog `lake`: a view of the TableDirectory and of what the session has bound.
class LakeCatalog final : public duckdb::Catalog {
 public:
  LakeCatalog(duckdb::AttachedDatabase& database, store::Store& store, DirectorySlot& slot,
              std::int64_t table_bytes)
      : Catalog(database), known_(table_bytes), access_{&store, &slot, &known_} {}

  void Initialize(bool) override {}
  std::string GetCatalogType() override { return kCatalogType; }
  std::string GetDefaultSchema() const override { return "gold"; }
  bool SupportsTimeTravel() const override { return true; }
  bool InMemory() override { return false; }
  std::string GetDBPath() override { return ""; }
  duckdb::DatabaseSize GetDatabaseSize(ClientContext&) override { return {}; }
  duckdb::CatalogLookupBehavior CatalogTypeLookupRule(duckdb::CatalogType type) const override {
    switch (type) {
      case duckdb::CatalogType::TABLE_ENTRY:
      case duckdb::CatalogType::VIEW_ENTRY:
      case duckdb::CatalogType::SCHEMA_ENTRY:
      case duckdb::CatalogType::TABLE_FUNCTION_ENTRY:
      case duckdb::CatalogType::TABLE_MACRO_ENTRY:
        return duckdb::CatalogLookupBehavior::STANDARD;
      default:
        return duckdb::CatalogLookupBehavior::NEVER_LOOKUP;
    }
  }

  duckdb::optional_ptr<duckdb::SchemaCatalogEntry> LookupSchema(
      duckdb::CatalogTransaction transaction, const duckdb::EntryLookupInfo& lookup,
      duckdb::OnEntryNotFound if_not_found) override {
    std::string name = to_lower(lookup.GetEntryName());
    if (name == DEFAULT_SCHEMA) name = GetDefaultSchema();
    if (exists(transaction, name)) return &schema(name);
    if (if_not_found == duckdb::OnEntryNotFound::RETURN_NULL) return nullptr;
    throw duckdb::CatalogException(lookup.GetErrorContext(), "Schema with name %s does not exist",
                                   name);
  }

  void ScanSchemas(ClientContext& context,
                   std::function<void(duckdb::SchemaCatalogEntry&)> callback) override {
    for (const std::string& name : schema_names(SessionState::of(context).get())) {
      callback(schema(name));
    }
  }

  duckdb::optional_ptr<duckdb::CatalogEntry> CreateSchema(duckdb::CatalogTransaction,
                                                          duckdb::CreateSchemaInfo&) override {
    refuse_change("CREATE SCHEMA");
  }
  void DropSchema(ClientContext&, duckdb::DropInfo&) override { refuse_change("DROP SCHEMA"); }
  duckdb::PhysicalOperator& PlanCreateTableAs(ClientContext&, duckdb::PhysicalPlanGenerator&,
                                              duckdb::LogicalCreateTable&,
                                              duckdb::PhysicalOperator&) override {
    refuse_change("CREATE TABLE");
  }
  duckdb::PhysicalOperator& PlanInsert(ClientContext&, duckdb::PhysicalPlanGenerator&,
                                       duckdb::LogicalInsert&,
                                       duckdb::optional_ptr<duckdb::PhysicalOperator>) override {
    refuse_change("INSERT");
  }
  duckdb::PhysicalOperator& PlanDelete(ClientContext&, duckdb::PhysicalPlanGenerator&,
                                       duckdb::LogicalDelete&, duckdb::PhysicalOperator&) override {
    refuse_change("DELETE");
  }
  duckdb::PhysicalOperator& PlanUpdate(ClientContext&, duckdb::PhysicalPlanGenerator&,
                                       duckdb::LogicalUpdate&, duckdb::PhysicalOperator&) override {
    refuse_change("UPDATE");
  }
  duckdb::unique_ptr<duckdb::LogicalOperator> BindCreateIndex(
      duckdb::Binder&, duckdb::CreateStatement&, duckdb::TableCatalogEntry&,
      duckdb::unique_ptr<duckdb::LogicalOperator>) override {
    refuse_change("CREATE INDEX");
  }
  duckdb::unique_ptr<duckdb::LogicalOperator> BindAlterAddIndex(
      duckdb::Binder&, duckdb::TableCatalogEntry&, duckdb::unique_ptr<duckdb::LogicalOperator>,
      duckdb::unique_ptr<duckdb::CreateIndexInfo>,
      duckdb::unique_ptr<duckdb::AlterTableInfo>) override {
    refuse_change("ALTER TABLE");
  }

 private:
  std::vector<std::string> schema_names(const SessionState* state) const {
    std::vector<std::string> names;
    if (TableDirectory* directory = access_.directory()) names = directory->schemas();
    const auto add = [&](const std::string& name) {
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    };
    if (state) {
      add(state->default_schema);  // exists, even if the lake is still empty
      for (const auto& [key, binding] : state->bindings) add(key.first);
    }
    return names;
  }

  // A schema that was there stays: at most it is empty by now. So a query costs no listing for it.
  bool exists(duckdb::CatalogTransaction& transaction, const std::string& name) {
    {
      const std::lock_guard lock(mutex_);
      if (schemas_.contains(name)) return true;
    }
    const auto state =
        transaction.HasContext() ? SessionState::of(transaction.GetContext()) : nullptr;
    if (state && state->default_schema == name) return true;
    const auto names = schema_names(state.get());
    return std::find(names.begin(), names.end(), name) != names.end();
  }

  // Entries are made once and stay: plans refer to them.
  LakeSchema& schema(const std::string& name) {
    const std::lock_guard lock(mutex_);
    auto& entry = schemas_[name];
    if (!entry) {
      duckdb::CreateSchemaInfo info;
      info.schema = name;
      entry = duckdb::make_uniq<LakeSchema>(*this, info, access_);
    }
    return *entry;
  }

  KnownTables known_;
  const LakeAccess access_;
  std::mutex mutex_;
  std::map<std::string, duckdb::unique_ptr<LakeSchema>> schemas_;
};

struct LakeStorageInfo final : duckdb::StorageExtensionInfo {
  LakeStorageInfo(store::Store& lake_store, DirectorySlot& directory_slot, std::int64_t bytes)
      : store(lake_store), slot(directory_slot), table_bytes(bytes) {}
  store::Store& store;
  DirectorySlot& slot;
  const std::int64_t table_bytes;
};

}  // namespace

void register_lake_catalog(duckdb::DatabaseInstance& database, store::Store& store,
                           DirectorySlot& slot, std::int64_t table_bytes) {
  auto extension = duckdb::make_shared_ptr<duckdb::StorageExtension>();
  extension->attach = [](duckdb::optional_ptr<duckdb::StorageExtensionInfo> info, ClientContext&,
                         duckdb::AttachedDatabase& attached, const std::string&,
                         duckdb::AttachInfo&, duckdb::AttachOptions&) {
    const auto& lake = static_cast<const LakeStorageInfo&>(*info);
    return duckdb::unique_ptr<duckdb::Catalog>(
        duckdb::make_uniq<LakeCatalog>(attached, lake.store, lake.slot, lake.table_bytes));
  };
  extension->create_transaction_manager = [](duckdb::optional_ptr<duckdb::StorageExtensionInfo>,
                                             duckdb::AttachedDatabase& attached, duckdb::Catalog&) {
    return duckdb::unique_ptr<duckdb::TransactionManager>(
        duckdb::make_uniq<LakeTransactionManager>(attached));
  };
  extension->storage_info = duckdb::make_shared_ptr<LakeStorageInfo>(store, slot, table_bytes);
  duckdb::StorageExtension::Register(duckdb::DBConfig::GetConfig(database), kCatalogType,
                                     std::move(extension));
}

}  // namespace claimlake::engine
