#include "engine/file_layout.h"

#include <fmt/format.h>

#include <algorithm>
#include <duckdb/catalog/catalog.hpp>
#include <duckdb/catalog/catalog_entry/copy_function_catalog_entry.hpp>
#include <duckdb/main/connection.hpp>
#include <duckdb/parser/parsed_data/create_copy_function_info.hpp>

#include "base/text.h"
#include "engine/errors.h"
#include "engine/session_state.h"

namespace claimlake::engine {
namespace {

using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using duckdb::Value;

constexpr const char* kIdOfItself = "__duckdb_field_id";

[[noreturn]] void throw_misfit(const std::string& column) {
  throw_error({Fault::kInvalidInput,
               fmt::format("Column {} of the rows is not as the table's columns are", column)});
}

// The type with the names that its fields have in files.
class Namer {
 public:
  explicit Namer(delta::ColumnMapping mapping) : mapping_(mapping) {}

  LogicalType named(const LogicalType& type, const delta::DataType& table) const {
    if (const auto* fields = table.as_struct()) {
      if (type.id() != LogicalTypeId::STRUCT) throw_misfit(type.ToString());
      duckdb::child_list_t<LogicalType> children;
      for (const auto& [name, child] : duckdb::StructType::GetChildTypes(type)) {
        const delta::Field* field = fields->find(name);
        if (field == nullptr) throw_misfit(name);
        children.emplace_back(delta::physical_name(*field, mapping_), named(child, field->type));
      }
      return LogicalType::STRUCT(std::move(children));
    }
    if (const auto* array = table.as_array()) {
      if (type.id() != LogicalTypeId::LIST) throw_misfit(type.ToString());
      return LogicalType::LIST(named(duckdb::ListType::GetChildType(type), array->element));
    }
    if (const auto* map = table.as_map()) {
      if (type.id() != LogicalTypeId::MAP) throw_misfit(type.ToString());
      return LogicalType::MAP(named(duckdb::MapType::KeyType(type), map->key),
                              named(duckdb::MapType::ValueType(type), map->value));
    }
    return type;
  }

 private:
  const delta::ColumnMapping mapping_;
};

// FIELD_IDS of one column: its id, or a struct of its id and those in it; absent if there are none.
class Ids {
 public:
  explicit Ids(delta::ColumnMapping mapping) : mapping_(mapping) {}

  using Entries = duckdb::child_list_t<Value>;

  std::optional<Value> of(const delta::DataType& type, std::optional<std::int32_t> own) const {
    Entries inner;
    if (const auto* fields = type.as_struct()) {
      inner = of_fields(*fields);
    } else if (const auto* array = type.as_array()) {
      put(inner, "element", of(array->element, std::nullopt));
    } else if (const auto* map = type.as_map()) {
      put(inner, "key", of(map->key, std::nullopt));
      put(inner, "value", of(map->value, std::nullopt));
    }
    if (inner.empty()) return own ? std::optional<Value>(Value::INTEGER(*own)) : std::nullopt;
    if (own) inner.emplace_back(kIdOfItself, Value::INTEGER(*own));
    return Value::STRUCT(std::move(inner));
  }

  static void put(Entries& to, const std::string& name, std::optional<Value> ids) {
    if (ids) to.emplace_back(name, *std::move(ids));
  }

 private:
  Entries of_fields(const delta::StructType& type) const {
    Entries out;
    for (const delta::Field& field : type.fields) {
      put(out, delta::physical_name(field, mapping_), of(field.type, delta::field_id(field)));
    }
    return out;
  }

  const delta::ColumnMapping mapping_;
};

duckdb::unique_ptr<duckdb::FunctionData> bind_layout(duckdb::ClientContext& context,
                                                     duckdb::CopyFunctionBindInput& input,
                                                     const duckdb::vector<std::string>& names,
                                                     const duckdb::vector<LogicalType>& types) {
  const FileLayout* layout = SessionState::of(context)->file_layout;
  auto stored_names = names;
  auto stored_types = types;
  for (std::size_t i = 0; layout != nullptr && i < names.size(); ++i) {
    const auto column =
        std::find_if(layout->columns.begin(), layout->columns.end(),
                     [&](const ResultColumn& known) { return known.name == names[i]; });
    if (column == layout->columns.end()) throw_misfit(names[i]);
    const auto at = static_cast<std::size_t>(column - layout->columns.begin());
    stored_names[i] = layout->stored[at].name;
    stored_types[i] = layout->stored[at].type;
  }
  const auto& parquet = duckdb::Catalog::GetEntry<duckdb::CopyFunctionCatalogEntry>(
      context, SYSTEM_CATALOG, DEFAULT_SCHEMA, "parquet");
  return parquet.function.copy_to_bind(context, input, stored_names, stored_types);
}

}  // namespace

FileLayout file_layout(std::vector<ResultColumn> columns, const delta::StoredColumns& table,
                       const std::vector<std::string>& partition_columns) {
  FileLayout out;
  out.columns = std::move(columns);
  if (table.mapping == delta::ColumnMapping::kNone) {
    out.stored = out.columns;
    return out;
  }
  Ids::Entries ids;
  for (const ResultColumn& column : out.columns) {
    const delta::Field* field = table.schema.find(column.name);
    if (field == nullptr) throw_misfit(column.name);
    const std::string name = delta::physical_name(*field, table.mapping);
    out.stored.push_back({name, Namer(table.mapping).named(column.type, field->type)});
    const bool partition = std::any_of(
        partition_columns.begin(), partition_columns.end(),
        [&](const std::string& other) { return to_lower(other) == to_lower(column.name); });
    if (partition) continue;
    Ids::put(ids, name, Ids(table.mapping).of(field->type, delta::field_id(*field)));
  }
  if (!ids.empty()) out.ids = Value::STRUCT(std::move(ids));
  return out;
}

void register_layout_format(duckdb::DatabaseInstance& database) {
  duckdb::Connection connection(database);
  connection.context->RunFunctionInTransaction([&] {
    auto& catalog = duckdb::Catalog::GetSystemCatalog(*connection.context);
    auto format = duckdb::Catalog::GetEntry<duckdb::CopyFunctionCatalogEntry>(
                      *connection.context, SYSTEM_CATALOG, DEFAULT_SCHEMA, "parquet")
                      .function;
    format.name = kLayoutFormat;
    format.copy_to_bind = bind_layout;
    duckdb::CreateCopyFunctionInfo info(std::move(format));
    info.internal = true;
    catalog.CreateCopyFunction(*connection.context, info);
  });
}

}  // namespace claimlake::engine
