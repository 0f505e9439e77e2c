#include "check/table_schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"

namespace claimlake::check {
namespace {

constexpr std::string_view kIdKey = "delta.columnMapping.id";
constexpr std::string_view kNameKey = "delta.columnMapping.physicalName";
constexpr std::array kSimpleTypes = {"string",  "long",   "integer",   "short",         "byte",
                                     "float",   "double", "boolean",   "binary",        "date",
                                     "variant", "void",   "timestamp", "timestamp_ntz", "null"};

bool is_simple_type(const std::string& type) {
  return std::ranges::find(kSimpleTypes, type) != kSimpleTypes.end() ||
         type.starts_with("decimal") || type.starts_with("geo") || type.starts_with("interval") ||
         type.starts_with("string collate");
}

// The metadata of a column that stands for a feature.
constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kFeatureKeys = {
    {{"delta.generationExpression", "generatedColumns"},
     {"delta.invariants", "invariants"},
     {"delta.identity.start", "identityColumns"},
     {"CURRENT_DEFAULT", "allowColumnDefaults"},
     {"delta.typeChanges", "typeWidening"}}};

class SchemaReader {
 public:
  SchemaReader(TableSchema& out, bool mapped, const std::string& where, Findings& findings)
      : out_(out), mapped_(mapped), where_(where), findings_(findings) {}

  void structure(const Json& type, const Leaf& above, bool in_leaf_place) {
    const Json* fields = member(type, "fields");
    if (fields == nullptr || !fields->is_array()) return broken("a struct has no 'fields'");
    std::set<std::string> names;
    std::set<std::string> physical_names;
    for (const Json& one : *fields) field(one, above, in_leaf_place, names, physical_names);
  }

  std::int64_t max_id() const { return max_id_; }
  bool broken_anywhere() const { return broken_; }

 private:
  void broken(const std::string& what) {
    broken_ = true;
    findings_.add(Rule::kSchemaJson, where_, what);
  }

  void field(const Json& one, const Leaf& above, bool in_leaf_place, std::set<std::string>& names,
             std::set<std::string>& physical_names) {
    const auto name = text_of(one, "name");
    const Json* type = member(one, "type");
    if (!name || type == nullptr || !flag_of(one, "nullable")) {
      return broken("a column lacks its 'name', 'type' or 'nullable'");
    }
    if (!names.insert(to_lower(*name)).second) {
      findings_.add(Rule::kSchemaColumnTwice, where_, fmt::format("the column '{}' twice", *name));
    }
    Leaf here = above;
    here.nullable = above.nullable || *flag_of(one, "nullable");
    const Json* metadata = member(one, "metadata");
    here.names.push_back(mapped_ ? map(metadata, *name, here, physical_names) : *name);
    if (metadata != nullptr) {
      for (const auto& [key, feature] : kFeatureKeys) {
        if (member(*metadata, key) != nullptr) out_.features.emplace(feature);
      }
    }
    value(*type, here, in_leaf_place);
  }

  // The physical name of a column; notes its id.
  std::string map(const Json* metadata, const std::string& name, Leaf& here,
                  std::set<std::string>& physical_names) {
    const auto id = metadata == nullptr ? std::nullopt : number_of(*metadata, kIdKey);
    const auto physical = metadata == nullptr ? std::nullopt : text_of(*metadata, kNameKey);
    if (!id) {
      findings_.add(Rule::kColumnMappingId, where_, fmt::format("'{}' has no id", name));
    } else if (!ids_.insert(*id).second) {
      findings_.add(Rule::kColumnMappingId, where_,
                    fmt::format("'{}' has the id {} of another column", name, *id));
    }
    if (!physical) {
      findings_.add(Rule::kColumnMappingName, where_, fmt::format("'{}' has none", name));
    } else if (!physical_names.insert(*physical).second) {
      findings_.add(
          Rule::kColumnMappingName, where_,
          fmt::format("'{}' has the physical name of another column: {}", name, *physical));
    }
    here.ids.push_back(id.value_or(-1));
    max_id_ = std::max(max_id_, id.value_or(0));
    return physical.value_or(name);
  }

  void value(const Json& type, const Leaf& here, bool in_leaf_place) {
    if (type.is_string()) return simple(type.get<std::string>(), here, in_leaf_place);
    const auto kind = text_of(type, "type");
    const auto inner = [&](std::string_view key) {
      const Json* element = member(type, key);
      if (element == nullptr) return broken(fmt::format("an array or map has no '{}'", key));
      value(*element, here, false);
    };
    if (kind == "struct") return structure(type, here, in_leaf_place);
    if (kind == "array") return inner("elementType");
    if (kind == "map") {
      inner("keyType");
      return inner("valueType");
    }
    broken(fmt::format("the type of '{}' is none of the protocol", here.names.back()));
  }

  void simple(const std::string& type, const Leaf& here, bool in_leaf_place) {
    if (!is_simple_type(type)) {
      return broken(fmt::format("'{}' has the type '{}'", here.names.back(), type));
    }
    if (type == "timestamp_ntz") out_.features.insert("timestampNtz");
    if (type == "variant") out_.features.insert("variantType");
    if (!in_leaf_place) return;
    out_.leaves.push_back(here);
    out_.leaves.back().type = type;
  }

  TableSchema& out_;
  const bool mapped_;
  const std::string& where_;
  Findings& findings_;
  std::set<std::int64_t> ids_;
  std::int64_t max_id_ = 0;
  bool broken_ = false;
};

// The columns of the top level by display name, each with its name in partitionValues and type.
void read_partition_columns(const Json& metadata, const Json& schema, bool mapped,
                            const std::string& where, Findings& findings, TableSchema& out) {
  for (const Json& one : *member(metadata, "partitionColumns")) {
    const auto name = one.get<std::string>();
    const Json* found = nullptr;
    for (const Json& field : *member(schema, "fields")) {
      if (to_lower(text_of(field, "name").value_or("")) == to_lower(name)) found = &field;
    }
    const Json* type = found == nullptr ? nullptr : member(*found, "type");
    if (type == nullptr || !type->is_string()) {
      findings.add(Rule::kPartitionColumn, where,
                   fmt::format("'{}' is {}", name,
                               type == nullptr ? "no column of the schema" : "no simple type"));
      continue;
    }
    const Json* extra = member(*found, "metadata");
    const auto physical = mapped && extra != nullptr ? text_of(*extra, kNameKey) : std::nullopt;
    if (!out.partition_types.emplace(physical.value_or(name), type->get<std::string>()).second) {
      findings.add(Rule::kPartitionColumn, where, fmt::format("'{}' is named twice", name));
    }
  }
}

void check_max_id(const Json& metadata, std::int64_t max_id, const std::string& where,
                  Findings& findings) {
  const std::string text = property(metadata, "delta.columnMapping.maxColumnId");
  const auto stated = whole_number(text);
  if (stated && *stated >= max_id) return;
  findings.add(Rule::kColumnMappingId, where,
               fmt::format("delta.columnMapping.maxColumnId is '{}', and a column has the id {}",
                           text, max_id));
}

}  // namespace

std::string property(const Json& metadata, std::string_view key) {
  const Json* configuration = member(metadata, "configuration");
  return configuration == nullptr ? "" : text_of(*configuration, key).value_or("");
}

TableSchema read_schema(const Json& metadata, const std::string& where, Findings& findings) {
  TableSchema out;
  const std::string mode = to_lower(property(metadata, "delta.columnMapping.mode"));
  const bool mapped = mode == "name" || mode == "id";
  out.by_id = mode == "id";
  const auto text = text_of(metadata, "schemaString").value_or("");
  const auto schema = parse_json(text);
  if (!schema || text_of(*schema, "type") != "struct" || member(*schema, "fields") == nullptr) {
    // A table that is only being made may have no columns yet.
    if (!text.empty()) findings.add(Rule::kSchemaJson, where, "schemaString is no struct in JSON");
    return out;
  }
  SchemaReader reader(out, mapped, where, findings);
  reader.structure(*schema, Leaf{.nullable = false}, true);
  if (reader.broken_anywhere()) return out;
  out.is_whole = true;
  read_partition_columns(metadata, *schema, mapped, where, findings, out);
  if (mapped) check_max_id(metadata, reader.max_id(), where, findings);
  return out;
}

}  // namespace claimlake::check
