#include "engine/parquet_file.h"

#include <duckdb/catalog/catalog.hpp>
#include <duckdb/catalog/catalog_entry/copy_function_catalog_entry.hpp>
#include <duckdb/main/client_context.hpp>

namespace claimlake::engine {

ParquetFile::ParquetFile(duckdb::ClientContext& context, const std::string& url,
                         const ParquetFormat& format)
    : context_(context),
      writer_(duckdb::Catalog::GetEntry<duckdb::CopyFunctionCatalogEntry>(context, SYSTEM_CATALOG,
                                                                          DEFAULT_SCHEMA, "parquet")
                  .function) {
  duckdb::CopyInfo info;
  info.is_from = false;
  info.format = "parquet";
  info.file_path = url;
  info.options = format.options;
  duckdb::CopyFunctionBindInput input(info, writer_.function_info);
  format_ = writer_.copy_to_bind(context_, input, format.names, format.types);
  file_ = writer_.copy_to_initialize_global(context_, *format_, url);
  // From now on the writer keeps count in statistics_.
  writer_.copy_to_get_written_statistics(context_, *format_, *file_, statistics_);
}

void ParquetFile::add(duckdb::unique_ptr<duckdb::ColumnDataCollection> rows) {
  const auto batch = writer_.prepare_batch(context_, *format_, *file_, std::move(rows));
  writer_.flush_batch(context_, *format_, *file_, *batch);
}

duckdb::CopyFunctionFileStatistics ParquetFile::finish() {
  writer_.copy_to_finalize(context_, *format_, *file_);
  return std::move(statistics_);
}

}  // namespace claimlake::engine
