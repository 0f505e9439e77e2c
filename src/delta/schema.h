#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

namespace claimlake::delta {

struct StructType;
struct ArrayType;
struct MapType;

// "string" "long" "integer" "short" "byte" "float" "double" "boolean" "binary" "date"
// "timestamp" "timestamp_ntz" "variant" "void", or "decimal(p,s)": the names of the protocol.
struct PrimitiveType {
  std::string name;
  bool operator==(const PrimitiveType&) const = default;
};

// A type of the Delta protocol. Immutable and cheap to copy.
class DataType {
 public:
  DataType(PrimitiveType type) : type_(std::move(type)) {}  // NOLINT
  DataType(StructType type);                                // NOLINT
  DataType(ArrayType type);                                 // NOLINT
  DataType(MapType type);                                   // NOLINT

  const PrimitiveType* primitive() const { return std::get_if<PrimitiveType>(&type_); }
  const StructType* as_struct() const;
  const ArrayType* as_array() const;
  const MapType* as_map() const;
  bool operator==(const DataType& other) const;
  // "struct<a: long, b: array<string>>", for people.
  std::string text() const;

 private:
  std::variant<PrimitiveType, std::shared_ptr<const StructType>, std::shared_ptr<const ArrayType>,
               std::shared_ptr<const MapType>>
      type_;
};

struct Field {
  std::string name;
  DataType type;
  bool nullable = true;
  // Raw JSON text of each metadata value, by key: {"delta.columnMapping.id": "3"}.
  std::map<std::string, std::string> metadata = {};
  bool operator==(const Field&) const = default;
};

struct StructType {
  std::vector<Field> fields;
  bool operator==(const StructType&) const = default;
  // The field of that name (case-insensitive, as Delta does), or null.
  const Field* find(std::string_view name) const;
};

struct ArrayType {
  DataType element;
  bool contains_null = true;
  bool operator==(const ArrayType&) const = default;
};

struct MapType {
  DataType key;
  DataType value;
  bool value_contains_null = true;
  bool operator==(const MapType&) const = default;
};

using Schema = StructType;

// Reads and writes `schemaString`. Errors: kCorrupt (bad JSON), kInvalidInput (a type that is not
// known, named with its field). An empty text is the schema without columns.
Result<Schema> parse_schema(std::string_view json);
std::string to_json(const Schema& schema);

}  // namespace claimlake::delta
