#include "delta/column_mapping.h"

#include <simdjson.h>

#include <algorithm>
#include <charconv>

#include "delta/properties.h"

namespace claimlake::delta {

ColumnMapping column_mapping(const Protocol& protocol, const Metadata& metadata) {
  const auto& features = protocol.reader_features;
  const bool supported =
      protocol.min_reader_version == 2 ||
      std::find(features.begin(), features.end(), "columnMapping") != features.end();
  if (!supported) return ColumnMapping::kNone;
  const std::string mode = read_properties(metadata.configuration).column_mapping;
  if (mode == "name") return ColumnMapping::kName;
  return mode == "id" ? ColumnMapping::kId : ColumnMapping::kNone;
}

std::string physical_name(const Field& field, ColumnMapping mapping) {
  if (mapping == ColumnMapping::kNone) return field.name;
  const auto found = field.metadata.find("delta.columnMapping.physicalName");
  if (found == field.metadata.end()) return field.name;
  simdjson::dom::parser parser;
  simdjson::dom::element json;
  std::string_view name;
  if (parser.parse(found->second).get(json) || json.get(name)) return field.name;
  return std::string(name);
}

std::optional<std::int32_t> field_id(const Field& field) {
  const auto found = field.metadata.find("delta.columnMapping.id");
  if (found == field.metadata.end()) return std::nullopt;
  const std::string& text = found->second;
  std::int32_t id = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), id);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size()) return std::nullopt;
  return id;
}

}  // namespace claimlake::delta
