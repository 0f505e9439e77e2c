#include "pack/pack.h"

namespace claimlake::pack {

const Model* Pack::model(std::string_view model_name) const {
  for (const Model& model : models) {
    if (model.name == model_name) return &model;
  }
  return nullptr;
}

const Source* Pack::source(std::string_view source_name) const {
  for (const Source& source : sources) {
    if (source.name == source_name) return &source;
  }
  return nullptr;
}

std::vector<std::string> Pack::model_names() const {
  std::vector<std::string> names;
  for (const Model& model : models) names.push_back(model.name);
  return names;
}

}  // namespace claimlake::pack
