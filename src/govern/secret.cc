#include "govern/secret.h"

#include <sodium.h>

#include <array>
#include <cstdint>

#include "base/check.h"

namespace claimlake::govern {
namespace {

constexpr std::string_view kBase32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::size_t kSecretBytes = 32;
constexpr std::size_t kRecoveryBytes = 10;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string hex_of(const unsigned char* bytes, std::size_t count) {
  std::string text(count * 2 + 1, '\0');
  sodium_bin2hex(text.data(), text.size(), bytes, count);
  text.pop_back();
  return text;
}

std::string grouped(std::string_view letters) {
  std::string text;
  for (std::size_t i = 0; i < letters.size(); ++i) {
    if (i > 0 && i % 4 == 0) text += '-';
    text += letters[i];
  }
  return text;
}

}  // namespace

std::string random_bytes(Random& random, std::size_t count) {
  std::string bytes;
  while (bytes.size() < count) {
    std::uint64_t bits = random.next();
    for (int i = 0; i < 8 && bytes.size() < count; ++i, bits >>= 8) {
      bytes += static_cast<char>(bits & 0xff);
    }
  }
  return bytes;
}

std::string new_secret(Random& random) {
  const std::string bytes = random_bytes(random, kSecretBytes);
  constexpr int kVariant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
  std::string text(sodium_base64_ENCODED_LEN(kSecretBytes, kVariant), '\0');
  sodium_bin2base64(text.data(), text.size(), bytes_of(bytes), bytes.size(), kVariant);
  text.pop_back();
  return text;
}

std::string new_recovery_code(Random& random) {
  return grouped(to_base32(random_bytes(random, kRecoveryBytes)));
}

std::string as_recovery_code(std::string_view typed) {
  std::string letters;
  for (const char c : typed) {
    if (c == '-' || c == ' ') continue;
    letters += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return grouped(letters);
}

std::string digest_of(std::string_view secret) {
  std::array<unsigned char, crypto_hash_sha256_BYTES> digest{};
  crypto_hash_sha256(digest.data(), bytes_of(secret), secret.size());
  return hex_of(digest.data(), digest.size());
}

std::string csrf_token_of(std::string_view session_id) {
  static constexpr std::string_view kPurpose = "claimlake csrf 1";
  // The key may be of 16 to 64 bytes: a digest of the id, so that any length will do.
  std::array<unsigned char, crypto_hash_sha256_BYTES> key{};
  crypto_hash_sha256(key.data(), bytes_of(session_id), session_id.size());
  std::array<unsigned char, 24> token{};
  const int made = crypto_generichash(token.data(), token.size(), bytes_of(kPurpose),
                                      kPurpose.size(), key.data(), key.size());
  CHECK(made == 0, "BLAKE2b refused a key of a fixed size");
  return hex_of(token.data(), token.size());
}

bool same_secret(std::string_view a, std::string_view b) {
  return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string to_base32(std::string_view bytes) {
  std::string text;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char byte : bytes) {
    bits = (bits << 8) | static_cast<unsigned char>(byte);
    for (count += 8; count >= 5; count -= 5) text += kBase32[(bits >> (count - 5)) & 31];
  }
  if (count > 0) text += kBase32[(bits << (5 - count)) & 31];
  return text;
}

Result<std::string> from_base32(std::string_view text) {
  std::string bytes;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const auto at = kBase32.find(c);
    if (at == std::string_view::npos) {
      return Error{Fault::kInvalidInput, "a text that should be base32 is not"};
    }
    bits = (bits << 5) | static_cast<std::uint32_t>(at);
    count += 5;
    if (count >= 8) {
      count -= 8;
      bytes += static_cast<char>((bits >> count) & 0xff);
    }
  }
  return bytes;
}

}  // namespace claimlake::govern
