#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace claimlake {

void check_failed(const char* file, int line, const char* condition, std::string_view what) {
  std::fprintf(stderr, "claimlake: bug at %s:%d: %s is false: %.*s\n", file, line, condition,
               static_cast<int>(what.size()), what.data());
  std::fflush(stderr);
  std::abort();
}

}  // namespace claimlake
