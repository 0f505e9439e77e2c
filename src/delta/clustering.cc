#include "delta/clustering.h"

#include <simdjson.h>

#include "delta/json_writer.h"

namespace claimlake::delta {
namespace {

Error damaged(std::string_view configuration) {
  return {Fault::kCorrupt,
          "the metadata domain delta.clustering does not name columns: " +
              std::string(configuration.substr(0, 200)),
          "", "ALTER TABLE ... CLUSTER BY (column, ...) writes it anew"};
}

}  // namespace

Result<std::vector<FieldPath>> parse_clustering(std::string_view configuration) {
  simdjson::dom::parser parser;
  simdjson::dom::array columns;
  const simdjson::padded_string text(configuration);
  if (parser.parse(text)["clusteringColumns"].get(columns)) return damaged(configuration);
  std::vector<FieldPath> out;
  for (const simdjson::dom::element column : columns) {
    FieldPath& path = out.emplace_back();
    std::string_view name;
    if (!column.get(name)) {
      path.emplace_back(name);
      continue;
    }
    simdjson::dom::array names;
    if (column.get(names)) return damaged(configuration);
    for (const simdjson::dom::element part : names) {
      if (part.get(name)) return damaged(configuration);
      path.emplace_back(name);
    }
    if (path.empty()) return damaged(configuration);
  }
  return out;
}

DomainMetadata clustering_domain(const std::vector<FieldPath>& in_files) {
  DomainMetadata out{std::string(kClusteringDomain), ""};
  JsonWriter json(out.configuration);
  json.open_object().key("clusteringColumns").open_array();
  for (const FieldPath& path : in_files) json.texts(path);
  json.close_array().key("domainName").text(kClusteringDomain).close_object();
  return out;
}

}  // namespace claimlake::delta
