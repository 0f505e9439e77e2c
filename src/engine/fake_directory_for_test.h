#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/text.h"
#include "engine/table_directory.h"

namespace claimlake::engine {

// Tables by "schema.name", each with its versions in order.
class FakeDirectory final : public TableDirectory {
 public:
  std::map<std::string, std::vector<TableVersion>> versions;
  std::map<std::string, std::map<std::string, ViewDefinition>> view_map;
  std::map<std::string, std::map<std::string, FunctionDefinition>> function_map;

  std::vector<std::string> schemas() override { return {"bronze", "silver", "gold"}; }
  std::vector<std::string> tables(std::string_view schema) override {
    std::vector<std::string> names;
    for (const auto& [name, list] : versions) {
      const auto parts = split(name, '.');
      if (parts[0] == schema) names.push_back(parts[1]);
    }
    return names;
  }
  Result<TableVersion> table(std::string_view schema, std::string_view name,
                             const At& at) override {
    const std::string full = std::string(schema) + "." + std::string(name);
    const auto found = versions.find(full);
    if (found == versions.end()) return Error{Fault::kNotFound, "No table " + full};
    const TableVersion* best = nullptr;
    for (const TableVersion& version : found->second) {
      if (at.version && version.snapshot->version() != *at.version) continue;
      if (at.timestamp && version.snapshot->timestamp() > *at.timestamp) continue;
      best = &version;
    }
    if (!best) return Error{Fault::kNotFound, "No such version of " + full};
    return *best;
  }
  Result<TableChanges> changes(std::string_view, std::string_view, const At&, const At&) override {
    return Error{Fault::kInvalidInput, "These tables are made by hand and have no log"};
  }
  Result<TableChanges> difference(std::string_view schema, std::string_view name, const At& from,
                                  const At& to) override {
    return changes(schema, name, from, to);
  }
  std::map<std::string, ViewDefinition> views(std::string_view schema) override {
    return view_map[std::string(schema)];
  }
  std::map<std::string, FunctionDefinition> functions(std::string_view schema) override {
    return function_map[std::string(schema)];
  }
};

}  // namespace claimlake::engine
