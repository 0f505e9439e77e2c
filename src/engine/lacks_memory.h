#pragma once

#include <string_view>

#include "base/result.h"

namespace claimlake::engine {

// How the error of a query begins that needs more memory than all sessions together may use.
inline constexpr std::string_view kLacksMemory = "The query needs more memory than it may use";

// Whether `error` is one that less work at once would not give.
inline bool lacks_memory(const Error& error) {
  return error.fault == Fault::kUnavailable &&
         error.message.find(kLacksMemory) != std::string::npos;
}

}  // namespace claimlake::engine
