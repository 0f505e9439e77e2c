#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace claimlake {

// How many characters (code points) `text` has, which is UTF-8: what contracts and forms count.
inline std::size_t characters_count(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

}  // namespace claimlake
