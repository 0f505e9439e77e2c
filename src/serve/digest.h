#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace claimlake::serve {

// A short fingerprint of some texts, for cache keys and ETags. Not for secrets.
// FNV-1a, 64 bits: http://www.isthe.com/chongo/tech/comp/fnv/
class Digest {
 public:
  // "ab","c" and "a","bc" differ.
  void add(std::string_view text);
  std::string hex() const;  // 16 digits

 private:
  std::uint64_t state_ = 0xcbf29ce484222325;
};

}  // namespace claimlake::serve
