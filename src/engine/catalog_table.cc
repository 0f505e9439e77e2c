#include "engine/catalog_table.h"

#include <fmt/format.h>

#include <duckdb/catalog/catalog.hpp>
#include <duckdb/catalog/catalog_entry/table_catalog_entry.hpp>
#include <duckdb/parser/constraints/not_null_constraint.hpp>
#include <duckdb/parser/parsed_data/create_table_info.hpp>
#include <duckdb/storage/table_storage_info.hpp>

#include "engine/catalog_schema.h"
#include "engine/scan_counter.h"
#include "engine/session_state.h"
#include "engine/source_scan.h"
#include "engine/table_scan.h"

namespace claimlake::engine {
namespace {

using duckdb::ClientContext;
using duckdb::FunctionData;

class LakeTable final : public duckdb::TableCatalogEntry {
 public:
  LakeTable(duckdb::Catalog& catalog, duckdb::SchemaCatalogEntry& schema,
            duckdb::CreateTableInfo& info, std::shared_ptr<const TableFiles> files)
      : TableCatalogEntry(catalog, schema, info), files_(std::move(files)) {}

  duckdb::unique_ptr<duckdb::BaseStatistics> GetStatistics(ClientContext&,
                                                           duckdb::column_t) override {
    return nullptr;
  }
  duckdb::TableStorageInfo GetStorageInfo(ClientContext&) override {
    duckdb::TableStorageInfo info;
    if (const auto rows = files_->snapshot()->row_count()) {
      info.cardinality = static_cast<duckdb::idx_t>(*rows);
    }
    return info;
  }
  duckdb::TableFunction GetScanFunction(ClientContext& context,
                                        duckdb::unique_ptr<FunctionData>& bind_data) override {
    auto counter = std::make_shared<ScanCounter>(files_->name(), files_->file_count());
    if (const auto state = SessionState::of(context)) {
      state->scans.with([&](auto& scans) { scans.push_back(counter); });
    }
    return make_table_scan(context, *this, files_, std::move(counter), bind_data);
  }
  duckdb::TableFunction GetScanFunction(ClientContext& context,
                                        duckdb::unique_ptr<FunctionData>& bind_data,
                                        const duckdb::EntryLookupInfo&) override {
    return GetScanFunction(context, bind_data);
  }
  duckdb::virtual_column_map_t GetVirtualColumns() const override {
    return table_virtual_columns();
  }
  duckdb::vector<duckdb::column_t> GetRowIdColumns() const override {
    return table_row_id_columns();
  }
  // An UPDATE is bound only to find mistakes in it (Session::check); it is run as a SELECT.
  void BindUpdateConstraints(duckdb::Binder&, duckdb::LogicalGet&, duckdb::LogicalProjection&,
                             duckdb::LogicalUpdate&, ClientContext&) override {}

  const std::shared_ptr<const TableFiles>& files() const { return files_; }

 private:
  const std::shared_ptr<const TableFiles> files_;
};

class SourceTable final : public duckdb::TableCatalogEntry {
 public:
  SourceTable(duckdb::Catalog& catalog, duckdb::SchemaCatalogEntry& schema,
              duckdb::CreateTableInfo& info, std::shared_ptr<const RowSource> source)
      : TableCatalogEntry(catalog, schema, info), source_(std::move(source)) {}

  duckdb::unique_ptr<duckdb::BaseStatistics> GetStatistics(ClientContext&,
                                                           duckdb::column_t) override {
    return nullptr;
  }
  duckdb::TableStorageInfo GetStorageInfo(ClientContext&) override { return {}; }
  duckdb::TableFunction GetScanFunction(ClientContext&,
                                        duckdb::unique_ptr<FunctionData>& bind_data) override {
    return make_source_scan(*this, source_, bind_data);
  }
  void BindUpdateConstraints(duckdb::Binder&, duckdb::LogicalGet&, duckdb::LogicalProjection&,
                             duckdb::LogicalUpdate&, ClientContext&) override {
    refuse_change("UPDATE");
  }

 private:
  const std::shared_ptr<const RowSource> source_;
};

}  // namespace

duckdb::unique_ptr<duckdb::CatalogEntry> make_table_entry(duckdb::Catalog& catalog,
                                                          duckdb::SchemaCatalogEntry& schema,
                                                          const std::string& name,
                                                          std::shared_ptr<const TableFiles> files) {
  duckdb::CreateTableInfo info(schema, name);
  const auto& fields = files->snapshot()->schema().fields;
  for (std::size_t i = 0; i < files->columns().size(); ++i) {
    const TableColumn& column = files->columns()[i];
    info.columns.AddColumn(duckdb::ColumnDefinition(column.name, column.type));
    if (!fields[i].nullable) {
      info.constraints.push_back(
          duckdb::make_uniq<duckdb::NotNullConstraint>(duckdb::LogicalIndex(i)));
    }
  }
  info.comment = duckdb::Value(fmt::format("version {}", files->snapshot()->version()));
  return duckdb::make_uniq<LakeTable>(catalog, schema, info, std::move(files));
}

std::shared_ptr<const TableFiles> files_of(const duckdb::CatalogEntry& entry) {
  const auto* table = dynamic_cast<const LakeTable*>(&entry);
  return table == nullptr ? nullptr : table->files();
}

duckdb::unique_ptr<duckdb::CatalogEntry> make_source_entry(
    duckdb::Catalog& catalog, duckdb::SchemaCatalogEntry& schema, const std::string& name,
    std::shared_ptr<const RowSource> source) {
  duckdb::CreateTableInfo info(schema, name);
  for (const SourceColumn& column : source->columns()) {
    info.columns.AddColumn(duckdb::ColumnDefinition(column.name, source_type(column.type)));
  }
  return duckdb::make_uniq<SourceTable>(catalog, schema, info, std::move(source));
}

}  // namespace claimlake::engine
