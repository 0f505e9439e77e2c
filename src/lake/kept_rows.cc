#include "lake/kept_rows.h"

#include <fmt/format.h>

#include "base/text.h"
#include "delta/row_tracking.h"
#include "engine/row_tracking.h"

namespace claimlake::lake {
namespace {

std::string beside(const delta::Snapshot& table, const std::string& id,
                   const std::string& version) {
  const auto columns = delta::row_tracking_columns(table.protocol(), table.metadata());
  if (!columns) return "";
  return fmt::format(", {} AS {}, {} AS {}", id, sql_identifier(columns->id), version,
                     sql_identifier(columns->version));
}

}  // namespace

std::string kept_by_copies(const delta::Snapshot& table, const std::string& t) {
  return beside(table, engine::row_id_of(t), engine::row_version_of(t));
}

std::string kept_by_changes(const delta::Snapshot& table, const TableName& name,
                            const std::string& file, const std::string& row,
                            const std::string& files) {
  const std::string none = "CAST(NULL AS BIGINT)";
  if (files.empty()) return beside(table, none, none);
  const std::string id = fmt::format(
      "(SELECT {} FROM lake.{}.{} AS was WHERE was.file_number IN ({}) AND was.file_number = {} "
      "AND "
      "was.file_row_number = {})",
      engine::row_id_of("was"), sql_identifier(name.schema), sql_identifier(name.table), files,
      file, row);
  return beside(table, id, none);
}

delta::StoredColumns columns_with_kept(const delta::Snapshot& table) {
  delta::StoredColumns out = delta::stored_columns(table);
  const auto columns = delta::row_tracking_columns(table.protocol(), table.metadata());
  if (!columns) return out;
  for (const std::string& name : {columns->id, columns->version}) {
    out.schema.fields.push_back({name, delta::PrimitiveType{"long"}});
    out.beside.push_back(name);
  }
  return out;
}

}  // namespace claimlake::lake
