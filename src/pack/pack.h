#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/engine.h"
#include "pack/model.h"
#include "pack/source.h"

namespace claimlake::pack {

// How the tables of one refresh are published (docs/decisions/0012).
enum class Publish {
  kEach,      // each for itself, as soon as it is audited
  kTogether,  // when all of them are audited; none if one is refused or fails
};

// A pack: the folder of one line of business, read, bound and in order.
struct Pack {
  std::string name;
  std::string title;
  std::string description;
  std::string owner;
  std::string time_zone;  // IANA
  Publish publish = Publish::kEach;
  std::string folder;
  std::vector<Source> sources;  // by name
  // In dependency order: what a model reads stands before it; among equals by layer, then name.
  std::vector<Model> models;

  const Model* model(std::string_view model_name) const;     // "gold.customer_360_view", or null
  const Source* source(std::string_view source_name) const;  // "claims", or null
  std::vector<std::string> model_names() const;
};

// Reads the pack in `folder` of the local disk. The SQL is bound in `engine` against the columns
// of what it reads, without any table. Errors: kNotFound (no pack.yml), kInvalidInput with
// file:line:column for everything that docs/formats/model.md and rules.md call an error.
Result<Pack> load_pack(const std::string& folder, engine::Engine& engine);

}  // namespace claimlake::pack
