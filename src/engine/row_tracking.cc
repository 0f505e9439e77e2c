#include "engine/row_tracking.h"

#include <fmt/format.h>

namespace claimlake::engine {

std::string row_id_of(const std::string& t) {
  return fmt::format("coalesce({0}.{1}, {0}.{2} + {0}.file_row_number)", t, kRowIdKept, kRowIdBase);
}

std::string row_version_of(const std::string& t) {
  return fmt::format("coalesce({0}.{1}, {0}.{2})", t, kRowVersionKept, kRowVersionBase);
}

}  // namespace claimlake::engine
