#pragma once

#include <cstddef>
#include <functional>

#include "store/store.h"

namespace claimlake::store {

// How many requests that do not depend on each other are worth sending at once: a distant store
// answers them side by side.
inline constexpr std::size_t kMostRequests = 16;
inline std::size_t requests_at_once(const Store& store) {
  return store.distant() ? kMostRequests : 1;
}

// Calls `work` with 0 to count - 1, on `at_once` threads, this one among them. After an error no
// more is begun. Returns the error with the least number, if there is one.
Done for_each_at_once(std::size_t at_once, std::size_t count,
                      const std::function<Done(std::size_t)>& work);

}  // namespace claimlake::store
