#include "serve/digest.h"

#include <fmt/format.h>

namespace claimlake::serve {

void Digest::add(std::string_view text) {
  const auto mix = [&](unsigned char byte) {
    state_ ^= byte;
    state_ *= 0x100000001b3;
  };
  for (const char c : text) mix(static_cast<unsigned char>(c));
  mix(0xff);  // not a byte of UTF-8, so it ends a text
}

std::string Digest::hex() const { return fmt::format("{:016x}", state_); }

}  // namespace claimlake::serve
