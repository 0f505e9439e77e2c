#pragma once

#include <string_view>

namespace claimlake {

// Logs `what` with the place and ends the process. For bugs, never for input.
[[noreturn]] void check_failed(const char* file, int line, const char* condition,
                               std::string_view what);

}  // namespace claimlake

// Ends the process if `condition` is false: the caller has a bug.
#define CHECK(condition, what)                                                         \
  do {                                                                                 \
    if (!(condition)) ::claimlake::check_failed(__FILE__, __LINE__, #condition, what); \
  } while (false)
