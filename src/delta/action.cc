#include "delta/action.h"

namespace claimlake::delta {

std::string DeletionVector::unique_id() const {
  std::string id = storage_type + path_or_inline;
  if (offset) id += "@" + std::to_string(*offset);
  return id;
}

}  // namespace claimlake::delta
