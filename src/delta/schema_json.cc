// `schemaString` to Schema and back (PROTOCOL.md, "Schema Serialization Format").
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "delta/json_writer.h"
#include "delta/schema.h"

namespace claimlake::delta {
namespace {

using simdjson::dom::element;

constexpr int kDepthLimit = 100;  // deeper nesting is damage or an attack on the stack

constexpr std::array<std::string_view, 15> kPrimitives = {
    "string", "long", "integer",   "short",         "byte",    "float", "double", "boolean",
    "binary", "date", "timestamp", "timestamp_ntz", "variant", "void",  "null"};

Error broken(std::string_view what) {
  return {Fault::kCorrupt, "the table's schema is damaged: " + std::string(what)};
}

// "decimal(p,s)" with 1 <= p <= 38 and 0 <= s <= p.
bool is_decimal(std::string_view name) {
  if (!name.starts_with("decimal(") || !name.ends_with(")")) return false;
  const std::string_view inner = name.substr(8, name.size() - 9);
  int precision = 0;
  int scale = 0;
  const char* end = inner.data() + inner.size();
  const auto first = std::from_chars(inner.data(), end, precision);
  if (first.ec != std::errc() || first.ptr == end || *first.ptr != ',') return false;
  const auto second = std::from_chars(first.ptr + 1, end, scale);
  return second.ec == std::errc() && second.ptr == end && precision >= 1 && precision <= 38 &&
         scale >= 0 && scale <= precision;
}

Result<DataType> read_type(element json, const std::string& path, int depth);

Result<DataType> read_primitive(std::string_view name, const std::string& path) {
  if (name == "decimal") return DataType(PrimitiveType{"decimal(10,0)"});
  const std::string known(name == "null" ? "void" : name);
  if (std::find(kPrimitives.begin(), kPrimitives.end(), name) != kPrimitives.end()) {
    return DataType(PrimitiveType{known});
  }
  std::string packed;
  for (const char c : name) {
    if (c != ' ') packed += c;
  }
  if (is_decimal(packed)) return DataType(PrimitiveType{packed});
  return Error{Fault::kInvalidInput,
               "column " + path + " has a type that is not known: " + std::string(name), "",
               "read this table with a newer release"};
}

Result<Field> read_field(element json, const std::string& parent, int depth) {
  std::string_view name;
  if (json["name"].get(name)) return broken("a field of " + parent + " has no name");
  const std::string path = parent.empty() ? std::string(name) : parent + "." + std::string(name);
  element type_json;
  if (json["type"].get(type_json)) return broken("column " + path + " has no type");
  TRY(DataType type, read_type(type_json, path, depth + 1));
  Field field{.name = std::string(name), .type = std::move(type)};
  if (bool nullable; !json["nullable"].get(nullable)) field.nullable = nullable;
  if (simdjson::dom::object metadata; !json["metadata"].get(metadata)) {
    for (const auto [key, value] : metadata) {
      field.metadata.emplace(key, simdjson::minify(value));
    }
  }
  return field;
}

Result<StructType> read_struct(element json, const std::string& path, int depth) {
  simdjson::dom::array fields;
  if (json["fields"].get(fields)) return broken("struct " + path + " has no fields");
  StructType out;
  for (const element field : fields) {
    TRY(Field read, read_field(field, path, depth));
    out.fields.push_back(std::move(read));
  }
  return out;
}

Result<DataType> read_type(element json, const std::string& path, int depth) {
  if (depth > kDepthLimit) return broken("column " + path + " is nested too deeply");
  if (std::string_view name; !json.get(name)) return read_primitive(name, path);
  std::string_view kind;
  if (json["type"].get(kind)) return broken("the type of column " + path + " has no name");
  if (kind == "struct") {
    TRY(StructType type, read_struct(json, path, depth));
    return DataType(std::move(type));
  }
  if (kind == "array") {
    element inner;
    if (json["elementType"].get(inner)) return broken("array " + path + " has no element type");
    TRY(DataType element_type, read_type(inner, path + ".element", depth + 1));
    ArrayType type{std::move(element_type)};
    if (bool nulls; !json["containsNull"].get(nulls)) type.contains_null = nulls;
    return DataType(std::move(type));
  }
  if (kind == "map") {
    element key_json;
    element value_json;
    if (json["keyType"].get(key_json) || json["valueType"].get(value_json)) {
      return broken("map " + path + " has no key or value type");
    }
    TRY(DataType key, read_type(key_json, path + ".key", depth + 1));
    TRY(DataType value, read_type(value_json, path + ".value", depth + 1));
    MapType type{std::move(key), std::move(value)};
    if (bool nulls; !json["valueContainsNull"].get(nulls)) type.value_contains_null = nulls;
    return DataType(std::move(type));
  }
  return read_primitive(kind, path);
}

void write_type(const DataType& type, JsonWriter& json);

void write_struct(const StructType& type, JsonWriter& json) {
  json.open_object().key("type").text("struct").key("fields").open_array();
  for (const Field& field : type.fields) {
    json.open_object().key("name").text(field.name).key("type");
    write_type(field.type, json);
    json.key("nullable").boolean(field.nullable).key("metadata").open_object();
    for (const auto& [key, value] : field.metadata) json.key(key).raw(value);
    json.close_object().close_object();
  }
  json.close_array().close_object();
}

void write_type(const DataType& type, JsonWriter& json) {
  if (const auto* primitive = type.primitive()) {
    json.text(primitive->name);
  } else if (const auto* inner = type.as_struct()) {
    write_struct(*inner, json);
  } else if (const auto* array = type.as_array()) {
    json.open_object().key("type").text("array").key("elementType");
    write_type(array->element, json);
    json.key("containsNull").boolean(array->contains_null).close_object();
  } else {
    const MapType& map = *type.as_map();
    json.open_object().key("type").text("map").key("keyType");
    write_type(map.key, json);
    json.key("valueType");
    write_type(map.value, json);
    json.key("valueContainsNull").boolean(map.value_contains_null).close_object();
  }
}

}  // namespace

Result<Schema> parse_schema(std::string_view json) {
  if (json.empty()) return Schema{};
  simdjson::dom::parser parser;
  element root;
  if (const auto error = parser.parse(json.data(), json.size(), true).get(root)) {
    return broken(simdjson::error_message(error));
  }
  std::string_view kind;
  if (root["type"].get(kind) || kind != "struct") return broken("it is not a struct");
  return read_struct(root, "", 0);
}

std::string to_json(const Schema& schema) {
  std::string out;
  JsonWriter json(out);
  write_struct(schema, json);
  return out;
}

}  // namespace claimlake::delta
