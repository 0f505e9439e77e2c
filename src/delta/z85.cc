#include "delta/z85.h"

#include <array>
#include <cstdint>

namespace claimlake::delta {
namespace {

constexpr std::string_view kAlphabet =
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";
static_assert(kAlphabet.size() == 85);

constexpr std::array<std::int8_t, 256> make_digits() {
  std::array<std::int8_t, 256> digits{};
  for (auto& digit : digits) digit = -1;
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
    digits[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::int8_t>(i);
  }
  return digits;
}
constexpr std::array<std::int8_t, 256> kDigits = make_digits();

}  // namespace

std::string z85_encode(std::string_view bytes) {
  std::string out;
  out.reserve((bytes.size() + 3) / 4 * 5);
  for (std::size_t i = 0; i < bytes.size(); i += 4) {
    std::uint32_t word = 0;
    for (std::size_t k = 0; k < 4; ++k) {
      const auto byte = i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0u;
      word = word << 8 | byte;
    }
    std::array<char, 5> group{};
    for (std::size_t k = 5; k-- > 0; word /= 85) group[k] = kAlphabet[word % 85];
    out.append(group.data(), group.size());
  }
  return out;
}

std::optional<std::string> z85_decode(std::string_view text) {
  if (text.size() % 5 != 0) return std::nullopt;
  std::string out;
  out.reserve(text.size() / 5 * 4);
  for (std::size_t i = 0; i < text.size(); i += 5) {
    std::uint64_t word = 0;
    for (std::size_t k = 0; k < 5; ++k) {
      const auto digit = kDigits[static_cast<unsigned char>(text[i + k])];
      if (digit < 0) return std::nullopt;
      word = word * 85 + static_cast<std::uint64_t>(digit);
    }
    if (word > 0xffff'ffffu) return std::nullopt;
    for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(word >> shift & 0xff);
  }
  return out;
}

}  // namespace claimlake::delta
