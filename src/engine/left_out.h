#pragma once

#include <cstdint>
#include <string>

namespace claimlake::engine {

// Files that a scan did not read, and the reason, for people: "statistics of id".
struct LeftOut {
  std::string why;
  std::int64_t files = 0;
};

}  // namespace claimlake::engine
