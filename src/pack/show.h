#pragma once

#include <string>
#include <vector>

#include "pack/lineage_tree.h"
#include "pack/pack.h"

namespace claimlake::pack {

// What `claimlake model show` tells of a model. Points into the pack.
struct ModelDetail {
  const Model* model = nullptr;
  std::vector<ColumnDoc> added;      // columns that the program adds
  LineageNode lineage;               // down to the raw files
  std::vector<std::string> readers;  // models that read this one
};

// Errors: kNotFound if there is no such model; says which name is near.
Result<ModelDetail> model_detail(const Pack& pack, std::string_view name);

// The same for people, lines of text: description, header, columns with type, formula and unit,
// rules, and the lineage as a tree.
std::string model_text(const ModelDetail& detail);

}  // namespace claimlake::pack
