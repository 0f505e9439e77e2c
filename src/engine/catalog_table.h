#pragma once

#include <duckdb/catalog/catalog_entry.hpp>
#include <memory>
#include <string>

#include "engine/row_source.h"
#include "engine/table_files.h"

namespace duckdb {
class Catalog;
class SchemaCatalogEntry;
}  // namespace duckdb

namespace claimlake::engine {

// A table of the lake at one version, as a catalog entry.
duckdb::unique_ptr<duckdb::CatalogEntry> make_table_entry(duckdb::Catalog& catalog,
                                                          duckdb::SchemaCatalogEntry& schema,
                                                          const std::string& name,
                                                          std::shared_ptr<const TableFiles> files);

// The files of such an entry, or null if it is of another kind.
std::shared_ptr<const TableFiles> files_of(const duckdb::CatalogEntry& entry);

// Rows of our own code as a catalog entry.
duckdb::unique_ptr<duckdb::CatalogEntry> make_source_entry(duckdb::Catalog& catalog,
                                                           duckdb::SchemaCatalogEntry& schema,
                                                           const std::string& name,
                                                           std::shared_ptr<const RowSource> source);

}  // namespace claimlake::engine
