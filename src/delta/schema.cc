#include "delta/schema.h"

#include "base/text.h"

namespace claimlake::delta {

DataType::DataType(StructType type) : type_(std::make_shared<const StructType>(std::move(type))) {}
DataType::DataType(ArrayType type) : type_(std::make_shared<const ArrayType>(std::move(type))) {}
DataType::DataType(MapType type) : type_(std::make_shared<const MapType>(std::move(type))) {}

const StructType* DataType::as_struct() const {
  const auto* held = std::get_if<std::shared_ptr<const StructType>>(&type_);
  return held == nullptr ? nullptr : held->get();
}

const ArrayType* DataType::as_array() const {
  const auto* held = std::get_if<std::shared_ptr<const ArrayType>>(&type_);
  return held == nullptr ? nullptr : held->get();
}

const MapType* DataType::as_map() const {
  const auto* held = std::get_if<std::shared_ptr<const MapType>>(&type_);
  return held == nullptr ? nullptr : held->get();
}

bool DataType::operator==(const DataType& other) const {
  if (type_.index() != other.type_.index()) return false;
  if (const auto* type = primitive()) return *type == *other.primitive();
  if (const auto* type = as_struct()) return *type == *other.as_struct();
  if (const auto* type = as_array()) return *type == *other.as_array();
  return *as_map() == *other.as_map();
}

std::string DataType::text() const {
  if (const auto* type = primitive()) return type->name;
  if (const auto* type = as_array()) return "array<" + type->element.text() + ">";
  if (const auto* type = as_map()) {
    return "map<" + type->key.text() + ", " + type->value.text() + ">";
  }
  std::string out = "struct<";
  for (const Field& field : as_struct()->fields) {
    if (out.back() != '<') out += ", ";
    out += field.name + ": " + field.type.text();
  }
  return out + ">";
}

const Field* StructType::find(std::string_view name) const {
  const std::string wanted = to_lower(name);
  for (const Field& field : fields) {
    if (field.name.size() == wanted.size() && to_lower(field.name) == wanted) return &field;
  }
  return nullptr;
}

}  // namespace claimlake::delta
