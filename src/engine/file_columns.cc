#include "engine/file_columns.h"

#include <algorithm>
#include <duckdb/parser/expression/constant_expression.hpp>

#include "base/text.h"

namespace claimlake::engine {
namespace {

using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using duckdb::MultiFileColumnDefinition;
using duckdb::Value;
using Columns = duckdb::vector<MultiFileColumnDefinition>;

bool has_id(const MultiFileColumnDefinition& column) {
  return column.identifier.type().id() == LogicalTypeId::INTEGER && !column.identifier.IsNull();
}

// The column of that name, looked for first at `guess`; case counts only if there are two.
MultiFileColumnDefinition* find_name(Columns& columns, const std::string& name, std::size_t guess) {
  if (guess < columns.size() && columns[guess].name == name) return &columns[guess];
  for (auto& column : columns) {
    if (column.name == name) return &column;
  }
  const std::string lower = to_lower(name);
  for (auto& column : columns) {
    if (column.name.size() == lower.size() && to_lower(column.name) == lower) return &column;
  }
  return nullptr;
}

MultiFileColumnDefinition* find_id(Columns& columns, std::int32_t id, std::size_t guess) {
  const auto is = [id](const MultiFileColumnDefinition& column) {
    return has_id(column) && column.GetIdentifierFieldId() == id;
  };
  if (guess < columns.size() && is(columns[guess])) return &columns[guess];
  const auto found = std::find_if(columns.begin(), columns.end(), is);
  return found == columns.end() ? nullptr : &*found;
}

// Columns without any ids come from a writer that does not know them: names are all there is.
MultiFileColumnDefinition* find_column(delta::ColumnMapping mapping, const delta::Field& field,
                                       Columns& columns, std::size_t guess) {
  const auto id = delta::field_id(field);
  if (mapping == delta::ColumnMapping::kId && id &&
      std::any_of(columns.begin(), columns.end(), has_id)) {
    return find_id(columns, *id, guess);
  }
  return find_name(columns, delta::physical_name(field, mapping), guess);
}

std::string absent_name(Columns& columns) {
  std::string name = "absent";
  while (find_name(columns, name, 0) != nullptr) name += '_';
  return name;
}

MultiFileColumnDefinition definition(const std::string& name, const LogicalType& type) {
  MultiFileColumnDefinition out(name, type);
  out.identifier = Value(name);
  out.default_expression = duckdb::make_uniq<duckdb::ConstantExpression>(Value(type));
  return out;
}

bool holds_struct(const LogicalType& type) {
  switch (type.id()) {
    case LogicalTypeId::STRUCT:
      return true;
    case LogicalTypeId::LIST:
      return holds_struct(duckdb::ListType::GetChildType(type));
    case LogicalTypeId::MAP:
      return holds_struct(duckdb::MapType::KeyType(type)) ||
             holds_struct(duckdb::MapType::ValueType(type));
    default:
      return false;
  }
}

// Puts the parts of a column in their places. A column whose shape differs stays without parts:
// DuckDB then casts it as a whole, or says that it cannot.
class PartPlacer {
 public:
  explicit PartPlacer(delta::ColumnMapping mapping) : mapping_(mapping) {}

  void place(const delta::DataType& type, MultiFileColumnDefinition& wanted,
             MultiFileColumnDefinition* found) const {
    if (const auto* fields = type.as_struct()) {
      place_fields(*fields, wanted, found);
    } else if (!holds_struct(wanted.type)) {
      return;  // a list or a map of plain values is cast as a whole
    } else if (const auto* array = type.as_array()) {
      place_list(*array, wanted, found);
    } else if (const auto* map = type.as_map()) {
      place_map(*map, wanted, found);
    }
  }

 private:
  void place_fields(const delta::StructType& type, MultiFileColumnDefinition& wanted,
                    MultiFileColumnDefinition* found) const {
    if (found != nullptr && found->type.id() != LogicalTypeId::STRUCT) return;
    const auto& children = duckdb::StructType::GetChildTypes(wanted.type);
    for (std::size_t i = 0; i < type.fields.size(); ++i) {
      const delta::Field& field = type.fields[i];
      auto child = definition(field.name, children[i].second);
      MultiFileColumnDefinition* part =
          found == nullptr ? nullptr : find_column(mapping_, field, found->children, i);
      if (part != nullptr) {
        child.identifier = Value(part->name);
      } else if (found != nullptr) {
        child.identifier = Value(absent_name(found->children));
      }
      place(field.type, child, part);
      wanted.children.push_back(std::move(child));
    }
  }

  void place_list(const delta::ArrayType& type, MultiFileColumnDefinition& wanted,
                  MultiFileColumnDefinition* found) const {
    if (found != nullptr && found->type.id() != LogicalTypeId::LIST) return;
    MultiFileColumnDefinition* part = found == nullptr ? nullptr : &found->children.at(0);
    if (part != nullptr) part->name = "list";
    auto child = definition("list", duckdb::ListType::GetChildType(wanted.type));
    place(type.element, child, part);
    wanted.children.push_back(std::move(child));
  }

  void place_map(const delta::MapType& type, MultiFileColumnDefinition& wanted,
                 MultiFileColumnDefinition* found) const {
    if (found != nullptr && found->type.id() != LogicalTypeId::MAP) return;
    Columns* parts = found == nullptr ? nullptr : &found->children.at(0).children;
    if (parts != nullptr) {
      found->children[0].name = "key_value";
      parts->at(0).name = "key";
      parts->at(1).name = "value";
    }
    auto key = definition("key", duckdb::MapType::KeyType(wanted.type));
    auto value = definition("value", duckdb::MapType::ValueType(wanted.type));
    place(type.key, key, parts == nullptr ? nullptr : &(*parts)[0]);
    place(type.value, value, parts == nullptr ? nullptr : &(*parts)[1]);
    wanted.children.push_back(std::move(key));
    wanted.children.push_back(std::move(value));
  }

  const delta::ColumnMapping mapping_;
};

}  // namespace

FileColumns::FileColumns(delta::ColumnMapping mapping, Columns& columns)
    : mapping_(mapping), columns_(columns) {}

FileColumns::Place FileColumns::find(const delta::Field& field, const LogicalType& type) {
  MultiFileColumnDefinition* found = find_column(mapping_, field, columns_, next_);
  Place place{definition(field.name, type), found};
  if (found != nullptr) {
    next_ = static_cast<std::size_t>(found - columns_.data()) + 1;
    place.wanted.identifier = Value(found->name);
  } else {
    place.wanted.identifier = Value(absent_name(columns_));
  }
  PartPlacer(mapping_).place(field.type, place.wanted, found);
  return place;
}

}  // namespace claimlake::engine
