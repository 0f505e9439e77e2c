#include "engine/types.h"

#include <fmt/format.h>

#include <charconv>
#include <duckdb/common/error_data.hpp>

#include "engine/engine.h"

namespace claimlake::engine {
namespace {

using duckdb::LogicalType;
using duckdb::LogicalTypeId;

struct TypeName {
  std::string_view delta;
  LogicalTypeId engine;
};

// The types that stand for each other without parameters.
constexpr TypeName kTypeNames[] = {
    {"string", LogicalTypeId::VARCHAR},
    {"long", LogicalTypeId::BIGINT},
    {"integer", LogicalTypeId::INTEGER},
    {"short", LogicalTypeId::SMALLINT},
    {"byte", LogicalTypeId::TINYINT},
    {"float", LogicalTypeId::FLOAT},
    {"double", LogicalTypeId::DOUBLE},
    {"boolean", LogicalTypeId::BOOLEAN},
    {"binary", LogicalTypeId::BLOB},
    {"date", LogicalTypeId::DATE},
    {"timestamp", LogicalTypeId::TIMESTAMP_TZ},
    {"timestamp_ntz", LogicalTypeId::TIMESTAMP},
};

// Width and scale of "decimal(18,2)"; false if it is none.
bool parse_decimal(std::string_view name, int& width, int& scale) {
  if (!name.starts_with("decimal(") || !name.ends_with(')')) return false;
  const char* end = name.data() + name.size() - 1;
  const auto first = std::from_chars(name.data() + 8, end, width);
  if (first.ec != std::errc() || first.ptr == end || *first.ptr != ',') return false;
  const char* second_start = first.ptr + 1;
  while (second_start < end && *second_start == ' ') ++second_start;
  const auto second = std::from_chars(second_start, end, scale);
  return second.ec == std::errc() && second.ptr == end && width >= 1 && width <= 38 && scale >= 0 &&
         scale <= width;
}

Result<LogicalType> primitive_type(const std::string& name) {
  for (const TypeName& pair : kTypeNames) {
    if (pair.delta == name) return LogicalType(pair.engine);
  }
  if (name == "variant") return LogicalType::VARIANT();  // is read only: delta_type() refuses it
  if (name == "void") return LogicalType(LogicalTypeId::VARCHAR);
  int width = 0;
  int scale = 0;
  if (parse_decimal(name, width, scale)) {
    return LogicalType::DECIMAL(static_cast<std::uint8_t>(width), static_cast<std::uint8_t>(scale));
  }
  return Error{Fault::kInvalidInput,
               fmt::format("The SQL engine cannot read columns of type '{}'", name)};
}

// What to cast a type to that Delta does not have.
std::string_view substitute(LogicalTypeId type) {
  switch (type) {
    case LogicalTypeId::HUGEINT:
    case LogicalTypeId::UINTEGER:
      return "bigint";
    case LogicalTypeId::UHUGEINT:
    case LogicalTypeId::UBIGINT:
      return "decimal(38,0)";
    case LogicalTypeId::UTINYINT:
      return "smallint";
    case LogicalTypeId::USMALLINT:
      return "integer";
    case LogicalTypeId::TIMESTAMP_SEC:
    case LogicalTypeId::TIMESTAMP_MS:
    case LogicalTypeId::TIMESTAMP_NS:
      return "timestamp";
    default:
      return "varchar";
  }
}

}  // namespace

Result<LogicalType> engine_type(const delta::DataType& type) {
  if (const auto* primitive = type.primitive()) return primitive_type(primitive->name);
  if (const auto* array = type.as_array()) {
    TRY(LogicalType element, engine_type(array->element));
    return LogicalType::LIST(element);
  }
  if (const auto* map = type.as_map()) {
    TRY(LogicalType key, engine_type(map->key));
    TRY(LogicalType value, engine_type(map->value));
    return LogicalType::MAP(std::move(key), std::move(value));
  }
  duckdb::child_list_t<LogicalType> children;
  for (const delta::Field& field : type.as_struct()->fields) {
    TRY(LogicalType child, engine_type(field.type));
    children.emplace_back(field.name, std::move(child));
  }
  return LogicalType::STRUCT(std::move(children));
}

Result<delta::DataType> delta_type(const LogicalType& type) {
  for (const TypeName& pair : kTypeNames) {
    if (pair.engine == type.id())
      return delta::DataType(delta::PrimitiveType{std::string(pair.delta)});
  }
  switch (type.id()) {
    case LogicalTypeId::DECIMAL:
      return delta::DataType(delta::PrimitiveType{
          fmt::format("decimal({},{})", static_cast<int>(duckdb::DecimalType::GetWidth(type)),
                      static_cast<int>(duckdb::DecimalType::GetScale(type)))});
    case LogicalTypeId::LIST: {
      TRY(auto element, delta_type(duckdb::ListType::GetChildType(type)));
      return delta::DataType(delta::ArrayType{std::move(element)});
    }
    case LogicalTypeId::MAP: {
      TRY(auto key, delta_type(duckdb::MapType::KeyType(type)));
      TRY(auto value, delta_type(duckdb::MapType::ValueType(type)));
      return delta::DataType(delta::MapType{std::move(key), std::move(value)});
    }
    case LogicalTypeId::STRUCT: {
      delta::StructType fields;
      for (const auto& child : duckdb::StructType::GetChildTypes(type)) {
        TRY(auto child_type, delta_type(child.second));
        fields.fields.push_back({child.first, std::move(child_type)});
      }
      return delta::DataType(std::move(fields));
    }
    default:
      break;
  }
  return Error{Fault::kInvalidInput,
               fmt::format("A table cannot hold a column of type {}", type.ToString()), "",
               fmt::format("cast it, for example to {}", substitute(type.id()))};
}

Result<delta::Schema> delta_schema(const std::vector<ColumnInfo>& columns) {
  delta::Schema schema;
  for (const ColumnInfo& column : columns) {
    LogicalType parsed;
    try {
      parsed = duckdb::UnboundType::TryParseAndDefaultBind(column.type);
    } catch (const std::exception& exception) {
      return Error{Fault::kInvalidInput,
                   fmt::format("Column {} has a type that is not known: {}", column.name,
                               duckdb::ErrorData(exception).RawMessage())};
    }
    auto type = delta_type(parsed);
    if (!type) return std::move(type).error().in(fmt::format("column {}", column.name));
    schema.fields.push_back({column.name, *std::move(type)});
  }
  return schema;
}

Result<std::string> sql_type(const delta::DataType& type) {
  TRY(const LogicalType engine, engine_type(type));
  return engine.ToString();
}

}  // namespace claimlake::engine
