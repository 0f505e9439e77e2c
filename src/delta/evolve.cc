#include "delta/evolve.h"

#include "base/text.h"

namespace claimlake::delta {
namespace {

Error refused(std::string message, std::string next) {
  return {Fault::kInvalidInput, std::move(message), "", std::move(next)};
}

class Merge {
 public:
  explicit Merge(bool add_columns) : add_columns_(add_columns) {}
  bool changed() const { return changed_; }

  Result<StructType> structs(const StructType& table, const StructType& rows,
                             const std::string& parent) {
    StructType out;
    for (const Field& field : table.fields) {
      const Field* given = rows.find(field.name);
      if (given == nullptr && !field.nullable) {
        return refused(
            "column " + parent + field.name + " must not be null, and the rows do not have it",
            "add the column to the query");
      }
      out.fields.push_back(field);
      if (given == nullptr) continue;
      TRY(out.fields.back().type, types(field.type, given->type, parent + field.name));
    }
    for (const Field& field : rows.fields) {
      if (table.find(field.name) != nullptr) continue;
      if (!add_columns_) return unknown(field, table, parent);
      Field added = field;
      added.nullable = true;
      out.fields.push_back(std::move(added));
      changed_ = true;
    }
    return out;
  }

 private:
  Result<DataType> types(const DataType& table, const DataType& rows, const std::string& path) {
    if (table.as_struct() != nullptr && rows.as_struct() != nullptr) {
      TRY(StructType merged, structs(*table.as_struct(), *rows.as_struct(), path + "."));
      return DataType(std::move(merged));
    }
    if (table.as_array() != nullptr && rows.as_array() != nullptr) {
      ArrayType merged = *table.as_array();
      TRY(merged.element, types(merged.element, rows.as_array()->element, path + ".element"));
      return DataType(std::move(merged));
    }
    if (table.as_map() != nullptr && rows.as_map() != nullptr) {
      MapType merged = *table.as_map();
      TRY(merged.key, types(merged.key, rows.as_map()->key, path + ".key"));
      TRY(merged.value, types(merged.value, rows.as_map()->value, path + ".value"));
      return DataType(std::move(merged));
    }
    if (table == rows) return table;
    return refused("column " + path + " has the type " + table.text() + " in the table and " +
                       rows.text() + " in the rows",
                   "cast the column in the query to " + table.text());
  }

  static Error unknown(const Field& field, const StructType& table, const std::string& parent) {
    std::vector<std::string> names;
    for (const Field& known : table.fields) names.push_back(known.name);
    const std::string near = nearest(field.name, names);
    return refused("the table has no column " + parent + field.name + " (" + field.type.text() +
                       "), which the rows have",
                   near.empty() ? "add the column on purpose, or leave it out of the query"
                                : "did you mean " + near + "?");
  }

  bool add_columns_;
  bool changed_ = false;
};

DataType with_new_fields(const DataType& table, const DataType& rows) {
  if (table.as_struct() != nullptr && rows.as_struct() != nullptr) {
    return delta::with_new_fields(*table.as_struct(), *rows.as_struct());
  }
  if (table.as_array() != nullptr && rows.as_array() != nullptr) {
    return ArrayType{with_new_fields(table.as_array()->element, rows.as_array()->element),
                     table.as_array()->contains_null};
  }
  if (table.as_map() != nullptr && rows.as_map() != nullptr) {
    return MapType{table.as_map()->key,
                   with_new_fields(table.as_map()->value, rows.as_map()->value),
                   table.as_map()->value_contains_null};
  }
  return table;
}

}  // namespace

Schema with_new_fields(const Schema& table, const Schema& rows) {
  Schema out = table;
  for (Field& field : out.fields) {
    const Field* given = rows.find(field.name);
    if (given != nullptr) field.type = with_new_fields(field.type, given->type);
  }
  for (const Field& field : rows.fields) {
    if (table.find(field.name) != nullptr) continue;
    out.fields.push_back(field);
    out.fields.back().nullable = true;
  }
  return out;
}

Result<std::optional<Schema>> merge_for_append(const Schema& table, const Schema& rows,
                                               bool add_columns) {
  Merge merge(add_columns);
  TRY(Schema merged, merge.structs(table, rows, ""));
  if (!merge.changed()) return std::optional<Schema>();
  return std::optional<Schema>(std::move(merged));
}

}  // namespace claimlake::delta
