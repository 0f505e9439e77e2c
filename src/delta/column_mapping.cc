#include "delta/column_mapping.h"

#include <simdjson.h>

#include <algorithm>

#include "base/text.h"
#include "delta/clustering.h"
#include "delta/features.h"
#include "delta/json_writer.h"
#include "delta/properties.h"

namespace claimlake::delta {
namespace {

constexpr const char* kId = "delta.columnMapping.id";
constexpr const char* kPhysicalName = "delta.columnMapping.physicalName";

// A copy of a type in which `change` was done to each field, the outer ones first.
template <class Change>
DataType changed(const DataType& type, const Change& change);
template <class Change>
StructType changed(StructType type, const Change& change) {
  for (Field& field : type.fields) {
    change(field);
    field.type = changed(field.type, change);
  }
  return type;
}
template <class Change>
DataType changed(const DataType& type, const Change& change) {
  if (const auto* inner = type.as_struct()) return changed(*inner, change);
  if (const auto* array = type.as_array()) {
    return ArrayType{changed(array->element, change), array->contains_null};
  }
  if (const auto* map = type.as_map()) {
    return MapType{changed(map->key, change), changed(map->value, change),
                   map->value_contains_null};
  }
  return type;
}

std::int32_t greatest_id(const Schema& schema) {
  std::int32_t greatest = 0;
  (void)changed(schema, [&](const Field& field) {
    greatest = std::max(greatest, field_id(field).value_or(0));
  });
  return greatest;
}

std::optional<std::int32_t> as_id(std::string_view text) {
  const auto id = whole_number(text);
  if (!id || *id != static_cast<std::int32_t>(*id)) return std::nullopt;
  return static_cast<std::int32_t>(*id);
}

std::int32_t kept_max_id(const Metadata& metadata) {
  const auto found = metadata.configuration.find(kMaxColumnId);
  if (found == metadata.configuration.end()) return 0;
  return as_id(found->second).value_or(0);
}

// Maps rows like the table that they are for.
class LikeTable {
 public:
  LikeTable(std::int32_t& max_id, Random& random) : max_id_(max_id), random_(random) {}

  // What the table has is mapped as there, or not at all. A field of another type is another field:
  // files that have the old one are in older versions.
  StructType fields(StructType rows, const StructType& table) {
    for (Field& field : rows.fields) {
      const Field* known = table.find(field.name);
      const bool other =
          known != nullptr && known->type.primitive() != nullptr && !(known->type == field.type);
      if (known == nullptr || other) {
        Schema added{{field}};
        map_columns(added, max_id_, &random_);
        field = added.fields[0];
        continue;
      }
      for (const char* key : {kId, kPhysicalName}) {
        const auto found = known->metadata.find(key);
        if (found != known->metadata.end()) field.metadata[key] = found->second;
      }
      field.type = type(field.type, known->type);
    }
    return rows;
  }

 private:
  DataType type(const DataType& rows, const DataType& table) {
    if (rows.as_struct() != nullptr && table.as_struct() != nullptr) {
      return fields(*rows.as_struct(), *table.as_struct());
    }
    if (rows.as_array() != nullptr && table.as_array() != nullptr) {
      return ArrayType{type(rows.as_array()->element, table.as_array()->element),
                       rows.as_array()->contains_null};
    }
    if (rows.as_map() != nullptr && table.as_map() != nullptr) {
      return MapType{type(rows.as_map()->key, table.as_map()->key),
                     type(rows.as_map()->value, table.as_map()->value),
                     rows.as_map()->value_contains_null};
    }
    Schema part{{Field{"", rows}}};  // of another shape: the fields in it are new
    map_columns(part, max_id_, &random_);
    return part.fields[0].type;
  }

  std::int32_t& max_id_;
  Random& random_;
};

}  // namespace

ColumnMapping asked_mapping(const std::map<std::string, std::string>& properties) {
  const std::string mode = read_properties(properties).column_mapping;
  if (mode == "name") return ColumnMapping::kName;
  return mode == "id" ? ColumnMapping::kId : ColumnMapping::kNone;
}

ColumnMapping column_mapping(const Protocol& protocol, const Metadata& metadata) {
  const auto& features = protocol.reader_features;
  const bool supported =
      protocol.min_reader_version == 2 ||
      std::find(features.begin(), features.end(), "columnMapping") != features.end();
  if (!supported) return ColumnMapping::kNone;
  return asked_mapping(metadata.configuration);
}

std::string physical_name(const Field& field, ColumnMapping mapping) {
  if (mapping == ColumnMapping::kNone) return field.name;
  const auto found = field.metadata.find(kPhysicalName);
  if (found == field.metadata.end()) return field.name;
  simdjson::dom::parser parser;
  simdjson::dom::element json;
  std::string_view name;
  if (parser.parse(found->second).get(json) || json.get(name)) return field.name;
  return std::string(name);
}

std::optional<std::int32_t> field_id(const Field& field) {
  const auto found = field.metadata.find(kId);
  if (found == field.metadata.end()) return std::nullopt;
  return as_id(found->second);
}

StoredColumns stored_columns(const Protocol& protocol, const Metadata& metadata,
                             const Schema& schema) {
  StoredColumns out{schema, column_mapping(protocol, metadata), 0};
  out.max_id = std::max(kept_max_id(metadata), greatest_id(schema));
  out.partition_columns = metadata.partition_columns;
  out.configuration = metadata.configuration;
  return out;
}

StoredColumns stored_columns(const Snapshot& table) {
  StoredColumns out = stored_columns(table.protocol(), table.metadata(), table.schema());
  const std::string* clustering = table.domain(kClusteringDomain);
  if (clustering == nullptr || !has_feature(table.protocol(), "clustering")) return out;
  // One that cannot be read stops the commit (commit.cc).
  if (auto columns = parse_clustering(*clustering)) out.clustering = *std::move(columns);
  return out;
}

Result<FieldPath> physical_path(const StoredColumns& columns, const FieldPath& path) {
  FieldPath out;
  for (std::size_t i = 1; i <= path.size(); ++i) {
    const FieldPath up_to(path.begin(), path.begin() + static_cast<std::ptrdiff_t>(i));
    TRY(const Field field, field_at(columns.schema, up_to));
    out.push_back(physical_name(field, columns.mapping));
  }
  return out;
}

std::optional<FieldPath> logical_path(const StoredColumns& columns, const FieldPath& in_files) {
  FieldPath out;
  const StructType* at = &columns.schema;
  for (const std::string& name : in_files) {
    if (at == nullptr) return std::nullopt;
    const auto field = std::find_if(at->fields.begin(), at->fields.end(), [&](const Field& other) {
      return physical_name(other, columns.mapping) == name;
    });
    if (field == at->fields.end()) return std::nullopt;
    out.push_back(field->name);
    at = field->type.as_struct();
  }
  return out;
}

void map_columns(Schema& schema, std::int32_t& max_id, Random* random) {
  schema = changed(std::move(schema), [&](Field& field) {
    if (!field_id(field)) field.metadata[kId] = std::to_string(++max_id);
    if (field.metadata.contains(kPhysicalName)) return;
    const std::string name = random == nullptr ? field.name : "col-" + uuid4(*random);
    field.metadata[kPhysicalName] = json_string(name);
  });
}

Schema mapped_like(Schema rows, StoredColumns& table, Random& random) {
  return LikeTable(table.max_id, random).fields(without_mapping(std::move(rows)), table.schema);
}

Schema without_mapping(Schema schema) {
  return changed(std::move(schema), [](Field& field) {
    field.metadata.erase(kId);
    field.metadata.erase(kPhysicalName);
  });
}

Done change_mapping(Metadata& metadata, const Metadata& before) {
  const std::string from = read_properties(before.configuration).column_mapping;
  const std::string to = read_properties(metadata.configuration).column_mapping;
  const auto kept = before.configuration.find(kMaxColumnId);
  const auto now = metadata.configuration.find(kMaxColumnId);
  const bool same_max = kept == before.configuration.end()
                            ? now == metadata.configuration.end()
                            : now != metadata.configuration.end() && now->second == kept->second;
  if (!same_max) {
    return Error{Fault::kInvalidInput,
                 std::string("table property ") + kMaxColumnId + " is counted by the table itself",
                 "", "leave it out"};
  }
  if (from == to) return done();
  if (from == "none" && to == "name") {
    TRY(Schema schema, parse_schema(metadata.schema_json));
    std::int32_t max_id = kept_max_id(metadata);
    schema = without_mapping(std::move(schema));
    map_columns(schema, max_id, nullptr);
    set_schema(metadata, schema);
    return done();
  }
  if (to == "none") {
    return Error{Fault::kInvalidInput,
                 "the files of the table have other names for its columns than the table, so the "
                 "mapping cannot be turned off by a property",
                 "", "write ALTER TABLE ... DROP FEATURE columnMapping: it writes the files anew"};
  }
  return Error{Fault::kInvalidInput,
               std::string("table property ") + kColumnMappingMode + " cannot become '" + to +
                   "': it is '" + from + "', and the files that are there do not fit",
               "",
               from == "none" ? "use 'name', or make a new table with 'id'"
                              : "leave it; both modes allow the same changes"};
}

void set_schema(Metadata& metadata, const Schema& schema) {
  metadata.schema_json = to_json(schema);
  const std::int32_t max_id = std::max(kept_max_id(metadata), greatest_id(schema));
  if (max_id > 0) metadata.configuration[kMaxColumnId] = std::to_string(max_id);
}

std::vector<std::string> physical_names(const std::vector<std::string>& columns,
                                        const Schema& schema, ColumnMapping mapping) {
  std::vector<std::string> out;
  for (const std::string& column : columns) {
    const Field* field = schema.find(column);
    out.push_back(field == nullptr ? column : physical_name(*field, mapping));
  }
  return out;
}

}  // namespace claimlake::delta
